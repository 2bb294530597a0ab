/** Cases for the tests of every executor: each op on small values, against the interpreter. */
import { numel } from '@froyolo/common';
import { expect } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import type { Executor } from '../executors/executor.js';
import { interpret } from '../executors/interpreter/interpret.js';
import { input, type Node, type Tensor, tensor } from '../graph/node.js';
import { batchNorm } from '../nn/batch-norm.js';
import { type Pair, pairOf } from '../ops/attrs.js';
import * as ops from '../ops/build.js';
import { optimize } from '../passes/optimize.js';

/** Values that repeat only after a long while, in (-1, 1). */
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * 1.7));

export function feed(node: Node, sizes: Record<string, number> = {}): [string, Tensor] {
  const shape = node.shape.map((d) => (typeof d === 'number' ? d : sizes[d]));
  return [node.name!, tensor(values(numel(shape)), shape)];
}

/** Runs the outputs on both and compares every number. */
export async function expectSame(
  executor: Executor,
  outputs: Record<string, Node>,
  feeds: Record<string, Tensor>,
): Promise<void> {
  const program = await executor.compile({ outputs });
  const actual = await program.run(feeds);
  const expected = interpret(outputs, feeds);
  await program.dispose();
  for (const name of Object.keys(outputs)) expectClose(name, actual[name], expected[name]);
}

export function expectClose(name: string, actual: Tensor, expected: Tensor): void {
  expect(actual.shape, name).toEqual(expected.shape);
  actual.data.forEach((value, i) => {
    const error = Math.abs(value - expected.data[i]) / Math.max(1, Math.abs(expected.data[i]));
    expect(error, `${name}[${i}]`).toBeLessThan(1e-4);
  });
}

const x = input('x', [2, 3, 6, 5]);
const y = input('y', [2, 3, 6, 5]);
const a = input('a', [3]);
const b = input('b', [3]);
const bytes = input('bytes', [2, 3, 32, 32], 'uint8');
const weight = input('weight', [16, 3, 6, 6]);
/** Feeds of the leaves of `CASES`. */
export const FEEDS: Record<string, Tensor> = {
  ...Object.fromEntries([x, y, a, b, weight].map((node) => feed(node))),
  bytes: tensor(
    Uint8Array.from({ length: 6144 }, (_, i) => (i * 37) % 256),
    [2, 3, 32, 32],
  ),
};
const positive = ops.add(ops.abs(x), 0.5);
const index = ops.cast(ops.mul(ops.abs(ops.slice(ops.reshape(a, [3, 1]), 0, 0, 3)), 2.9), 'int32');
const convolved = ops.conv2d(x, weight, undefined, { pad: 3 });
const someChannels = ops.slice(convolved, 1, 4, 12);
const pooled = ops.maxPool2d(x, { kernel: 3, stride: 1, pad: 1 });
const byAxis = ops.maxPool2d(x, { kernel: [3, 2], stride: [1, 2], pad: [1, 0] });
const halved = ops.maxPool2d(x, { kernel: 3, stride: 2, pad: 1 });

/** One graph per op, and more where an op has several ways to run. */
export const CASES: Record<string, Node> = {
  neg: ops.neg(x),
  exp: ops.exp(x),
  log: ops.log(positive),
  sqrt: ops.sqrt(positive),
  reciprocal: ops.reciprocal(positive),
  abs: ops.abs(x),
  atan: ops.atan(x),
  tanh: ops.tanh(x),
  sigmoid: ops.sigmoid(x),
  silu: ops.silu(x),
  softplus: ops.softplus(x),
  leakyRelu: ops.leakyRelu(x, 0.1),
  add: ops.add(x, ops.reshape(a, [3, 1, 1])),
  sub: ops.sub(x, y),
  mul: ops.mul(x, 3),
  div: ops.div(x, positive),
  maximum: ops.maximum(x, 0.1),
  minimum: ops.minimum(x, 0.1),
  greater: ops.greater(x, 0),
  equal: ops.equal(ops.greater(x, 0), 1),
  siluBackward: ops.siluBackward(y, x),
  channelAffine: ops.channelAffine(x, a, b),
  channelAffine2: ops.channelAffine2(x, a, y, b, a),
  channelSum: ops.channelSum(x),
  channelDot: ops.channelDot(x, y),
  'channelDot with itself': ops.channelDot(x, x),
  'channelDot of many pixels': ops.channelDot(ops.upsampleNearest2d(x, 4), ops.upsampleNearest2d(y, 4)),
  'sums of a convolution': ops.channelAffine(
    convolved,
    ops.channelSum(ops.silu(convolved)),
    ops.channelDot(convolved, convolved),
  ),
  'sums of some channels of a convolution': ops.add(
    ops.channelSum(someChannels),
    ops.mul(ops.channelDot(ops.silu(someChannels), someChannels), 0.1),
  ),
  'part of a leaf': ops.mul(ops.reshape(ops.slice(weight, 0, 2, 5), [27, 12]), 2),
  reduceSum: ops.reduceSum(x, [1, 3], true),
  reduceMax: ops.reduceMax(x, [2]),
  'transposed convolution': ops.convTranspose2d(x, ops.transpose(y, [1, 0, 2, 3]), undefined, {
    stride: 2,
    pad: 1,
    outputPad: 1,
  }),
  maxPool2d: pooled,
  maxPool2dBackward: ops.maxPool2dBackward(y, x, pooled),
  'maxPool2dBackward, stride 2': ops.maxPool2dBackward(ops.neg(halved), x, halved),
  'maxPool2d by axis': byAxis,
  'maxPool2dBackward by axis': ops.maxPool2dBackward(ops.neg(byAxis), x, byAxis),
  avgPool2d: ops.avgPool2d(x, { kernel: 3, stride: 2, pad: 1 }),
  'avgPool2d by axis': ops.avgPool2d(x, { kernel: [3, 2], stride: [2, 1], pad: [1, 0] }),
  upsampleNearest2d: ops.upsampleNearest2d(x, 2),
  matmul: ops.matmul(x, ops.transpose(y, [0, 1, 3, 2])),
  reshape: ops.reshape(x, [-1, 5]),
  transpose: ops.transpose(x, [3, 1, 0, 2]),
  concat: ops.concat([x, y], 1),
  slice: ops.slice(x, 2, 1, 4),
  pad: ops.pad(x, 3, 2, 1),
  broadcastTo: ops.broadcastTo(ops.reshape(a, [3, 1, 1]), [2, 3, 6, 5]),
  gatherRows: ops.gatherRows(ops.reshape(x, [6, 30]), ops.reshape(index, [3])),
  scatterAddRows: ops.scatterAddRows(ops.reshape(a, [3, 1]), ops.reshape(index, [3]), 4),
  where: ops.where(x, y, 2),
  cast: ops.cast(ops.mul(x, 4), 'int32'),
  'cast of bytes, convolved': ops.conv2d(ops.cast(bytes, 'float32'), ops.div(weight, 255), undefined, {
    stride: 2,
    pad: 2,
  }),
  size: ops.size(x, [0, 2]),
  stopGradient: ops.stopGradient(x),
};

interface ConvolutionCase extends Required<ops.ConvOptions> {
  readonly channels: number;
  readonly out: number;
  readonly kernel: number | Pair;
}

export const CONVOLUTIONS: readonly ConvolutionCase[] = [
  { channels: 3, out: 4, kernel: 6, stride: 2, pad: 2, groups: 1, dilation: 1 },
  { channels: 6, out: 4, kernel: 1, stride: 1, pad: 0, groups: 1, dilation: 1 },
  { channels: 6, out: 4, kernel: 3, stride: 1, pad: 1, groups: 1, dilation: 1 },
  { channels: 6, out: 4, kernel: 3, stride: 2, pad: 1, groups: 1, dilation: 1 },
  { channels: 6, out: 4, kernel: 2, stride: 2, pad: 0, groups: 1, dilation: 1 },
  { channels: 6, out: 4, kernel: 3, stride: 1, pad: 2, groups: 1, dilation: 2 },
  { channels: 6, out: 4, kernel: 3, stride: 2, pad: 1, groups: 2, dilation: 1 },
  { channels: 6, out: 6, kernel: 3, stride: 1, pad: 1, groups: 6, dilation: 1 },
  { channels: 5, out: 4, kernel: 1, stride: 2, pad: 0, groups: 1, dilation: 1 },
  { channels: 4, out: 6, kernel: [4, 2], stride: [2, 1], pad: [1, 0], groups: 1, dilation: 1 },
  { channels: 4, out: 6, kernel: [2, 3], stride: [1, 2], pad: [0, 1], groups: 2, dilation: 1 },
  { channels: 4, out: 6, kernel: [3, 2], stride: 1, pad: [2, 0], groups: 1, dilation: [2, 1] },
  { channels: 16, out: 32, kernel: 3, stride: 1, pad: 1, groups: 1, dilation: 1 },
  { channels: 32, out: 16, kernel: 3, stride: 2, pad: 1, groups: 1, dilation: 1 },
  { channels: 3, out: 16, kernel: 6, stride: 2, pad: 2, groups: 1, dilation: 1 },
];

/**
 * A convolution with its gradients towards image, weight and bias.
 * @param prefix of the names of the leaves, for a graph of several
 */
export function convolutionWithGradients(options: ConvolutionCase, [height, width] = [11, 8], prefix = '') {
  const { channels, out, kernel, groups } = options;
  const image = input(`${prefix}image`, [2, channels, height, width]);
  const weight = input(`${prefix}weight`, [out, channels / groups, ...pairOf(kernel)]);
  const bias = input(`${prefix}bias`, [out]);
  const result = ops.conv2d(image, weight, bias, options);
  const wrt = [image, weight, bias];
  const [dImage, dWeight, dBias] = gradients(ops.reduceSum(ops.square(result)), wrt);
  return {
    outputs: { result, dImage: dImage!, dWeight: dWeight!, dBias: dBias! },
    feeds: Object.fromEntries(wrt.map((node) => feed(node))),
  };
}

/** Two convolutions, each with batch normalization, their gradients and statistics. */
export function normalizedConvolutions([height, width] = [8, 8]) {
  const x = input('x', ['batch', 3, height, width]);
  const weight = (name: string, shape: number[]) => input(name, shape);
  const layer = (image: Node, index: number, channels: number) => {
    const [w, g, b, m, v] = [
      weight(`w${index}`, [4, channels, 3, 3]),
      ...['g', 'b', 'm', 'v'].map((name) => weight(`${name}${index}`, [4])),
    ];
    const params = { weight: g, bias: b, runningMean: m, runningVar: v };
    const { y, statistics } = batchNorm(ops.conv2d(image, w, undefined, { pad: 1 }), params, 1e-3, 'batch');
    return { y: ops.silu(y), leaves: [w, g, b], unused: v, statistics: statistics! };
  };
  const first = layer(x, 0, 3);
  const second = layer(first.y, 1, 4);
  const leaves = [x, ...first.leaves, ...second.leaves];
  const all = gradients(ops.reduceSum(ops.square(second.y)), leaves);
  const named = [first, second].flatMap(({ statistics: { mean, variance } }, i) => [
    [`mean${i}`, mean] as const,
    [`variance${i}`, variance] as const,
  ]);
  const outputs = {
    ...Object.fromEntries(all.map((gradient, i) => [`d${leaves[i].name}`, gradient!])),
    ...Object.fromEntries(named),
  };
  return optimize({ outputs });
}

/** Convolutions whose columns are pixels as they lie, after one whose aren't, and all gradients. */
export function pointwiseConvolutions([height, width] = [8, 8]) {
  const x = input('x', ['batch', 3, height, width]);
  const weights = [
    input('w0', [20, 3, 3, 3]),
    input('w1', [5, 20, 1, 1]),
    input('w2', [18, 5, 1, 1]),
  ] as const;
  const first = ops.silu(ops.conv2d(x, weights[0], undefined, { pad: 1 }));
  const second = ops.silu(ops.conv2d(first, weights[1]));
  const y = ops.conv2d(second, weights[2]);
  const leaves = [x, ...weights];
  const all = gradients(ops.reduceSum(ops.square(y)), leaves);
  return optimize({
    outputs: { y, ...Object.fromEntries(all.map((gradient, i) => [`d${leaves[i].name}`, gradient!])) },
  });
}
