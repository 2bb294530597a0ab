import { numel } from '@froyolo/common';
import { gradients, input, interpret, type Node, ops, type Tensor, tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
// Computed with PyTorch's own MultiheadAttention and Linear by make-transformer.py.
import golden from '../fixtures/transformer.json' with { type: 'json' };
import { type Inventory, Scope } from './scope.js';
import { transformerBlock } from './transformer.js';

const waves = (shape: readonly number[], step: number, scale: number) =>
  tensor(
    Float32Array.from({ length: numel(shape) }, (_, i) => scale * Math.sin(1 + i * step)),
    [...shape],
  );

function closeTo(actual: ArrayLike<number>, expected: readonly number[]) {
  const scale = Math.max(...expected.map(Math.abs));
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(actual[i] - value) / scale).toBeLessThan(1e-5);
  });
}

type Outputs = Record<string, Node>;
type Values = Record<string, Tensor>;

async function onOnnxruntime(outputs: Outputs, feeds: Values): Promise<Values> {
  const executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
  const program = await executor.compile({ outputs });
  return program.run(feeds);
}

test.each([
  ['the interpreter', async (outputs: Outputs, feeds: Values): Promise<Values> => interpret(outputs, feeds)],
  ['onnxruntime', onOnnxruntime],
])('a transformer block has PyTorch’s names, output and gradients in %s', async (_, execute) => {
  const inventory: Inventory = { modules: [], parameters: [], buffers: [] };
  const block = transformerBlock(new Scope('m', 0, inventory), 8, 4, 1);
  expect(inventory.parameters.map(({ name }) => name)).toEqual(golden.names.map((name) => `m.${name}`));
  const leaves = new Map(inventory.parameters.map(({ name, shape }) => [name, input(name, shape)]));
  const images = input('images', ['batch', 8, 3, 5]);
  const y = block(images, {
    param: (name) => leaves.get(name)!,
    batchNorm: (x) => x,
  });
  const weighted = ops.reduceSum(ops.mul(y, input('weights', y.shape)));
  const found = gradients(weighted, [...leaves.values()]);
  const outputs = Object.fromEntries([...leaves.keys()].map((name, i) => [name, found[i]!]));
  const values = Object.fromEntries(
    inventory.parameters.map(({ name, shape }, i) => [name, waves(shape, 0.9 + 0.1 * i, 0.7)]),
  );
  const shape = [2, 8, 3, 5];
  const feeds = { images: waves(shape, 1.7, 2), weights: waves(shape, 2.3, 1) };
  const results = await execute({ ...outputs, y }, { ...feeds, ...values });
  closeTo(results.y.data, golden.output);
  for (const [name, expected] of Object.entries(golden.gradients))
    closeTo(results[`m.${name}`].data, expected);
});
