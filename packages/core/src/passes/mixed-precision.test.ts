import { expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { input, type Node, param, topologicalOrder } from '../graph/node.js';
import { batchNorm } from '../nn/batch-norm.js';
import * as ops from '../ops/build.js';
import { flatVector, partNodes } from '../optim/flat.js';
import { mixedPrecision } from './mixed-precision.js';
import { optimize } from './optimize.js';

function step() {
  const x = input('x', ['batch', 3, 8, 8], 'uint8');
  const [w, g, b, m, v] = [
    param('w', [4, 3, 3, 3]),
    ...['g', 'b', 'm', 'v'].map((name) => param(name, [4])),
  ] as [Node, Node, Node, Node, Node];
  const conv = ops.conv2d(ops.cast(x, 'float32'), w, undefined, { pad: 1 });
  const { y, statistics } = batchNorm(
    conv,
    { weight: g, bias: b, runningMean: m, runningVar: v },
    1e-3,
    'batch',
  );
  const head = ops.conv2d(ops.silu(y), param('head', [4, 4, 1, 1]));
  const loss = ops.reduceMean(ops.square(ops.reshape(head, [-1, 4])));
  const [dw, dg] = gradients(loss, [w, g]);
  return optimize({ outputs: { loss, dw: dw!, dg: dg!, mean: statistics!.mean } });
}

const typesOf = (nodes: readonly Node[], op: string) =>
  new Set(nodes.filter((node) => node.op === op).map(({ dtype }) => dtype));

test('images are halves from the convolution to the loss and back; sums, parameters and outputs are not', () => {
  const { outputs } = mixedPrecision(step());
  const nodes = topologicalOrder(Object.values(outputs));
  for (const op of [
    'conv2d',
    'conv2dBackwardWeight',
    'silu',
    'siluBackward',
    'channelAffine',
    'channelAffine2',
  ])
    expect([op, ...typesOf(nodes, op)]).toEqual([op, 'float16']);
  for (const op of ['channelSum', 'channelDot', 'reduceSum', 'param'])
    expect([op, ...typesOf(nodes, op)]).toEqual([op, 'float32']);
  expect(Object.values(outputs).map(({ dtype }) => dtype)).toEqual(Array(4).fill('float32'));
});

test('bytes become halves at once; what is float32 is cast once', () => {
  const nodes = topologicalOrder(Object.values(mixedPrecision(step()).outputs));
  const casts = nodes.filter(({ op }) => op === 'cast');
  expect(casts.filter(({ inputs }) => inputs[0].op === 'input').map(({ dtype }) => dtype)).toEqual([
    'float16',
  ]);
  const pairs = casts.map(({ inputs: [x], dtype }) => `${x.id} ${dtype}`);
  expect(new Set(pairs).size).toBe(pairs.length);
});

test('of weights that lie in one vector the vector is cast, once', () => {
  const vector = flatVector('weights', [
    { name: 'a', shape: [4, 3, 1, 1] },
    { name: 'b', shape: [4, 4, 1, 1] },
  ]);
  const parts = partNodes(vector);
  const first = ops.conv2d(input('x', [1, 3, 2, 2]), parts.get('a')!);
  const nodes = topologicalOrder([
    mixedPrecision({ outputs: { y: ops.conv2d(first, parts.get('b')!) } }).outputs.y!,
  ]);
  const halved = nodes.filter(({ op, dtype }) => op === 'cast' && dtype === 'float16');
  expect(halved.map(({ inputs: [x] }) => x!.name)).toEqual(['x', 'weights']);
});
