/** The nodes of SavedModels, which need no TensorFlow to be counted. */
import { expect, test } from 'vitest';
import { gradients } from '../../autodiff/gradients.js';
import { constant, input, param } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { flatVector, joinNodes, partNodes } from '../../optim/flat.js';
import { CASES, normalizedConvolutions } from '../../testing/executor-cases.js';
import type { FilterOrder } from '../executor.js';
import { SavedModelBuilder } from './saved-model.js';

test('batch normalization leaves two ops and no bias behind', () => {
  const builder = new SavedModelBuilder({ format: 'NCHW', fuseBatchNorm: true });
  builder.add('step', normalizedConvolutions(), 'words');
  const count = (...names: string[]) => builder.nodes.filter(({ op }) => names.includes(op)).length;
  expect(count('FusedBatchNormV3', 'FusedBatchNormGradV3')).toBe(4);
  expect(count('BiasAdd', 'Sqrt', 'Reciprocal', 'RealDiv', 'Sum')).toBe(0);
});

test.each([
  [true, 3],
  [false, 1],
])('sums over channels, by row: %s', (sumsByRow, ops) => {
  const builder = new SavedModelBuilder({ sumsByRow });
  builder.add('sum', { outputs: { y: CASES.channelSum } }, 'words');
  expect(builder.nodes.filter(({ op }) => op === 'Sum')).toHaveLength(ops);
});

test('images stay in the order of the graph in NCHW: no transposition but those of weights', () => {
  const x = input('x', [1, 4, 8, 8]);
  const w = param('w', [4, 4, 3, 3]);
  const y = ops.maxPool2d(ops.silu(ops.conv2d(x, w, undefined, { pad: 1 })), { kernel: 2 });
  const [dw] = gradients(ops.reduceMean(ops.square(ops.upsampleNearest2d(y, 2))), [w]);
  const builder = new SavedModelBuilder({ format: 'NCHW' });
  builder.add('step', { outputs: { dw: dw! } }, 'words');
  expect(builder.nodes.filter(({ op }) => op === 'Transpose')).toHaveLength(2);
});

test('filters that lie as convolutions read them are not moved, and those of a vector are one op', () => {
  const filters = ['a', 'b', 'c'].map((name) => ({ name, shape: [4, 4, 3, 3] }));
  const opsOf = (order: FilterOrder) => {
    const vector = flatVector('filters', filters, order);
    const leaf = param('filters', [vector.size]);
    const weights = partNodes(vector, leaf);
    const y = [...weights.values()].reduce(
      (x, weight) => ops.silu(ops.conv2d(x, weight, undefined, { pad: 1 })),
      input('x', [1, 4, 8, 8]),
    );
    const parts = [...weights.values()];
    const slopes = gradients(ops.reduceMean(ops.square(y)), parts);
    const byName = new Map([...weights.keys()].map((name, i) => [name, slopes[i]!]));
    const builder = new SavedModelBuilder();
    builder.add('step', { outputs: { gradient: joinNodes(vector, byName) } }, 'words');
    const count = (op: string) => builder.nodes.filter((node) => node.op === op).length;
    return { moved: count('Transpose'), split: count('SplitV'), sliced: count('Slice') };
  };
  // The image, and the gradient of the mean, are moved where they enter.
  expect(opsOf('HWIO')).toEqual({ moved: 2, split: 1, sliced: 0 });
  expect(opsOf('OIHW')).toEqual({ moved: 8, split: 1, sliced: 0 });
});

test('a vector of many values is one op, too', () => {
  const vector = flatVector(
    'values',
    Array.from({ length: 100 }, (_, i) => ({ name: `v${i}`, shape: [i + 1] })),
  );
  const sums = [...partNodes(vector).values()].map((part) => ops.reduceSum(part));
  const builder = new SavedModelBuilder();
  builder.add('sum', { outputs: { sum: sums.reduce((a, b) => ops.add(a, b)) } }, 'words');
  expect(builder.nodes.filter(({ op }) => op === 'SplitV')).toHaveLength(1);
});

test('signatures share long constants, and nothing is written that none needs', () => {
  const data = new Float32Array(16 * 8).map((_, i) => i);
  const weight = constant({ dtype: 'float32', shape: [16, 8, 1, 1], data });
  const y = ops.conv2d(input('x', ['batch', 8, 4, 4]), weight);
  const builder = new SavedModelBuilder();
  for (const name of ['one', 'two']) builder.add(name, { outputs: { y: ops.mul(y, name.length) } }, 'words');
  const long = builder.nodes.filter(
    ({ op, attr }) => op === 'Const' && (attr.value?.tensor?.tensorContent.length ?? 0) > 256,
  );
  expect(long).toHaveLength(1);
});
