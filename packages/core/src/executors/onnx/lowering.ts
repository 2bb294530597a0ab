/** How each op of the IR is written in ONNX: one entry per op. Chosen by measurement on CPU; see docs/performance.md. */
import { type Dim, type DType, GraphError, type Node, type Shape } from '../../graph/node.js';
import type { OpName } from '../../ops/table.js';
import { lowerConv2d, lowerConv2dBackwardInput } from './lower-conv.js';
import { lowerConv2dBackwardWeight } from './lower-conv-weight.js';
import { lowerMaxPool2dBackward } from './lower-pool.js';
import { CONTRIB, type EmitOptions, type ModelBuilder } from './model-builder.js';

export interface LoweringContext {
  readonly builder: ModelBuilder;
  /** Name of the ONNX value of an IR node that is lowered already. */
  nameOf(node: Node): string;
  /** A shape as an int64 vector: a constant, or computed from the inputs where sizes are symbolic. */
  shapeTensor(shape: Shape): string;
  /** Whether ops of onnxruntime that are not in the ONNX standard may be used. */
  readonly contrib: boolean;
  /** Whether MaxPool may be asked for the indices of the maxima. */
  readonly poolIndices: boolean;
  /** Whether Conv is right for every number of input channels. */
  readonly anyChannels: boolean;
  /** Whether it is for the CPU's kernels of onnxruntime: `FusedConv`, and copies by convolutions. */
  readonly onCpu: boolean;
  /** Channels in a block of onnxruntime's blocked layout; 1 where it isn't used. */
  readonly blockSize: number;
}

export type Lowering = (context: LoweringContext, node: Node) => string;

const args = ({ nameOf }: LoweringContext, node: Node) => node.inputs.map(nameOf);

const direct =
  (opType: string, attrs?: (node: Node) => EmitOptions['attrs']): Lowering =>
  (context, node) =>
    context.builder.emit(opType, args(context, node), { attrs: attrs?.(node) });

/** Comparisons give 1 or 0 as float32. */
const comparison =
  (opType: string): Lowering =>
  (context, node) =>
    castTo(context, context.builder.emit(opType, args(context, node)), 'float32');

const ONNX_TYPE: Record<DType | 'int64', number> = {
  ...{ float32: 1, uint8: 2, int32: 6, int64: 7, float16: 10 },
};

function castTo({ builder }: LoweringContext, value: string, dtype: DType | 'int64'): string {
  return builder.emit('Cast', [value], { attrs: { to: ONNX_TYPE[dtype] } });
}

/** A `[C]` vector shaped to broadcast over `[N, C, ...]`. */
function overChannels(context: LoweringContext, vector: Node, x: Node): string {
  const shape = [vector.shape[0], ...x.shape.slice(2).map(() => 1)];
  return context.builder.emit('Reshape', [context.nameOf(vector), context.shapeTensor(shape)]);
}

/** Of ONNX values: image, factors `[C]`, then what the op adds. A convolution of each channel alone. */
function convPerChannel(
  { builder }: LoweringContext,
  opType: 'Conv' | 'FusedConv',
  [x, factors, ...added]: readonly string[],
  channels: number,
): string {
  const weight = builder.emit('Reshape', [factors, builder.int64s([channels, 1, 1, 1])]);
  const domain = opType === 'FusedConv' ? { domain: CONTRIB } : {};
  return builder.emit(opType, [x, weight, ...added], {
    attrs: { group: channels, kernel_shape: [1, 1] },
    ...domain,
  });
}

/** x · a[c] + b[c]. Of an image as a convolution, which is one pass over memory instead of two. */
function affine(context: LoweringContext, x: Node, a: Node, b?: Node): string {
  const { builder, nameOf } = context;
  if (x.shape.length === 4)
    return convPerChannel(context, 'Conv', [x, a, ...(b ? [b] : [])].map(nameOf), a.shape[0] as number);
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

const allButChannel = (x: Node) => x.shape.map((_, i) => i).filter((i) => i !== 1);

/** Rows first, then their sums: short sums lose fewer digits of float32 than one over a whole image. */
function sumOverChannels({ builder }: LoweringContext, value: string, x: Node): string {
  const last = x.shape.length - 1;
  const rows =
    last > 1 ? builder.emit('ReduceSum', [value, builder.int64s([last])], { attrs: { keepdims: 0 } }) : value;
  const axes = allButChannel(x).filter((axis) => axis === 0 || axis < last);
  return builder.emit('ReduceSum', [rows, builder.int64s(axes)], { attrs: { keepdims: 0 } });
}

/** From this many pixels on, a row of an image times a column is faster than a product of images and its sums. */
const MANY_PIXELS = 400;

function lowerChannelDot(context: LoweringContext, { inputs: [x, y] }: Node): string {
  const { builder, nameOf, contrib } = context;
  const pixels = x.shape.slice(2).reduce<number>((all, size) => all * (size as number), 1);
  if (!contrib || pixels < MANY_PIXELS)
    return sumOverChannels(context, builder.emit('Mul', [nameOf(x), nameOf(y)]), x);
  const rows = builder.int64s([-1, x.shape[1] as number, 1, pixels]);
  const [left, right] = [x, y].map((image) => builder.emit('Reshape', [nameOf(image), rows]));
  const dots = builder.emit('FusedMatMul', [left, right], { domain: CONTRIB, attrs: { transB: 1 } });
  return builder.emit('ReduceSum', [dots, builder.int64s([0, 2, 3])], { attrs: { keepdims: 0 } });
}

function zeros(context: LoweringContext, shape: Shape): string {
  return context.builder.emit('Expand', [context.builder.floats([0], []), context.shapeTensor(shape)]);
}

/** ONNX allows one unknown size in a reshape; several symbolic ones are computed. */
function reshapeTarget(context: LoweringContext, shape: readonly Dim[]): string {
  const symbolic = shape.filter((d) => typeof d === 'string').length;
  if (symbolic > 1) return context.shapeTensor(shape);
  return context.builder.int64s(shape.map((d) => (typeof d === 'string' ? -1 : d)));
}

const poolAttrs = ({ attrs }: Node) => {
  const { kernel, stride, pad } = attrs as Record<string, number>;
  return { kernel_shape: [kernel, kernel], strides: [stride, stride], pads: [pad, pad, pad, pad] };
};

const lowerSilu = (context: LoweringContext, x: string) =>
  context.contrib
    ? context.builder.emit('QuickGelu', [x], { domain: CONTRIB, attrs: { alpha: { float: 1 } } })
    : context.builder.emit('Mul', [x, context.builder.emit('Sigmoid', [x])]);

/** 1 + x − silu(x) */
function silusComplement(context: LoweringContext, x: Node): string {
  const { builder, nameOf } = context;
  const y = lowerSilu(context, nameOf(x));
  if (!context.onCpu || x.shape.length !== 4)
    return builder.emit('Add', [builder.emit('Sub', [nameOf(x), y]), builder.floats([1], [])]);
  // Written over x, as the last to read it: onnxruntime runs what is emitted later, the sigmoid, first.
  const channels = x.shape[1] as number;
  const [minus, plus] = [-1, 1].map((v) => builder.floats(Array(channels).fill(v), [channels]));
  return affinePlus(context, [y, minus, plus, nameOf(x)], channels);
}

/** x · a[c] + y · b[c] + d[c] */
function lowerChannelAffine2(context: LoweringContext, { inputs: [x, a, y, b, d] }: Node): string {
  const { builder, nameOf, onCpu } = context;
  if (!onCpu || x.shape.length !== 4)
    return builder.emit('Add', [affine(context, x, a, d), affine(context, y, b)]);
  return affinePlus(context, [nameOf(y), nameOf(b), nameOf(d), affine(context, x, a)], b.shape[0] as number);
}

export const LOWERINGS: Partial<Record<OpName, Lowering>> = {
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
  softplus: ({ builder, nameOf }, { inputs: [x] }) => {
    const bounded = builder.emit('Sigmoid', [builder.emit('Abs', [nameOf(x)])]);
    const positive = builder.emit('Max', [nameOf(x), builder.floats([0], [])]);
    return builder.emit('Sub', [positive, builder.emit('Log', [bounded])]);
  },
  leakyRelu: direct('LeakyRelu', ({ attrs }) => ({ alpha: { float: attrs.alpha as number } })),
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
    const { builder, nameOf } = context;
    const test = builder.emit('Greater', [nameOf(condition), builder.floats([0], [])]);
    return builder.emit('Where', [test, nameOf(a), nameOf(b)]);
  },

  channelAffine: (context, { inputs: [x, a, b] }) => affine(context, x, a, b),
  channelAffine2: lowerChannelAffine2,
  channelSum: (context, { inputs: [x] }) => sumOverChannels(context, context.nameOf(x), x),
  channelDot: lowerChannelDot,

  reduceSum: ({ builder, nameOf }, { inputs: [x], attrs }) =>
    builder.emit('ReduceSum', [nameOf(x), builder.int64s(attrs.axes as number[])], {
      attrs: { keepdims: attrs.keepDims as number },
    }),
  reduceMax: direct('ReduceMax', ({ attrs }) => ({
    axes: attrs.axes as number[],
    keepdims: attrs.keepDims as number,
  })),

  conv2d: lowerConv2d,
  conv2dBackwardInput: lowerConv2dBackwardInput,
  conv2dBackwardWeight: lowerConv2dBackwardWeight,
  maxPool2d: direct('MaxPool', poolAttrs),
  maxPool2dBackward: lowerMaxPool2dBackward,
  avgPool2d: direct('AveragePool', (node) => ({ ...poolAttrs(node), count_include_pad: 1 })),
  upsampleNearest2d: ({ builder, nameOf }, { inputs: [x], attrs }) => {
    const scale = attrs.scale as number;
    return builder.emit('Resize', [nameOf(x), '', builder.floats([1, 1, scale, scale], [4])], {
      attrs: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
    });
  },

  matmul: direct('MatMul'),

  reshape: (context, { inputs: [x], shape }) =>
    context.builder.emit('Reshape', [context.nameOf(x), reshapeTarget(context, shape)]),
  transpose: direct('Transpose', ({ attrs }) => ({ perm: attrs.perm as number[] })),
  concat: direct('Concat', ({ attrs }) => ({ axis: attrs.axis as number })),
  slice: ({ builder, nameOf }, { inputs: [x], attrs }) => {
    const { axis, start, end } = attrs as Record<string, number>;
    return builder.emit('Slice', [nameOf(x), ...[start, end, axis].map((v) => builder.int64s([v]))]);
  },
  pad: ({ builder, nameOf }, { inputs: [x], attrs }) => {
    const side = (width: number) => x.shape.map((_, i) => (i === attrs.axis ? width : 0));
    const widths = [...side(attrs.before as number), ...side(attrs.after as number)];
    return builder.emit('Pad', [nameOf(x), builder.int64s(widths)]);
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
  size: (context, { inputs: [x], attrs }) => {
    const sizes = context.shapeTensor((attrs.axes as number[]).map((axis) => x.shape[axis]));
    const total = context.builder.emit('ReduceProd', [sizes], { attrs: { keepdims: 0 } });
    return castTo(context, total, 'float32');
  },
  stopGradient: (context, { inputs: [x] }) => context.nameOf(x),
};

export function lowerNode(context: LoweringContext, node: Node): string {
  const lowering = LOWERINGS[node.op as OpName];
  if (!lowering) throw new GraphError(`the onnx executor has no lowering for op "${node.op}"`);
  return lowering(context, node);
}
