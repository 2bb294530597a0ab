import { expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { interpret } from '../executors/interpreter/interpret.js';
import { input, type Node, param, tensor, topologicalOrder } from '../graph/node.js';
import { conv2d, mul, reduceSum } from '../ops/build.js';
import { type BatchNormMode, batchNorm } from './batch-norm.js';

const EPS = 1e-3;
const x = input('x', ['batch', 2, 3, 3]);
const params = {
  weight: param('weight', [2]),
  bias: param('bias', [2]),
  runningMean: param('mean', [2]),
  runningVar: param('var', [2]),
};
const wave = (count: number, phase: number) =>
  Float32Array.from({ length: count }, (_, i) => Math.sin(phase + 1.7 * i));
const values = {
  x: tensor(wave(4 * 18, 1), [4, 2, 3, 3]),
  weight: tensor([1.5, -0.5]),
  bias: tensor([0.25, 2]),
  mean: tensor([0.75, -0.5]),
  var: tensor([0.4, 2]),
  kernel: tensor(wave(4, 3), [2, 2, 1, 1]),
};
const one = conv2d(x, param('kernel', [2, 2, 1, 1]));

const run = (from: Node, mode: BatchNormMode) => {
  const { y, statistics } = batchNorm(from, params, EPS, mode);
  return interpret({ y, ...(statistics ?? {}) }, values);
};

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(actual[i]).toBeCloseTo(expected[i], 5);
}

test.each([
  ['an image', x],
  ['a convolution', one],
])('tracking after %s: the output of running, the statistics of batch', (_, from) => {
  const [running, batch, tracking] = (['running', 'batch', 'tracking'] as const).map((mode) =>
    run(from, mode),
  );
  expect(Object.keys(running)).toEqual(['y']);
  expectClose(tracking.y.data, running.y.data);
  expectClose(tracking.mean.data, batch.mean.data);
  expectClose(tracking.variance.data, batch.variance.data);
  expect(tracking.y.data).not.toEqual(batch.y.data);
});

test('tracking costs no second convolution', () => {
  const { y, statistics } = batchNorm(one, params, EPS, 'tracking');
  const order = topologicalOrder([y, statistics!.mean, statistics!.variance]);
  expect(order.filter(({ op }) => op === 'conv2d')).toHaveLength(1);
});

test('no gradient goes through tracked statistics: that towards x is the scale alone', () => {
  const upstream = input('upstream', ['batch', 2, 3, 3]);
  const { y } = batchNorm(x, params, EPS, 'tracking');
  const [dx] = gradients(reduceSum(mul(y, upstream)), [x]);
  const given = tensor(wave(4 * 18, 5), [4, 2, 3, 3]);
  const result = interpret({ dx: dx! }, { ...values, upstream: given });
  const scale = [0, 1].map((c) => values.weight.data[c] / Math.sqrt(values.var.data[c] + EPS));
  expectClose(
    result.dx.data,
    given.data.map((v, i) => v * scale[Math.floor(i / 9) % 2]),
  );
});
