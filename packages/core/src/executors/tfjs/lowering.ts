/** How each op of the IR runs on tfjs' kernels: one entry per op. Kernels that a backend may lack have a way round. */
import type { Attrs, DType } from '../../graph/node.js';
import type { OpName } from '../../ops/table.js';
import type { Device, Value } from './device.js';
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

/** `shape` is the result's, with every symbolic size known. */
export type Lowering = (
  device: Device,
  inputs: readonly Value[],
  attrs: Attrs,
  shape: readonly number[],
) => Value;

const count = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

const sameShape = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, i) => size === b[i]);

const unary =
  (kernel: string, kernelAttrs?: (attrs: Attrs) => Record<string, KernelAttr>): Lowering =>
  (device, [x], attrs) =>
    device.value(device.run(kernel, { x: x.buffer.tensor }, kernelAttrs?.(attrs)), x.layout);

/** The layout in which an op on elements works: that of a full-size input, rather one that is not the graph's order. */
function commonLayout(inputs: readonly Value[], shape: readonly number[]): Layout {
  const full = inputs.filter((x) => sameShape(x.shape, shape));
  return (full.find((x) => !isIdentity(x.layout)) ?? full[0])?.layout ?? identity(shape.length);
}

/** An input of an op on elements, so that NumPy's broadcasting meets the right axes in `layout`. */
function operand(device: Device, x: Value, layout: Layout): TfTensor {
  if (isIdentity(layout) || x.shape.length === 0) return device.plain(x);
  if (x.shape.length === layout.length) return device.in(x, layout);
  return device.transpose(padRank(device, x, layout.length), layout);
}

/** A tensor in the graph's order with axes of size 1 in front. */
function padRank(device: Device, x: Value, rank: number): TfTensor {
  return device.reshape(device.plain(x), [...Array(rank - x.shape.length).fill(1), ...x.shape]);
}

const operands = (device: Device, inputs: readonly Value[], layout: Layout) =>
  inputs.map((x) => operand(device, x, layout));

const binary =
  (kernel: string): Lowering =>
  (device, inputs, _attrs, shape) => {
    const layout = commonLayout(inputs, shape);
    const [a, b] = operands(device, inputs, layout);
    return device.value(device.run(kernel, { a, b }), layout);
  };

/** Comparisons give 1 or 0 as float32. */
const comparison =
  (kernel: string): Lowering =>
  (device, inputs, _attrs, shape) => {
    const layout = commonLayout(inputs, shape);
    const [a, b] = operands(device, inputs, layout);
    return device.value(
      device.run('Cast', { x: device.run(kernel, { a, b }) }, { dtype: 'float32' }),
      layout,
    );
  };

/** x repeated along axes of size 1. */
function repeat(device: Device, x: TfTensor, shape: readonly number[]): TfTensor {
  if (sameShape(x.shape, shape)) return x;
  const padded = device.reshape(x, [...Array(shape.length - x.shape.length).fill(1), ...x.shape]);
  return device.run('Tile', { x: padded }, { reps: shape.map((size, i) => size / padded.shape[i]) });
}

const sigmoid = (device: Device, x: TfTensor) => device.run('Sigmoid', { x });
const multiply = (device: Device, a: TfTensor, b: TfTensor) => device.run('Multiply', { a, b });
const add = (device: Device, a: TfTensor, b: TfTensor) => device.run('Add', { a, b });

/** A power of two, so that `EPSILON + (1 - EPSILON)` is 1 in float32. */
const EPSILON = 2 ** -10;

/** x · a[c] + b[c] in one pass: batch normalization with mean 0 and variance 1. The channel is x's last axis. */
function affine(device: Device, x: TfTensor, scale: TfTensor, offset: TfTensor): TfTensor {
  const channels = scale.shape[0];
  const image = x.shape.length === 4 ? x : device.reshape(x, [1, 1, count(x.shape) / channels, channels]);
  const mean = device.constant(0, channels);
  const variance = device.constant(1 - EPSILON, channels);
  const inputs = { x: image, mean, variance, scale, offset };
  const y = device.run('FusedBatchNorm', inputs, { varianceEpsilon: EPSILON });
  return device.reshape(y, x.shape);
}

/** Sums over all axes but the last. Rows first: short sums lose fewer digits of float32 than one over all images. */
function sumOverChannels(device: Device, x: TfTensor): TfTensor {
  let sum = x;
  for (let axis = x.shape.length - 2; axis >= 0; axis--)
    sum = device.run('Sum', { x: sum }, { axis: [axis], keepDims: false });
  return sum;
}

const reduction =
  (kernel: string, axesName: string): Lowering =>
  (device, [x], attrs) => {
    const axes = attrs.axes as number[];
    const keepDims = attrs.keepDims === 1;
    const storedAxes = axes.map((axis) => storedAxis(x.layout, axis)).sort((a, b) => a - b);
    const y = device.run(kernel, { x: x.buffer.tensor }, { [axesName]: storedAxes, keepDims });
    return device.value(y, keepDims ? x.layout : without(x.layout, axes));
  };

/** A tensor of at most four axes with the same elements, and which of them is `axis`: some kernels take no more. */
function aroundAxis(device: Device, x: TfTensor, axis: number): { tensor: TfTensor; at: number } {
  if (x.shape.length <= 4) return { tensor: x, at: axis };
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)].map(count);
  return { tensor: device.reshape(x, [before, x.shape[axis], after]), at: 1 };
}

export const LOWERINGS: Partial<Record<OpName, Lowering>> = {
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
  leakyRelu: unary('LeakyRelu', ({ alpha }) => ({ alpha: alpha as number })),
  silu: (device, [x]) => {
    const { tensor } = x.buffer;
    return device.value(multiply(device, tensor, sigmoid(device, tensor)), x.layout);
  },
  /** d + d · (x − y) with d = dy · s, s = sigmoid(x) and y = x · s */
  siluBackward: (device, [dy, x]) => {
    const tensor = x.buffer.tensor;
    const s = sigmoid(device, tensor);
    const rest = device.run('Sub', { a: tensor, b: multiply(device, tensor, s) });
    const d = multiply(device, device.in(dy, x.layout), s);
    return device.value(add(device, d, multiply(device, d, rest)), x.layout);
  },

  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Multiply'),
  div: binary('RealDiv'),
  maximum: binary('Maximum'),
  minimum: binary('Minimum'),
  greater: comparison('Greater'),
  equal: comparison('Equal'),
  where: (device, inputs, _attrs, shape) => {
    const layout = commonLayout(inputs, shape);
    const full = operands(device, inputs, layout).map((x) => repeat(device, x, stored(shape, layout)));
    const [test, t, e] = full;
    const condition = device.run('Greater', { a: test, b: device.constant(0) });
    return device.value(device.run('Select', { condition, t, e }), layout);
  },

  channelAffine: (device, [x, a, b]) => {
    const layout = channelsLast(x.shape.length);
    return device.value(affine(device, device.in(x, layout), device.plain(a), device.plain(b)), layout);
  },
  channelAffine2: (device, [x, a, y, b, d]) => {
    const layout = channelsLast(x.shape.length);
    const first = affine(device, device.in(x, layout), device.plain(a), device.plain(d));
    return device.value(add(device, first, multiply(device, device.in(y, layout), device.plain(b))), layout);
  },
  channelSum: (device, [x]) =>
    device.value(sumOverChannels(device, device.in(x, channelsLast(x.shape.length)))),
  channelDot: (device, [x, y]) => {
    const layout = channelsLast(x.shape.length);
    return device.value(
      sumOverChannels(device, multiply(device, device.in(x, layout), device.in(y, layout))),
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

  reshape: (device, [x], _attrs, shape) => {
    const layout = reshaped(x.shape, shape, x.layout);
    if (!layout) return device.value(device.run('Reshape', { x: device.plain(x) }, { shape: [...shape] }));
    return device.value(
      device.run('Reshape', { x: x.buffer.tensor }, { shape: stored(shape, layout) }),
      layout,
    );
  },
  transpose: (device, [x], { perm }, shape) =>
    device.alias(x, { layout: transposed(x.layout, perm as number[]), shape }),
  concat: (device, inputs, { axis }) => {
    const layout = inputs.find((x) => !isIdentity(x.layout))?.layout ?? inputs[0].layout;
    const tensors = inputs.map((x) => device.in(x, layout));
    return device.value(device.run('Concat', tensors, { axis: storedAxis(layout, axis as number) }), layout);
  },
  slice: (device, [x], attrs, shape) => {
    const { axis, start, end } = attrs as Record<string, number>;
    const { tensor, at } = aroundAxis(device, x.buffer.tensor, storedAxis(x.layout, axis));
    const begin = tensor.shape.map((_, i) => (i === at ? start : 0));
    const size = tensor.shape.map((all, i) => (i === at ? end - start : all));
    const y = device.run('Slice', { x: tensor }, { begin, size });
    return device.value(device.reshape(y, stored(shape, x.layout)), x.layout);
  },
  pad: (device, [x], attrs, shape) => {
    const { axis, before, after } = attrs as Record<string, number>;
    const { tensor, at } = aroundAxis(device, x.buffer.tensor, storedAxis(x.layout, axis));
    const paddings = tensor.shape.map((_, i) => (i === at ? [before, after] : [0, 0]));
    const y = device.run('PadV2', { x: tensor }, { paddings, constantValue: 0 });
    return device.value(device.reshape(y, stored(shape, x.layout)), x.layout);
  },
  broadcastTo: (device, [x], _attrs, shape) => {
    if (sameShape(x.shape, shape)) return device.alias(x);
    if (x.shape.length < shape.length) return device.value(repeat(device, device.plain(x), shape));
    return device.value(repeat(device, x.buffer.tensor, stored(shape, x.layout)), x.layout);
  },
  gatherRows: (device, [x, index]) => {
    const inputs = { x: device.plain(x), indices: device.plain(index) };
    return device.value(device.run('GatherV2', inputs, { axis: 0, batchDims: 0 }));
  },
  scatterAddRows: (device, [values, index], _attrs, shape) => {
    const indices = device.reshape(device.plain(index), [index.shape[0], 1]);
    const updates = device.plain(values);
    return device.value(device.run('ScatterNd', { indices, updates }, { shape: [...shape] }));
  },

  /** Halves are `float32` on the device and become halves where they are read. */
  cast: (device, [x], attrs) => {
    const dtype = attrs.dtype === 'float16' ? 'float32' : (attrs.dtype as DType);
    const from = x.buffer.tensor;
    const cast = device.run('Cast', { x: from }, { dtype });
    // tfjs' WebGPU backend only renames whole numbers to floats, and its convolutions then read their bits as such.
    const renamed = from.dtype === 'int32' && dtype === 'float32';
    return device.value(renamed ? multiply(device, cast, device.scalar(1)) : cast, x.layout);
  },
  size: (device, [x], { axes }) =>
    device.value(device.scalar(count((axes as number[]).map((axis) => x.shape[axis])))),
  stopGradient: (device, [x]) => device.alias(x),
};
