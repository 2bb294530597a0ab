import { input, interpret, type Node, type Tensor, tensor } from '@froyolo/core';
import { expect, test } from 'vitest';
import { initialize } from './initialize.js';
import { buildModel } from './model.js';
import { randomOf } from './random.js';
import { parseModelYaml } from './spec.js';

/** A small model with one layer before Detect. */
const withLayer = (layer: string) =>
  buildModel(
    parseModelYaml(`nc: 1
anchors: [[1, 2]]
backbone: [${layer}]
head: [[-1, 1, Detect, [nc, anchors]]]`),
  );

const image = (() => {
  const random = randomOf(0, 'image');
  return tensor(
    Float32Array.from({ length: 2 * 3 * 8 * 8 }, () => random()),
    [2, 3, 8, 8],
  );
})();

function outputOf(layer: string, mode: 'batch' | 'running', change?: (values: Map<string, Tensor>) => void) {
  const model = withLayer(layer);
  const values = initialize(model, 0);
  change?.(values);
  const { layers, heads, statistics } = model.forward(input('images', ['batch', 3, 8, 8]), {
    batchNorm: () => mode,
  });
  const [stats] = statistics.values();
  const outputs: Record<string, Node> = { y: layers[0], head: heads[0], ...stats };
  const { y, head, mean, variance } = interpret(outputs, { images: image, ...Object.fromEntries(values) });
  return { y, head, mean, variance, statistics, model };
}

const silu = (x: number) => x / (1 + Math.exp(-x));

test('Focus takes the phases (0,0), (1,0), (0,1), (1,1) of row and column', () => {
  const weight = tensor(
    Float32Array.from({ length: 16 * 12 }, (_, i) => (i % 13 === 0 ? 1 : 0)),
    [16, 12, 1, 1],
  );
  const { y } = outputOf('[-1, 1, Focus, [16, 1]]', 'running', (values) => {
    values.set('model.0.conv.conv.weight', weight);
  });
  expect(y.shape).toEqual([2, 16, 4, 4]);
  const phases = [
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ];
  for (const [n, phase, c, i, j] of [
    [0, 0, 0, 0, 0],
    [0, 1, 2, 3, 1],
    [1, 2, 1, 2, 3],
    [1, 3, 0, 1, 2],
  ]) {
    const [row, column] = [2 * i + phases[phase][0], 2 * j + phases[phase][1]];
    const x = image.data[((n * 3 + c) * 8 + row) * 8 + column];
    const channel = phase * 3 + c;
    expect(y.data[((n * 16 + channel) * 4 + i) * 4 + j]).toBeCloseTo(silu(x / Math.sqrt(1.001)), 6);
  }
});

test('SPPF is SPP with kernels k, 2k - 1, 3k - 2', () => {
  const fast = outputOf('[-1, 1, SPPF, [8, 3]]', 'running').y;
  const plain = outputOf('[-1, 1, SPP, [8, [3, 5, 7]]]', 'running').y;
  expect(fast.shape).toEqual([2, 8, 8, 8]);
  expect(fast.data).toEqual(plain.data);
  expect(new Set(fast.data).size).toBeGreaterThan(100);
});

test('batch mode normalizes by the batch and hands out its mean and unbiased variance', () => {
  const { y, mean, variance, statistics } = outputOf('[-1, 1, nn.BatchNorm2d, []]', 'batch');
  expect([...statistics.keys()]).toEqual(['model.0']);
  const values = [0, 1].flatMap((n) => [...image.data.slice((n * 3 + 1) * 64, (n * 3 + 2) * 64)]);
  const average = values.reduce((a, b) => a + b, 0) / 128;
  const squares = values.reduce((a, b) => a + (b - average) ** 2, 0);
  expect(mean.data[1]).toBeCloseTo(average, 6);
  expect(variance.data[1]).toBeCloseTo(squares / 127, 6);
  expect(y.data[64]).toBeCloseTo((values[0] - average) / Math.sqrt(squares / 128 + 1e-3), 5);
  expect(outputOf('[-1, 1, nn.BatchNorm2d, []]', 'running').statistics.size).toBe(0);
});

test('one leaf per name and call; the heads follow the levels', () => {
  const { model, head } = outputOf('[-1, 2, C3, [8]]', 'running');
  const names = new Set<string>();
  const visit = (node: Node): void => {
    if (node.op === 'param') names.add(node.name!);
    node.inputs.forEach(visit);
  };
  const { heads } = model.forward(input('images', ['batch', 3, 8, 8]), { batchNorm: () => 'running' });
  heads.forEach(visit);
  const running = model.buffers.map(({ name }) => name).filter((name) => name.includes('.running_'));
  expect([...names].sort()).toEqual([...model.parameters.map(({ name }) => name), ...running].sort());
  expect(head.shape).toEqual([2, 6, 8, 8]);
});

test.each<[string, (x: number) => number]>([
  ['False', (x) => x],
  ['nn.ReLU()', (x) => Math.max(x, 0)],
  ['nn.LeakyReLU(0.1)', (x) => (x > 0 ? x : 0.1 * x)],
  ['nn.Hardswish()', (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6],
  ['nn.Mish()', (x) => x * Math.tanh(Math.log1p(Math.exp(x)))],
  ['True', silu],
])('activation %s', (name, expected) => {
  const layer = (act: string) => `[-1, 1, Conv, [8, 3, 1, 1, 1, 1, "${act}"]]`;
  const linear = outputOf(layer('nn.Identity()'), 'running').y.data;
  const { y } = outputOf(layer(name), 'running');
  expect(linear.some((x) => x < 0)).toBe(true);
  y.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected(linear[i]), 5);
  });
});
