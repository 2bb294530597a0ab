/** Lowerings of the IR's ops to tfjs' kernels, one entry per op. Kernels that a backend may lack have a replacement. */
import type { NoAttrs } from '../../ops/attrs.js';
import { mapTriple } from '../../ops/op-node.js';
import { count, sameShape } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import type { Unsupported } from '../../ops/unsupported.js';
import type { DeviceValue, KernelRunner, Lowering } from './kernel-runner.js';
import {
  channelsLast,
  identity,
  isIdentity,
  type Layout,
  reshaped,
  stored,
  storedAxis,
  transposed,
  without,
} from './layout.js';
import { conv2d, conv2dBackwardInput, conv2dBackwardWeight } from './lower-conv.js';
import { lowerMatmul } from './lower-matmul.js';
import { avgPool2d, maxPool2d, maxPool2dBackward, upsampleNearest2d } from './lower-pool.js';
import type { KernelAttr, TfTensor } from './runtime.js';

const unary =
  <A = NoAttrs>(kernel: string, kernelAttrs?: (attrs: A) => Record<string, KernelAttr>) =>
  (runner: KernelRunner, [x]: readonly [DeviceValue], attrs: A) =>
    runner.value(runner.run(kernel, { x: x.buffer.tensor }, kernelAttrs?.(attrs)), x.layout);

/** Layout of a full-size input, preferring one not in graph order: an op on elements works in it. */
function commonLayout(inputs: readonly DeviceValue[], shape: readonly number[]): Layout {
  const full = inputs.filter((x) => sameShape(x.shape, shape));
  return (full.find((x) => !isIdentity(x.layout)) ?? full[0])?.layout ?? identity(shape.length);
}

/** An input of an op on elements, so that NumPy's broadcasting meets the right axes in `layout`. */
function operand(runner: KernelRunner, x: DeviceValue, layout: Layout): TfTensor {
  if (isIdentity(layout) || x.shape.length === 0) return runner.plain(x);
  if (x.shape.length === layout.length) return runner.in(x, layout);
  return runner.transpose(padRank(runner, x, layout.length), layout);
}

/** A tensor in the graph's order with axes of size 1 in front. */
function padRank(runner: KernelRunner, x: DeviceValue, rank: number): TfTensor {
  return runner.reshape(runner.plain(x), [...Array(rank - x.shape.length).fill(1), ...x.shape]);
}

type Two = readonly [a: DeviceValue, b: DeviceValue];

const binary =
  (kernel: string) => (runner: KernelRunner, inputs: Two, _attrs: NoAttrs, shape: readonly number[]) => {
    const layout = commonLayout(inputs, shape);
    const [a, b] = inputs;
    const operands = { a: operand(runner, a, layout), b: operand(runner, b, layout) };
    return runner.value(runner.run(kernel, operands), layout);
  };

/** Comparisons give 1 or 0 as float32. */
const comparison =
  (kernel: string) =>
  (runner: KernelRunner, [a, b]: Two, _attrs: NoAttrs, shape: readonly number[]) => {
    const layout = commonLayout([a, b], shape);
    const operands = { a: operand(runner, a, layout), b: operand(runner, b, layout) };
    return runner.value(
      runner.run('Cast', { x: runner.run(kernel, operands) }, { dtype: 'float32' }),
      layout,
    );
  };

/** x repeated along axes of size 1. */
function repeat(runner: KernelRunner, x: TfTensor, shape: readonly number[]): TfTensor {
  if (sameShape(x.shape, shape)) return x;
  const padded = runner.reshape(x, [...Array(shape.length - x.shape.length).fill(1), ...x.shape]);
  return runner.run('Tile', { x: padded }, { reps: shape.map((size, i) => size / padded.shape[i]) });
}

const sigmoid = (runner: KernelRunner, x: TfTensor) => runner.run('Sigmoid', { x });
const multiply = (runner: KernelRunner, a: TfTensor, b: TfTensor) => runner.run('Multiply', { a, b });
const add = (runner: KernelRunner, a: TfTensor, b: TfTensor) => runner.run('Add', { a, b });

/** A power of two, so that `EPSILON + (1 - EPSILON)` is 1 in float32. */
const EPSILON = 2 ** -10;

/** x · a[c] + b[c] in one pass: batch normalization with mean 0 and variance 1. The channel is x's last axis. */
function affine(runner: KernelRunner, x: TfTensor, scale: TfTensor, offset: TfTensor): TfTensor {
  const channels = scale.shape[0];
  const image = x.shape.length === 4 ? x : runner.reshape(x, [1, 1, count(x.shape) / channels, channels]);
  const mean = runner.constant(0, channels);
  const variance = runner.constant(1 - EPSILON, channels);
  const inputs = { x: image, mean, variance, scale, offset };
  const y = runner.run('FusedBatchNorm', inputs, { varianceEpsilon: EPSILON });
  return runner.reshape(y, x.shape);
}

/** Sums over all axes but the last. Rows first: short sums lose fewer digits of float32 than one over all images. */
function sumOverChannels(runner: KernelRunner, x: TfTensor): TfTensor {
  let sum = x;
  for (let axis = x.shape.length - 2; axis >= 0; axis--)
    sum = runner.run('Sum', { x: sum }, { axis: [axis], keepDims: false });
  return sum;
}

const reduction =
  (kernel: string, axesName: string): Lowering<'reduceSum' | 'reduceMax'> =>
  (runner, [x], attrs) => {
    const { axes } = attrs;
    const keepDims = attrs.keepDims === 1;
    const storedAxes = axes.map((axis) => storedAxis(x.layout, axis)).sort((a, b) => a - b);
    const y = runner.run(kernel, { x: x.buffer.tensor }, { [axesName]: storedAxes, keepDims });
    return runner.value(y, keepDims ? x.layout : without(x.layout, axes));
  };

/** A tensor of at most four axes with the same elements, and which of them is `axis`: some kernels take no more. */
function aroundAxis(runner: KernelRunner, x: TfTensor, axis: number): { tensor: TfTensor; at: number } {
  if (x.shape.length <= 4) return { tensor: x, at: axis };
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map((sizes) => count(sizes));
  return { tensor: runner.reshape(x, [before, x.shape[axis], after]), at: 1 };
}

export const LOWERINGS: { readonly [O in OpName]: Lowering<O> | Unsupported } = {
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
  leakyRelu: unary('LeakyRelu', ({ alpha }) => ({ alpha })),
  silu: (runner, [x]) => {
    const { tensor } = x.buffer;
    return runner.value(multiply(runner, tensor, sigmoid(runner, tensor)), x.layout);
  },
  /** d + d · (x − y) with d = dy · s, s = sigmoid(x) and y = x · s */
  siluBackward: (runner, [dy, x]) => {
    const tensor = x.buffer.tensor;
    const s = sigmoid(runner, tensor);
    const rest = runner.run('Sub', { a: tensor, b: multiply(runner, tensor, s) });
    const d = multiply(runner, runner.in(dy, x.layout), s);
    return runner.value(add(runner, d, multiply(runner, d, rest)), x.layout);
  },

  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Multiply'),
  div: binary('RealDiv'),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: comparison('Greater'),
  equal: comparison('Equal'),
  where: (runner, inputs, _attrs, shape) => {
    const layout = commonLayout(inputs, shape);
    const full = (x: DeviceValue) => repeat(runner, operand(runner, x, layout), stored(shape, layout));
    const [test, t, e] = mapTriple(inputs, full);
    const condition = runner.run('Greater', { a: test, b: runner.constant(0) });
    return runner.value(runner.run('Select', { condition, t, e }), layout);
  },

  channelAffine: (runner, [x, a, b]) => {
    const layout = channelsLast(x.shape.length);
    return runner.value(affine(runner, runner.in(x, layout), runner.plain(a), runner.plain(b)), layout);
  },
  channelAffine2: (runner, [x, a, y, b, d]) => {
    const layout = channelsLast(x.shape.length);
    const first = affine(runner, runner.in(x, layout), runner.plain(a), runner.plain(d));
    return runner.value(add(runner, first, multiply(runner, runner.in(y, layout), runner.plain(b))), layout);
  },
  channelSum: (runner, [x]) =>
    runner.value(sumOverChannels(runner, runner.in(x, channelsLast(x.shape.length)))),
  channelDot: (runner, [x, y]) => {
    const layout = channelsLast(x.shape.length);
    return runner.value(
      sumOverChannels(runner, multiply(runner, runner.in(x, layout), runner.in(y, layout))),
    );
  },

  reduceSum: reduction('Sum', 'axis'),
  reduceMax: reduction('Max', 'reductionIndices'),

  conv2d,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  maxPool2d,
  maxPool2dBackward,
  avgPool2d,
  upsampleNearest2d,
  matmul: lowerMatmul,

  reshape: (runner, [x], _attrs, shape) => {
    const layout = reshaped(x.shape, shape, x.layout);
    if (!layout) return runner.value(runner.run('Reshape', { x: runner.plain(x) }, { shape: [...shape] }));
    return runner.value(
      runner.run('Reshape', { x: x.buffer.tensor }, { shape: stored(shape, layout) }),
      layout,
    );
  },
  transpose: (runner, [x], { perm }, shape) => runner.alias(x, { layout: transposed(x.layout, perm), shape }),
  concat: (runner, inputs, { axis }) => {
    const layout = inputs.find((x) => !isIdentity(x.layout))?.layout ?? inputs[0].layout;
    const tensors = inputs.map((x) => runner.in(x, layout));
    return runner.value(runner.run('Concat', tensors, { axis: storedAxis(layout, axis) }), layout);
  },
  slice: (runner, [x], { axis, start, end }, shape) => {
    const { tensor, at } = aroundAxis(runner, x.buffer.tensor, storedAxis(x.layout, axis));
    const begin = tensor.shape.map((_, i) => (i === at ? start : 0));
    const size = tensor.shape.map((all, i) => (i === at ? end - start : all));
    const y = runner.run('Slice', { x: tensor }, { begin, size });
    return runner.value(runner.reshape(y, stored(shape, x.layout)), x.layout);
  },
  pad: (runner, [x], { axis, before, after }, shape) => {
    const { tensor, at } = aroundAxis(runner, x.buffer.tensor, storedAxis(x.layout, axis));
    const paddings = tensor.shape.map((_, i) => (i === at ? [before, after] : [0, 0]));
    const y = runner.run('PadV2', { x: tensor }, { paddings, constantValue: 0 });
    return runner.value(runner.reshape(y, stored(shape, x.layout)), x.layout);
  },
  broadcastTo: (runner, [x], _attrs, shape) => {
    if (sameShape(x.shape, shape)) return runner.alias(x);
    if (x.shape.length < shape.length) return runner.value(repeat(runner, runner.plain(x), shape));
    return runner.value(repeat(runner, x.buffer.tensor, stored(shape, x.layout)), x.layout);
  },
  gatherRows: (runner, [x, index]) => {
    const inputs = { x: runner.plain(x), indices: runner.plain(index) };
    return runner.value(runner.run('GatherV2', inputs, { axis: 0, batchDims: 0 }));
  },
  scatterAddRows: (runner, [values, index], _attrs, shape) => {
    const indices = runner.reshape(runner.plain(index), [index.shape[0], 1]);
    const updates = runner.plain(values);
    return runner.value(runner.run('ScatterNd', { indices, updates }, { shape: [...shape] }));
  },

  /** Halves are `float32` on the device and become halves where they are read. */
  cast: (runner, [x], attrs) => {
    const dtype = attrs.dtype === 'float16' ? 'float32' : attrs.dtype;
    const from = x.buffer.tensor;
    const cast = runner.run('Cast', { x: from }, { dtype });
    // tfjs' WebGPU backend only renames whole numbers to floats, and its convolutions then read their bits as such.
    const renamed = from.dtype === 'int32' && dtype === 'float32';
    return runner.value(renamed ? multiply(runner, cast, runner.scalar(1)) : cast, x.layout);
  },
  size: (runner, [x], { axes }) => runner.value(runner.scalar(count(axes.map((axis) => x.shape[axis])))),
  stopGradient: (runner, [x]) => runner.alias(x),
};
