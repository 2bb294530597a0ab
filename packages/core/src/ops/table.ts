/**
 * Every op of the IR: its shape rule, its dtype where it is not float32, and its cost.
 * Its gradient is the entry of the same name in `autodiff/gradients.ts`; its lowering, in each executor's table.
 */
import {
  type Attrs,
  type Dim,
  type DType,
  GraphError,
  makeNode,
  type Node,
  type Shape,
} from '../graph/node.js';
import {
  broadcastShapes,
  convOutput,
  count,
  poolOutput,
  reduceShape,
  reshapeTo,
  same,
  sliceShape,
} from './shapes.js';

export interface OpSpec {
  /** Shape of the result from the shapes of the inputs; throws a `GraphError` on inputs that don't fit. */
  shape(inputs: readonly Node[], attrs: Attrs): Shape;
  /** `float32` unless given; a function where it follows the inputs. */
  dtype?: DType | ((inputs: readonly Node[], attrs: Attrs) => DType);
  /** Floating-point operations, with symbolic sizes as `sizes` says. Zero for ops that only move data. */
  flops(inputs: readonly Node[], output: Shape, attrs: Attrs, sizes: Record<string, number>): number;
}

const first = (inputs: readonly Node[]) => inputs[0].shape;
const sameDtype = (inputs: readonly Node[]) => inputs[0].dtype;
const perElement =
  (cost: number): OpSpec['flops'] =>
  (_inputs, output, _attrs, sizes) =>
    cost * count(output, sizes);
const perInputElement: OpSpec['flops'] = (inputs, _output, _attrs, sizes) => count(inputs[0].shape, sizes);
const free: OpSpec['flops'] = () => 0;

const unary = (cost: number): OpSpec => ({ shape: first, flops: perElement(cost) });
const binary: OpSpec = {
  shape: ([a, b]) => broadcastShapes(a.shape, b.shape),
  flops: perElement(1),
};
const reduction: OpSpec = { shape: ([x], attrs) => reduceShape(x.shape, attrs), flops: perInputElement };

/** Per-channel reductions of `[N, C, ...]`, result `[C]`. */
const channelReduction = (cost: number): OpSpec => ({
  shape: (inputs) => {
    if (inputs[0].shape.length < 2) throw new GraphError(`needs [N, C, ...], got [${inputs[0].shape}]`);
    return [inputs[0].shape[1]];
  },
  flops: (inputs, _output, _attrs, sizes) => cost * count(inputs[0].shape, sizes),
});

/** 2 · (multiply-adds) of a convolution whose output is `output` and weight is `weight`. */
function convFlops(output: Shape, weight: Shape, sizes: Record<string, number>): number {
  return 2 * count(output, sizes) * count(weight.slice(1), sizes);
}

export const OPS = {
  // Elementwise, one input.
  neg: unary(1),
  exp: unary(1),
  log: unary(1),
  sqrt: unary(1),
  reciprocal: unary(1),
  abs: unary(1),
  atan: unary(1),
  tanh: unary(1),
  sigmoid: unary(4),
  /** x · sigmoid(x) */
  silu: unary(5),
  /** log(1 + exp(x)), without overflow */
  softplus: unary(4),
  /** x where x > 0, else `alpha` · x */
  leakyRelu: unary(2),

  // Elementwise, two inputs, NumPy broadcasting.
  add: binary,
  sub: binary,
  mul: binary,
  div: binary,
  maximum: binary,
  minimum: binary,
  /** 1 where a > b, else 0 */
  greater: binary,
  /** 1 where a = b, else 0 */
  equal: binary,

  /** (dy, x): gradient of silu, dy · silu'(x) */
  siluBackward: { shape: first, flops: perElement(7) },

  // Per-channel ops of `[N, C, ...]`: batch normalization and its gradient are made of these.
  /** x · a[c] + b[c] */
  channelAffine: { shape: first, flops: perElement(2) },
  /** x · a[c] + y · b[c] + d[c]; inputs (x, a, y, b, d) */
  channelAffine2: { shape: first, flops: perElement(4) },
  /** sum of x over all axes but the channel */
  channelSum: channelReduction(1),
  /** sum of x · y over all axes but the channel */
  channelDot: channelReduction(2),

  // Reductions: attrs `axes`, `keepDims` (0 or 1).
  reduceSum: reduction,
  reduceMax: reduction,

  // Convolution and pooling: attrs `stride`, `pad`, `dilation`, `groups` (numbers, the same for both axes).
  /** (x [N, C, H, W], weight [O, C/groups, kH, kW], bias? [O]) */
  conv2d: {
    shape: ([x, weight, bias], attrs) => {
      if (bias) same('bias', bias.shape, [weight.shape[0]]);
      return convOutput(x.shape, weight.shape, attrs);
    },
    flops: (inputs, output, _attrs, sizes) => convFlops(output, inputs[1].shape, sizes),
  },
  /** (dy, weight) with attr `inputSize` [H, W]: gradient of conv2d towards x */
  conv2dBackwardInput: {
    shape: ([dy, weight], attrs) => {
      const [height, width] = attrs.inputSize as number[];
      return [dy.shape[0], (weight.shape[1] as number) * (attrs.groups as number), height, width];
    },
    flops: (inputs, _output, _attrs, sizes) => convFlops(inputs[0].shape, inputs[1].shape, sizes),
  },
  /** (x, dy) with attr `kernel` [kH, kW]: gradient of conv2d towards the weight */
  conv2dBackwardWeight: {
    shape: ([x, dy], attrs) => [
      dy.shape[1],
      (x.shape[1] as number) / (attrs.groups as number),
      ...(attrs.kernel as number[]),
    ],
    flops: (inputs, output, _attrs, sizes) => convFlops(inputs[1].shape, output, sizes),
  },
  /** attrs `kernel`, `stride`, `pad` (numbers); padding never wins */
  maxPool2d: {
    shape: ([x], attrs) => poolOutput(x.shape, attrs),
    flops: (_inputs, output, attrs, sizes) => count(output, sizes) * (attrs.kernel as number) ** 2,
  },
  /** (dy, x, y = maxPool2d(x)): the gradient goes to the first maximum of each window */
  maxPool2dBackward: { shape: ([, x]) => x.shape, flops: perElement(1) },
  /** attrs `kernel`, `stride`, `pad`; padding counts as zeros */
  avgPool2d: {
    shape: ([x], attrs) => poolOutput(x.shape, attrs),
    flops: (_inputs, output, attrs, sizes) => count(output, sizes) * (attrs.kernel as number) ** 2,
  },
  /** repeats each pixel `scale` times along both axes */
  upsampleNearest2d: {
    shape: ([x], attrs) => {
      const [n, c, h, w] = x.shape;
      const scale = attrs.scale as number;
      return [n, c, (h as number) * scale, (w as number) * scale];
    },
    flops: free,
  },

  /** (a [..., M, K], b [..., K, N]) */
  matmul: {
    shape: ([a, b]) => {
      const k = a.shape[a.shape.length - 1];
      if (k !== b.shape[b.shape.length - 2])
        throw new GraphError(`inner sizes differ: [${a.shape}] · [${b.shape}]`);
      const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
      return [...batch, a.shape[a.shape.length - 2], b.shape[b.shape.length - 1]];
    },
    flops: (inputs, output, _attrs, sizes) =>
      2 * count(output, sizes) * count([inputs[0].shape[inputs[0].shape.length - 1]], sizes),
  },

  // Moving data.
  /** attr `shape`; one size may be -1 */
  reshape: { shape: ([x], attrs) => reshapeTo(x.shape, attrs.shape as Dim[]), dtype: sameDtype, flops: free },
  /** attr `perm` */
  transpose: {
    shape: ([x], attrs) => (attrs.perm as number[]).map((axis) => x.shape[axis]),
    dtype: sameDtype,
    flops: free,
  },
  /** attr `axis` */
  concat: {
    shape: (inputs, attrs) => {
      const axis = attrs.axis as number;
      let total = 0;
      for (const x of inputs) {
        if (
          x.shape.length !== inputs[0].shape.length ||
          x.shape.some((d, i) => i !== axis && d !== inputs[0].shape[i])
        )
          throw new GraphError(
            `shapes differ off axis ${axis}: ${inputs.map((n) => `[${n.shape}]`).join(' ')}`,
          );
        if (typeof x.shape[axis] !== 'number')
          throw new GraphError(`axis ${axis} has a symbolic size: [${x.shape}]`);
        total += x.shape[axis];
      }
      return inputs[0].shape.map((d, i) => (i === axis ? total : d));
    },
    dtype: sameDtype,
    flops: free,
  },
  /** attrs `axis`, `start`, `end` */
  slice: { shape: ([x], attrs) => sliceShape(x.shape, attrs), dtype: sameDtype, flops: free },
  /** zeros around one axis: attrs `axis`, `before`, `after` */
  pad: {
    shape: ([x], attrs) =>
      x.shape.map((d, i) =>
        i === attrs.axis ? (d as number) + (attrs.before as number) + (attrs.after as number) : d,
      ),
    flops: free,
  },
  /** repeats along axes of size 1 up to attr `shape` */
  broadcastTo: { shape: (_inputs, attrs) => attrs.shape as Dim[], dtype: sameDtype, flops: free },
  /** (x [R, D], index [M] int32): rows of x, [M, D] */
  gatherRows: { shape: ([x, index]) => [index.shape[0], x.shape[1]], flops: free },
  /** (values [M, D], index [M]) with attr `rows`: [rows, D], rows that meet are added */
  scatterAddRows: {
    shape: ([values], attrs) => [(attrs.rows as readonly Dim[])[0], values.shape[1]],
    flops: perInputElement,
  },

  /** (condition, a, b): a where condition > 0, else b */
  where: { shape: ([, a, b]) => broadcastShapes(a.shape, b.shape), flops: perElement(1) },
  /** attr `dtype` */
  cast: { shape: first, dtype: (_inputs, attrs) => attrs.dtype as DType, flops: free },
  /** number of elements of x along attr `axes`, as a float32 scalar: known only at run time when a size is symbolic */
  size: { shape: () => [], flops: free },
  /** x itself; no gradient passes */
  stopGradient: { shape: first, flops: free },
} satisfies Record<string, OpSpec>;

export type OpName = keyof typeof OPS;

/** Applies an op: checks and infers the shape, and names the op in every complaint. */
export function apply(op: OpName, inputs: readonly Node[], attrs: Attrs = {}): Node {
  const spec: OpSpec = OPS[op];
  let shape: Shape;
  try {
    shape = spec.shape(inputs, attrs);
  } catch (error) {
    throw new GraphError(
      `${op}(${inputs.map((x) => `[${x.shape}]`).join(', ')}): ${(error as Error).message}`,
    );
  }
  const dtype = typeof spec.dtype === 'function' ? spec.dtype(inputs, attrs) : (spec.dtype ?? 'float32');
  return makeNode({ op, inputs, attrs, shape, dtype });
}
