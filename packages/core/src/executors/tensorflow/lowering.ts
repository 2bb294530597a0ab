/**
 * How each op of the IR is written in TensorFlow: one entry per op. Longer than other files on purpose: a table over the
 * ops is one piece.
 */
import type { DType, Node, Shape } from '../../graph/node.js';
import { mapTriple, type OpNode } from '../../ops/op-node.js';
import { count, dimAt, fixedShape, fixedSize, sameShape, sizeOf } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import { implementation, type Unsupported } from '../../ops/unsupported.js';
import {
  identity,
  isIdentity,
  type Layout,
  reshaped,
  storedAxis,
  transposed,
  without,
} from '../tfjs/layout.js';
import type { Context, Lowering, Value } from './context.js';
import { attr } from './graph-builder.js';
import { conv2d, conv2dBackwardInput, conv2dBackwardWeight, joinTensors } from './lower-conv.js';
import { avgPool2d, maxPool2d, maxPool2dBackward, upsampleNearest2d } from './lower-pool.js';
import type { AttrValue } from './proto.js';
import { cut } from './windows.js';

const unary =
  <A>(op: string, attrs?: (attrs: A) => Record<string, AttrValue>) =>
  (context: Context, node: Node & { readonly attrs: A }, [x]: readonly [Value]) =>
    context.value(context.emit(op, [x.name], x.dtype, attrs?.(node.attrs)), node, x.layout);

/** Layout of a full-size input, preferring one not in graph order. */
function commonLayout(inputs: readonly Value[], shape: Shape): Layout {
  const full = inputs.filter((x) => sameShape(x.shape, shape));
  return (full.find((x) => !isIdentity(x.layout)) ?? full[0])?.layout ?? identity(shape.length);
}

/** An input of an op on elements, so that broadcasting meets the right axes in `layout`. */
function operand(context: Context, x: Value, layout: Layout): string {
  if (isIdentity(layout) || x.shape.length === 0) return context.plain(x);
  const rank = layout.length;
  if (x.shape.length === rank) return context.in(x, layout);
  const shape = [...Array<number>(rank - x.shape.length).fill(1), ...x.shape];
  const padded = context.value(context.reshape(context.plain(x), shape, x.dtype), { shape, dtype: x.dtype });
  return context.in(padded, layout);
}

type Two = readonly [a: Value, b: Value];

const binary = (op: string) => (context: Context, node: Node, inputs: Two) => {
  const layout = commonLayout(inputs, node.shape);
  const operands = inputs.map((x) => operand(context, x, layout));
  return context.value(context.emit(op, operands, inputs[0].dtype), node, layout);
};

/** Comparisons give 1 or 0 as float32. */
const comparison = (op: string) => (context: Context, node: Node, inputs: Two) => {
  const layout = commonLayout(inputs, node.shape);
  const operands = inputs.map((x) => operand(context, x, layout));
  return context.value(
    context.cast(context.emit(op, operands, inputs[0].dtype), 'bool', node.dtype),
    node,
    layout,
  );
};

function reduce(
  context: Context,
  op: string,
  x: string,
  dtype: DType,
  axes: readonly number[],
  keep = false,
) {
  return context.emit(op, [x, context.builder.int32s(axes)], dtype, {
    Tidx: attr.type('int32'),
    keep_dims: attr.bool(keep),
  });
}

const reduction =
  (op: string): Lowering<'reduceSum' | 'reduceMax'> =>
  (context, node, [x]) => {
    const { axes } = node.attrs;
    const keep = node.attrs.keepDims === 1;
    const storedAxes = axes.map((axis) => storedAxis(x.layout, axis)).sort((a, b) => a - b);
    const y = reduce(context, op, x.name, x.dtype, storedAxes, keep);
    return context.value(y, node, keep ? x.layout : without(x.layout, axes));
  };

/** A power of two, so that `EPSILON + (1 - EPSILON)` is 1 in float32. */
const EPSILON = 2 ** -10;

/** x · a[c] + b[c] in one pass: batch normalization with mean 0 and variance 1. */
function affine(context: Context, x: Value, scale: string, offset: string): string {
  const { builder } = context;
  const layout = context.channelLayout(x.shape.length);
  const channels = fixedSize(x.shape, 1);
  const image = asImage(context, context.in(x, layout), x);
  const [mean, variance] = [0, 1 - EPSILON].map((v) => builder.floats(Array<number>(channels).fill(v)));
  const y = context.emit('FusedBatchNormV3', [image, scale, offset, mean, variance], x.dtype, {
    U: attr.type('float32'),
    epsilon: attr.float(EPSILON),
    data_format: attr.string(context.format),
    is_training: attr.bool(false),
  });
  return x.shape.length === 4
    ? y
    : context.reshape(
        y,
        layout.map((axis) => x.shape[axis]),
        x.dtype,
      );
}

/** `[N, C, ...]` with four axes: the pixels become one row, and those of several images one image where channels are last. */
function asImage(context: Context, x: string, { shape, dtype }: Value): string {
  if (shape.length === 4) return x;
  const [images, channels] = [dimAt(shape, 0), dimAt(shape, 1)];
  const pixels = count(fixedShape(shape.slice(2)));
  const target = context.format === 'NHWC' ? [images, 1, pixels, channels] : [images, channels, 1, pixels];
  return context.reshape(x, target, dtype);
}

/** `[C]` shaped to meet the channels of what is stored in `channelLayout`. */
function overChannels(context: Context, vector: Value, x: Value): string {
  if (context.format === 'NHWC') return context.plain(vector);
  return context.reshape(
    context.plain(vector),
    [dimAt(vector.shape, 0), ...x.shape.slice(2).map(() => 1)],
    vector.dtype,
  );
}

/** Sums over all axes but the channel. By rows, short sums lose fewer digits of float32 than one over all images. */
function sumOverChannels(context: Context, x: string, dtype: DType, { shape }: Value): string {
  const axes = context.channelLayout(shape.length).flatMap((axis, at) => (axis === 1 ? [] : [at]));
  if (!context.sumsByRow) return reduce(context, 'Sum', x, dtype, axes);
  return axes.reverse().reduce((sum, axis) => reduce(context, 'Sum', sum, dtype, [axis]), x);
}

const inChannelLayout = (context: Context, x: Value) => context.in(x, context.channelLayout(x.shape.length));

/** Halves are summed as float32. */
const toSum = (context: Context, x: Value, dtype: DType) =>
  context.cast(inChannelLayout(context, x), x.dtype, dtype);

const sigmoid = (context: Context, x: Value) => context.emit('Sigmoid', [x.name], x.dtype);
const multiply = (context: Context, a: string, b: string, dtype: DType) => context.emit('Mul', [a, b], dtype);

/** Symbols as primes larger than any size, so that equal products mean equal shapes. */
function withPrimes(shape: Shape, primes: Map<string, number>): number[] {
  for (const d of shape)
    for (const factor of typeof d === 'string' ? d.split('*') : [])
      if (Number.isNaN(Number(factor)) && !primes.has(factor)) primes.set(factor, LARGE_PRIMES[primes.size]);
  return shape.map((d) => sizeOf(d, Object.fromEntries(primes)));
}

const LARGE_PRIMES = [1000003, 1000033, 1000037, 1000039, 1000081, 1000099, 1000117, 1000121];

const LOWERINGS: { readonly [O in OpName]: Lowering<O> | Unsupported } = {
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  sqrt: unary('Sqrt'),
  reciprocal: unary('Reciprocal'),
  abs: unary('Abs'),
  atan: unary('Atan'),
  tanh: unary('Tanh'),
  sigmoid: unary('Sigmoid'),
  softplus: unary('Softplus'),
  leakyRelu: unary('LeakyRelu', ({ alpha }) => ({ alpha: attr.float(alpha) })),
  silu: (context, node, [x]) =>
    context.value(multiply(context, x.name, sigmoid(context, x), x.dtype), node, x.layout),
  /** dy · (s + x · s · (1 − s)) with s = sigmoid(x): TensorFlow has an op for all of the second summand. */
  siluBackward: (context, node, [dy, x]) => {
    const { dtype, layout } = x;
    const s = sigmoid(context, x);
    const rest = context.emit('SigmoidGrad', [s, x.name], dtype);
    const slope = context.emit('AddV2', [s, rest], dtype);
    return context.value(multiply(context, context.in(dy, layout), slope, dtype), node, layout);
  },

  add: binary('AddV2'),
  sub: binary('Sub'),
  mul: binary('Mul'),
  div: binary('RealDiv'),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: comparison('Greater'),
  equal: comparison('Equal'),
  where: (context, node, inputs) => {
    const layout = commonLayout(inputs, node.shape);
    const [test, a, b] = mapTriple(inputs, (x) => operand(context, x, layout));
    const zero = context.cast(context.builder.float(0), 'float32', inputs[0].dtype);
    const condition = context.emit('Greater', [test, zero], inputs[0].dtype);
    return context.value(context.emit('SelectV2', [condition, a, b], node.dtype), node, layout);
  },

  channelAffine: (context, node, [x, a, b]) =>
    context.value(
      affine(context, x, context.plain(a), context.plain(b)),
      node,
      context.channelLayout(x.shape.length),
    ),
  channelAffine2: (context, node, [x, a, y, b, d]) => {
    const first = affine(context, x, context.plain(a), context.plain(d));
    const factor = context.cast(overChannels(context, b, y), b.dtype, y.dtype);
    const second = multiply(context, inChannelLayout(context, y), factor, y.dtype);
    return context.value(
      context.emit('AddV2', [first, second], node.dtype),
      node,
      context.channelLayout(x.shape.length),
    );
  },
  channelSum: (context, node, [x]) =>
    context.value(sumOverChannels(context, toSum(context, x, node.dtype), node.dtype, x), node),
  channelDot: (context, node, [x, y]) => {
    const [a, b] = [toSum(context, x, node.dtype), toSum(context, y, node.dtype)];
    const product = multiply(context, a, b, node.dtype);
    return context.value(sumOverChannels(context, product, node.dtype, x), node);
  },

  reduceSum: reduction('Sum'),
  reduceMax: reduction('Max'),

  conv2d,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  maxPool2d,
  maxPool2dBackward,
  avgPool2d,
  upsampleNearest2d,
  /** Product of matrices, read as transposed where they lie so. */
  matmul: (context, node, [x, y]) => {
    const [a, b] = [matrices(context, x), matrices(context, y)];
    const product = context.emit('BatchMatMulV2', [a.tensor, b.tensor], node.dtype, {
      adj_x: attr.bool(a.swapped),
      adj_y: attr.bool(b.swapped),
    });
    return context.value(product, node);
  },

  reshape: (context, node, [x]) => {
    const primes = new Map<string, number>();
    const [from, to] = [withPrimes(x.shape, primes), withPrimes(node.shape, primes)];
    const layout = reshaped(from, to, x.layout);
    if (!layout) return context.value(context.reshape(context.plain(x), node.shape, x.dtype), node);
    return context.value(
      context.reshape(
        x.name,
        layout.map((axis) => node.shape[axis]),
        x.dtype,
      ),
      node,
      layout,
    );
  },
  transpose: (_context, { attrs, shape }, [x]) => ({
    ...x,
    shape,
    layout: transposed(x.layout, attrs.perm),
  }),
  concat: (context, node, inputs) => {
    const layout = inputs.find((x) => !isIdentity(x.layout))?.layout ?? inputs[0].layout;
    const tensors = inputs.map((x) => context.in(x, layout));
    const axis = storedAxis(layout, node.attrs.axis);
    return context.value(joinTensors(context, tensors, axis, node.dtype), node, layout);
  },
  slice: (context, node, [x]) => {
    const { axis, start, end } = node.attrs;
    const at = storedAxis(x.layout, axis);
    const begin = x.shape.map((_, i) => (i === at ? start : 0));
    const size = x.shape.map((_, i) => (i === at ? end - start : -1));
    return context.value(cut(context, x.name, begin, size, x.dtype), node, x.layout);
  },
  pad: (context, node, [x]) => {
    const { axis, before, after } = node.attrs;
    const at = storedAxis(x.layout, axis);
    const data = Int32Array.from(x.shape.flatMap((_, i) => (i === at ? [before, after] : [0, 0])));
    const widths = context.builder.constant({ dtype: 'int32', shape: [x.shape.length, 2], data });
    const y = context.emit('Pad', [x.name, widths], x.dtype, { Tpaddings: attr.type('int32') });
    return context.value(y, node, x.layout);
  },
  broadcastTo: (context, node, [x]) => {
    if (sameShape(x.shape, node.shape)) return x;
    const keeps = x.shape.length === node.shape.length;
    const layout = keeps ? x.layout : identity(node.shape.length);
    const target = context.shapeTensor(layout.map((axis) => node.shape[axis]));
    const y = context.emit('BroadcastTo', [keeps ? x.name : context.plain(x), target], x.dtype, {
      Tidx: attr.type('int32'),
    });
    return context.value(y, node, layout);
  },
  gatherRows: (context, node, [x, index]) => {
    const inputs = [context.plain(x), context.plain(index), context.builder.int32(0)];
    const y = context.builder.emit('GatherV2', inputs, {
      attrs: {
        Tparams: attr.type(x.dtype),
        Tindices: attr.type('int32'),
        Taxis: attr.type('int32'),
      },
    });
    return context.value(y, node);
  },
  scatterAddRows: (context, node, [values, index]) => {
    const rows = context.size(node.attrs.rows[0]);
    const inputs = [context.plain(values), context.plain(index), rows];
    const y = context.emit('UnsortedSegmentSum', inputs, node.dtype, {
      Tindices: attr.type('int32'),
      Tnumsegments: attr.type('int32'),
    });
    return context.value(y, node);
  },

  cast: (context, node, [x]) => context.value(context.cast(x.name, x.dtype, node.dtype), node, x.layout),
  size: (context, node, [x]) => {
    const sizes = node.attrs.axes.map((axis) => context.size(dimAt(x.shape, axis)));
    const count = sizes.reduce((a, b) => context.emit('Mul', [a, b], 'int32'));
    return context.value(context.cast(count, 'int32', node.dtype), node);
  },
  stopGradient: (_context, _node, [x]) => x,
};

/** A stack of matrices, and whether each is stored transposed. */
function matrices(context: Context, x: Value): { tensor: string; swapped: boolean } {
  const rank = x.shape.length;
  const swapLast = [...identity(rank - 2), rank - 1, rank - 2];
  const swapped = isIdentity(transposed(x.layout, swapLast));
  return { tensor: swapped ? x.name : context.plain(x), swapped };
}

/** @throws GraphError naming the op that TensorFlow does not run, and why */
export function loweringOf<O extends OpName>(node: OpNode<O>, what: string): Lowering<O> {
  const entry: Lowering<O> | Unsupported = LOWERINGS[node.op];
  return implementation(entry, node, what);
}
