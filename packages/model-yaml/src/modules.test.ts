import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { input, interpret, type Tensor } from '@froyolo/core';
import { expect, test } from 'vitest';
import { buildModel } from './model.js';
import { parseModelYaml } from './spec.js';

interface Case {
  readonly row: readonly [module: string, args: readonly unknown[]];
  readonly tensors: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly x: number[];
  readonly xShape: [number, number, number, number];
  readonly y: number[];
  readonly yShape: number[];
}

/** Made by PyTorch: `fixtures/make-modules.py`. */
const cases = JSON.parse(
  readFileSync(resolve(import.meta.dirname, 'fixtures/modules.json'), 'utf8'),
) as Record<string, Case>;

const tensorOf = (shape: readonly number[], data: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

/** The module as the first layer of a network whose images are its input. */
function build({ row: [module, args], xShape: [, channels] }: Case) {
  const written = args.map((arg) => (typeof arg === 'boolean' ? (arg ? 'True' : 'False') : arg));
  const yaml = {
    nc: 1,
    ch: channels,
    anchors: [[1, 1]],
    backbone: [[-1, 1, module, written]],
    head: [[[0], 1, 'Detect', ['nc', 'anchors']]],
  };
  return buildModel(parseModelYaml(yaml));
}

test.each(Object.entries(cases))('%s has PyTorch’s names, shapes and output', (_, golden) => {
  const model = build(golden);
  const { layers } = model.forward(input('images', golden.xShape), { batchNorm: () => 'running' });
  const owned = [...model.parameters, ...model.buffers].filter(({ name }) => name.startsWith('model.0.'));
  const shapes = Object.fromEntries(owned.map(({ name, shape }) => [name.slice('model.0.'.length), shape]));
  expect(shapes).toEqual(
    Object.fromEntries(Object.entries(golden.tensors).map(([name, { shape }]) => [name, shape])),
  );
  const feeds = Object.fromEntries(
    Object.entries(golden.tensors).map(([name, { shape, data }]) => [
      `model.0.${name}`,
      tensorOf(shape, data),
    ]),
  );
  const [y] = layers;
  if (!y) throw new Error('no output');
  const result = interpret({ y }, { ...feeds, images: tensorOf(golden.xShape, golden.x) });
  expect(result.y?.shape).toEqual(golden.yShape);
  golden.y.forEach((value, i) => {
    expect(result.y?.data[i]).toBeCloseTo(value, 4);
  });
});
