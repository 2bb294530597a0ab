/**
 * Every op of the IR: its nature, the types of its inputs and attributes, its shape rule and its cost. All other tables
 * have an entry for each row: the gradients, and the kernels or lowerings of each executor.
 */
import { type Dim, type DType, GraphError, type Node, type Shape } from '../graph/node.js';
import type { ConvAttrs, NoAttrs, Pair, PoolAttrs, ReduceAttrs } from './attrs.js';
import { type OpSpec, op, type Sizes, type TwoInputs } from './op.js';
import {
  broadcastShapes,
  concatShape,
  convOutput,
  count,
  dimAt,
  fixedSize,
  matmulShape,
  poolOutput,
  reduceShape,
  reshapeTo,
  type SliceAttrs,
  same,
  sliceShape,
} from './shapes.js';

const first = ([x]: readonly [Node, ...Node[]]) => x.shape;
const sameDtype = ([x]: readonly [Node, ...Node[]]) => x.dtype;

const perElement = (cost: number) => (_inputs: unknown, output: Shape, _attrs: unknown, sizes: Sizes) =>
  cost * count(output, sizes);
const perInputElement =
  (cost: number) =>
  ([x]: readonly [Node, ...Node[]], _output: Shape, _attrs: unknown, sizes: Sizes) =>
    cost * count(x.shape, sizes);

const unary = (cost: number) =>
  op<NoAttrs>({ kind: 'elementwise', arity: 1, shape: first, flops: perElement(cost) });
const binary = op<NoAttrs, TwoInputs>({
  kind: 'elementwise',
  arity: 2,
  shape: ([a, b]) => broadcastShapes(a.shape, b.shape),
  flops: perElement(1),
});
const reduction = op<ReduceAttrs>({
  kind: 'reduction',
  arity: 1,
  shape: ([x], attrs) => reduceShape(x.shape, attrs),
  flops: perInputElement(1),
});

/** Shape of a reduction of `[N, C, ...]` to one value per channel. */
function channelsOnly([x]: readonly [Node, ...Node[]]): Shape {
  if (x.shape.length < 2) throw new GraphError(`needs [N, C, ...], got [${x.shape}]`);
  return [dimAt(x.shape, 1)];
}

/** 2 · (multiply-adds) of a convolution whose output is `output` and weight is `weight`. */
function convFlops(output: Shape, weight: Shape, sizes: Sizes): number {
  return 2 * count(output, sizes) * count(weight.slice(1), sizes);
}

const pooling = op<PoolAttrs>({
  kind: 'pooling',
  arity: 1,
  shape: ([x], attrs) => poolOutput(x.shape, attrs),
  flops: (_inputs, output, { kernel }, sizes) => count(output, sizes) * count(kernel),
});

const ROWS = {
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
  leakyRelu: op<{ readonly alpha: number }>({
    kind: 'elementwise',
    arity: 1,
    shape: first,
    flops: perElement(2),
  }),
  cast: op<{ readonly dtype: DType }>({
    kind: 'elementwise',
    arity: 1,
    shape: first,
    dtype: (_inputs, { dtype }) => dtype,
  }),
  /** x itself; no gradient passes */
  stopGradient: op<NoAttrs>({ kind: 'elementwise', arity: 1, shape: first }),

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
  /** a where condition > 0, else b */
  where: op<NoAttrs, readonly [condition: Node, a: Node, b: Node]>({
    kind: 'elementwise',
    arity: 3,
    shape: ([, a, b]) => broadcastShapes(a.shape, b.shape),
    flops: perElement(1),
  }),

  /** Gradient of silu: dy · silu'(x) */
  siluBackward: op<NoAttrs, readonly [dy: Node, x: Node]>({
    kind: 'elementwise',
    arity: 2,
    shape: first,
    flops: perElement(7),
  }),

  // Per-channel ops of `[N, C, ...]`: batch normalization and its gradient are made of these.
  /** x · a[c] + b[c] */
  channelAffine: op<NoAttrs, readonly [x: Node, a: Node, b: Node]>({
    kind: 'elementwise',
    arity: 3,
    shape: first,
    flops: perElement(2),
  }),
  /** x · a[c] + y · b[c] + d[c] */
  channelAffine2: op<NoAttrs, readonly [x: Node, a: Node, y: Node, b: Node, d: Node]>({
    kind: 'elementwise',
    arity: 5,
    shape: first,
    flops: perElement(4),
  }),
  /** Sum of x over all axes but the channel */
  channelSum: op<NoAttrs>({ kind: 'reduction', arity: 1, shape: channelsOnly, flops: perInputElement(1) }),
  /** Sum of x · y over all axes but the channel */
  channelDot: op<NoAttrs, readonly [x: Node, y: Node]>({
    kind: 'reduction',
    arity: 2,
    shape: channelsOnly,
    flops: perInputElement(2),
  }),

  reduceSum: reduction,
  reduceMax: reduction,
  /** Number of elements of x along `axes`, as a float32 scalar: known only at run time when a size is symbolic */
  size: op<{ readonly axes: readonly number[] }>({ kind: 'reduction', arity: 1, shape: () => [] }),

  /** x `[N, C, H, W]`, weight `[O, C / groups, kH, kW]`, bias? `[O]` */
  conv2d: op<ConvAttrs, readonly [x: Node, weight: Node, ...bias: Node[]]>({
    kind: 'contraction',
    arity: [2, 3],
    shape: ([x, weight, bias], attrs) => {
      if (bias) same('bias', bias.shape, [dimAt(weight.shape, 0)]);
      return convOutput(x.shape, weight.shape, attrs);
    },
    flops: ([, weight], output, _attrs, sizes) => convFlops(output, weight.shape, sizes),
  }),
  /** Gradient of conv2d towards an x of `inputSize` */
  conv2dBackwardInput: op<ConvAttrs & { readonly inputSize: Pair }, readonly [dy: Node, weight: Node]>({
    kind: 'contraction',
    arity: 2,
    shape: ([dy, weight], { groups, inputSize }) => [
      dimAt(dy.shape, 0),
      fixedSize(weight.shape, 1) * groups,
      ...inputSize,
    ],
    flops: ([dy, weight], _output, _attrs, sizes) => convFlops(dy.shape, weight.shape, sizes),
  }),
  /** Gradient of conv2d towards a weight of `kernel` */
  conv2dBackwardWeight: op<ConvAttrs & { readonly kernel: Pair }, readonly [x: Node, dy: Node]>({
    kind: 'contraction',
    arity: 2,
    shape: ([x, dy], { groups, kernel }) => [dimAt(dy.shape, 1), fixedSize(x.shape, 1) / groups, ...kernel],
    flops: ([, dy], output, _attrs, sizes) => convFlops(dy.shape, output, sizes),
  }),
  /** a `[..., M, K]`, b `[..., K, N]` */
  matmul: op<NoAttrs, TwoInputs>({
    kind: 'contraction',
    arity: 2,
    shape: ([a, b]) => matmulShape(a.shape, b.shape),
    flops: ([a], output, _attrs, sizes) => 2 * count(output, sizes) * count(a.shape.slice(-1), sizes),
  }),

  /** Padding never wins */
  maxPool2d: pooling,
  /** Gradient of y = maxPool2d(x): it goes to the first maximum of each window */
  maxPool2dBackward: op<PoolAttrs, readonly [dy: Node, x: Node, y: Node]>({
    kind: 'pooling',
    arity: 3,
    shape: ([, x]) => x.shape,
    flops: perElement(1),
  }),
  /** Padding counts as zeros */
  avgPool2d: pooling,

  // Moving data.
  /** Repeats each pixel `scale` times along both axes */
  upsampleNearest2d: op<{ readonly scale: number }>({
    kind: 'moving',
    arity: 1,
    shape: ([{ shape }], { scale }) => [
      dimAt(shape, 0),
      dimAt(shape, 1),
      fixedSize(shape, 2) * scale,
      fixedSize(shape, 3) * scale,
    ],
  }),
  /** One size of `shape` may be -1 */
  reshape: op<{ readonly shape: readonly Dim[] }>({
    kind: 'moving',
    arity: 1,
    shape: ([x], { shape }) => reshapeTo(x.shape, shape),
    dtype: sameDtype,
  }),
  transpose: op<{ readonly perm: readonly number[] }>({
    kind: 'moving',
    arity: 1,
    shape: ([x], { perm }) => perm.map((axis) => dimAt(x.shape, axis)),
    dtype: sameDtype,
  }),
  concat: op<{ readonly axis: number }, readonly [x: Node, ...others: Node[]]>({
    kind: 'moving',
    arity: [1, Number.POSITIVE_INFINITY],
    shape: (inputs, { axis }) =>
      concatShape(
        inputs.map((x) => x.shape),
        axis,
      ),
    dtype: sameDtype,
  }),
  /** Elements from `start` up to, but not including, `end` */
  slice: op<SliceAttrs>({
    kind: 'moving',
    arity: 1,
    shape: ([x], attrs) => sliceShape(x.shape, attrs),
    dtype: sameDtype,
  }),
  /** Zeros around one axis */
  pad: op<{ readonly axis: number; readonly before: number; readonly after: number }>({
    kind: 'moving',
    arity: 1,
    shape: ([x], { axis, before, after }) =>
      x.shape.map((d, i) => (i === axis ? before + fixedSize(x.shape, axis) + after : d)),
  }),
  /** Repeats along axes of size 1 up to `shape` */
  broadcastTo: op<{ readonly shape: readonly Dim[] }>({
    kind: 'moving',
    arity: 1,
    shape: (_inputs, { shape }) => shape,
    dtype: sameDtype,
  }),

  /** Rows of x `[R, D]` at index `[M]` int32: `[M, D]` */
  gatherRows: op<NoAttrs, readonly [x: Node, index: Node]>({
    kind: 'indexing',
    arity: 2,
    shape: ([x, index]) => [dimAt(index.shape, 0), dimAt(x.shape, 1)],
  }),
  /** values `[M, D]` added to rows of zeros at index `[M]`: `[rows, D]`; `rows` holds one size */
  scatterAddRows: op<{ readonly rows: readonly [Dim] }, readonly [values: Node, index: Node]>({
    kind: 'indexing',
    arity: 2,
    shape: ([values], { rows }) => [...rows, dimAt(values.shape, 1)],
    flops: perInputElement(1),
  }),
};

type Rows = typeof ROWS;
export type OpName = keyof Rows;
type TypesOf<O extends OpName> = NonNullable<Rows[O]['types']>;
export type AttrsOf<O extends OpName> = TypesOf<O>['attrs'];
export type InputsOf<O extends OpName> = TypesOf<O>['inputs'];

export const OPS: { readonly [O in OpName]: OpSpec<AttrsOf<O>, InputsOf<O>> } = ROWS;
export const OP_NAMES = Object.keys(OPS) as readonly OpName[];
