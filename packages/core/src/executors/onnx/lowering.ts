/** Lowerings of the IR's ops to ONNX, one entry per op. Chosen by measurement on CPU; see docs/performance.md. */
import type { Dim, Node, Shape } from '../../graph/node.js';
import type { PoolAttrs } from '../../ops/attrs.js';
import type { OpNode } from '../../ops/op-node.js';
import { axesOf, count, dimAt, fixedShape, fixedSize } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import { implementation, type Unsupported } from '../../ops/unsupported.js';
import { castTo } from './cast.js';
import type { Lowering, LoweringContext } from './context.js';
import { lowerConv2d, lowerConv2dBackwardInput } from './lower-conv.js';
import { lowerConv2dBackwardWeight } from './lower-conv-weight.js';
import { lowerMaxPool2dBackward } from './lower-pool.js';
import { CONTRIB } from './model-builder.js';
import type { OnnxOpName } from './ops.js';
import type { OnnxAttrs } from './value.js';

const args = ({ nameOf }: LoweringContext, node: Node) => node.inputs.map(nameOf);

/** One ONNX op on the same inputs. */
const direct =
  <A>(opType: OnnxOpName, attrs?: (attrs: A) => OnnxAttrs) =>
  (context: LoweringContext, node: Node & { readonly attrs: A }) =>
    context.builder.emit(opType, args(context, node), { attrs: attrs?.(node.attrs) });

/** Comparisons give 1 or 0 as float32. */
const comparison = (opType: OnnxOpName) => (context: LoweringContext, node: Node) =>
  castTo(context, context.builder.emit(opType, args(context, node)), 'float32');

/** A `[C]` vector shaped to broadcast over `[N, C, ...]`. */
function overChannels(context: LoweringContext, vector: Node, x: Node): string {
  const shape = [dimAt(vector.shape, 0), ...x.shape.slice(2).map(() => 1)];
  return context.builder.emit('Reshape', [context.nameOf(vector), context.shapeTensor(shape)]);
}

/** Depthwise convolution. Values by name: the image, factors `[C]`, then the summands. */
function convPerChannel(
  { builder }: LoweringContext,
  opType: 'Conv' | 'FusedConv',
  [x, factors, ...added]: readonly [x: string, factors: string, ...added: string[]],
  channels: number,
): string {
  const weight = builder.emit('Reshape', [factors, builder.int64s([channels, 1, 1, 1])]);
  const domain = opType === 'FusedConv' ? { domain: CONTRIB } : {};
  return builder.emit(opType, [x, weight, ...added], {
    attrs: { group: channels, kernel_shape: [1, 1] },
    ...domain,
  });
}

/** x · a[c] + b[c]. An image is convolved, which is one pass over memory instead of two. */
function affine(context: LoweringContext, x: Node, a: Node, b?: Node): string {
  const { builder, nameOf } = context;
  if (x.shape.length === 4) {
    const values = [nameOf(x), nameOf(a), ...(b ? [nameOf(b)] : [])] as const;
    return convPerChannel(context, 'Conv', values, fixedSize(a.shape, 0));
  }
  const scaled = builder.emit('Mul', [nameOf(x), overChannels(context, a, x)]);
  return b ? builder.emit('Add', [scaled, overChannels(context, b, x)]) : scaled;
}

/**
 * x · a[c] + b[c] + more, values by name, in one pass. It writes over `more` where nothing reads that later; where something
 * does, it is copied first, which takes as long as the pass that was saved.
 */
const affinePlus = (
  context: LoweringContext,
  values: readonly [x: string, a: string, b: string, more: string],
  channels: number,
) => convPerChannel(context, 'FusedConv', values, channels);

const allButChannel = (x: Node) => axesOf(x.shape).filter((i) => i !== 1);

/** Rows first, then their sums: short sums lose fewer digits of float32 than one over a whole image. */
function sumOverChannels({ builder }: LoweringContext, value: string, x: Node): string {
  const last = x.shape.length - 1;
  const rows =
    last > 1 ? builder.emit('ReduceSum', [value, builder.int64s([last])], { attrs: { keepdims: 0 } }) : value;
  const axes = allButChannel(x).filter((axis) => axis === 0 || axis < last);
  return builder.emit('ReduceSum', [rows, builder.int64s(axes)], { attrs: { keepdims: 0 } });
}

/** Smallest image, in pixels, for which a row times a column beats a product of images and its sums. */
const MANY_PIXELS = 400;

function lowerChannelDot(context: LoweringContext, { inputs: [x, y] }: OpNode<'channelDot'>): string {
  const { builder, nameOf, contrib } = context;
  const pixels = count(fixedShape(x.shape.slice(2)));
  if (!contrib || pixels < MANY_PIXELS)
    return sumOverChannels(context, builder.emit('Mul', [nameOf(x), nameOf(y)]), x);
  const rows = builder.int64s([-1, fixedSize(x.shape, 1), 1, pixels]);
  const asRows = (image: Node) => builder.emit('Reshape', [nameOf(image), rows]);
  const [left, right] = [asRows(x), asRows(y)];
  const dots = builder.emit('FusedMatMul', [left, right], { domain: CONTRIB, attrs: { transB: 1 } });
  return builder.emit('ReduceSum', [dots, builder.int64s([0, 2, 3])], { attrs: { keepdims: 0 } });
}

function zeros(context: LoweringContext, shape: Shape): string {
  return context.builder.emit('Expand', [context.floats([0], []), context.shapeTensor(shape)]);
}

/** ONNX allows one unknown size in a reshape; several symbolic ones are computed. */
function reshapeTarget(context: LoweringContext, shape: readonly Dim[]): string {
  const symbolic = shape.filter((d) => typeof d === 'string').length;
  if (symbolic > 1) return context.shapeTensor(shape);
  return context.builder.int64s(shape.map((d) => (typeof d === 'string' ? -1 : d)));
}

const poolAttrs = ({ kernel, stride, pad }: PoolAttrs) => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...pad, ...pad],
});

const lowerSilu = (context: LoweringContext, x: string) =>
  context.contrib
    ? context.builder.emit('QuickGelu', [x], { domain: CONTRIB, attrs: { alpha: { float: 1 } } })
    : context.builder.emit('Mul', [x, context.builder.emit('Sigmoid', [x])]);

/** 1 + x − silu(x) */
function silusComplement(context: LoweringContext, x: Node): string {
  const { builder, nameOf, floats } = context;
  const y = lowerSilu(context, nameOf(x));
  if (!context.onCpu || x.shape.length !== 4)
    return builder.emit('Add', [builder.emit('Sub', [nameOf(x), y]), floats([1], [])]);
  // Written over x, as the last to read it: onnxruntime runs what is emitted later, the sigmoid, first.
  const channels = fixedSize(x.shape, 1);
  const filled = (value: number) => floats(Array(channels).fill(value), [channels]);
  return affinePlus(context, [y, filled(-1), filled(1), nameOf(x)], channels);
}

/** x · a[c] + y · b[c] + d[c] */
function lowerChannelAffine2(
  context: LoweringContext,
  { inputs: [x, a, y, b, d] }: OpNode<'channelAffine2'>,
): string {
  const { builder, nameOf, onCpu } = context;
  if (!onCpu || x.shape.length !== 4)
    return builder.emit('Add', [affine(context, x, a, d), affine(context, y, b)]);
  return affinePlus(context, [nameOf(y), nameOf(b), nameOf(d), affine(context, x, a)], fixedSize(b.shape, 0));
}

export const LOWERINGS: { readonly [O in OpName]: Lowering<O> | Unsupported } = {
  neg: direct('Neg'),
  exp: direct('Exp'),
  log: direct('Log'),
  sqrt: direct('Sqrt'),
  reciprocal: direct('Reciprocal'),
  abs: direct('Abs'),
  atan: direct('Atan'),
  tanh: direct('Tanh'),
  sigmoid: direct('Sigmoid'),
  /** max(x, 0) − log σ(|x|): onnxruntime's own Softplus takes three times as long for no more digits. */
  softplus: ({ builder, nameOf, floats }, { inputs: [x] }) => {
    const bounded = builder.emit('Sigmoid', [builder.emit('Abs', [nameOf(x)])]);
    const positive = builder.emit('Max', [nameOf(x), floats([0], [])]);
    return builder.emit('Sub', [positive, builder.emit('Log', [bounded])]);
  },
  leakyRelu: direct('LeakyRelu', ({ alpha }) => ({ alpha: { float: alpha } })),
  silu: (context, node) => lowerSilu(context, context.nameOf(node.inputs[0])),
  /** dy · s · (1 + x − y) with s = sigmoid(x), y = silu(x): the forward's y is used again. */
  siluBackward: (context, { inputs: [dy, x] }) => {
    const { builder, nameOf } = context;
    const rest = silusComplement(context, x);
    const s = builder.emit('Sigmoid', [nameOf(x)]);
    return builder.emit('Mul', [builder.emit('Mul', [rest, s]), nameOf(dy)]);
  },

  add: direct('Add'),
  sub: direct('Sub'),
  mul: direct('Mul'),
  div: direct('Div'),
  maximum: direct('Max'),
  minimum: direct('Min'),
  greater: comparison('Greater'),
  equal: comparison('Equal'),
  where: (context, { inputs: [condition, a, b] }) => {
    const { builder, nameOf, floats } = context;
    const test = builder.emit('Greater', [nameOf(condition), floats([0], [])]);
    return builder.emit('Where', [test, nameOf(a), nameOf(b)]);
  },

  channelAffine: (context, { inputs: [x, a, b] }) => affine(context, x, a, b),
  channelAffine2: lowerChannelAffine2,
  channelSum: (context, { inputs: [x] }) => sumOverChannels(context, context.nameOf(x), x),
  channelDot: lowerChannelDot,

  reduceSum: ({ builder, nameOf }, { inputs: [x], attrs }) =>
    builder.emit('ReduceSum', [nameOf(x), builder.int64s(attrs.axes)], {
      attrs: { keepdims: attrs.keepDims },
    }),
  reduceMax: direct('ReduceMax', ({ axes, keepDims }) => ({ axes, keepdims: keepDims })),

  conv2d: lowerConv2d,
  conv2dBackwardInput: lowerConv2dBackwardInput,
  conv2dBackwardWeight: lowerConv2dBackwardWeight,
  maxPool2d: direct('MaxPool', poolAttrs),
  maxPool2dBackward: lowerMaxPool2dBackward,
  avgPool2d: direct('AveragePool', (attrs: PoolAttrs) => ({ ...poolAttrs(attrs), count_include_pad: 1 })),
  upsampleNearest2d: ({ builder, nameOf }, { inputs: [x], attrs: { scale } }) =>
    builder.emit('Resize', [nameOf(x), '', builder.floats([1, 1, scale, scale], [4])], {
      attrs: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    }),

  matmul: direct('MatMul'),

  reshape: (context, { inputs: [x], shape }) =>
    context.builder.emit('Reshape', [context.nameOf(x), reshapeTarget(context, shape)]),
  transpose: direct('Transpose', ({ perm }) => ({ perm })),
  concat: direct('Concat', ({ axis }) => ({ axis })),
  slice: ({ builder, nameOf }, { inputs: [x], attrs: { axis, start, end } }) =>
    builder.emit('Slice', [nameOf(x), ...[start, end, axis].map((v) => builder.int64s([v]))]),
  pad: ({ builder, nameOf }, { inputs: [x], attrs: { axis, before, after } }) => {
    const side = (width: number) => x.shape.map((_, i) => (i === axis ? width : 0));
    return builder.emit('Pad', [nameOf(x), builder.int64s([...side(before), ...side(after)])]);
  },
  broadcastTo: (context, { inputs: [x], shape }) =>
    context.builder.emit('Expand', [context.nameOf(x), context.shapeTensor(shape)]),
  gatherRows: direct('Gather'),
  scatterAddRows: (context, { inputs: [values, index], shape }) => {
    const { builder, nameOf } = context;
    const column = builder.emit('Unsqueeze', [castTo(context, nameOf(index), 'int64'), builder.int64s([1])]);
    return builder.emit('ScatterND', [zeros(context, shape), column, nameOf(values)], {
      attrs: { reduction: 'add' },
    });
  },

  cast: (context, { inputs: [x], dtype }) => castTo(context, context.nameOf(x), dtype),
  size: (context, { inputs: [x], attrs: { axes } }) => {
    const sizes = context.shapeTensor(axes.map((axis) => dimAt(x.shape, axis)));
    const total = context.builder.emit('ReduceProd', [sizes], { attrs: { keepdims: 0 } });
    return castTo(context, total, 'float32');
  },
  stopGradient: (context, { inputs: [x] }) => context.nameOf(x),
};

export const NO_LOWERING = 'the onnx executor has no lowering';

/** @throws GraphError naming the op that the executor does not support, and why */
export function lowerNode<O extends OpName>(context: LoweringContext, node: OpNode<O>): string {
  const entry: Lowering<O> | Unsupported = LOWERINGS[node.op];
  return implementation(entry, node, NO_LOWERING)(context, node);
}
