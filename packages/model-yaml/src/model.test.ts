import { createHash } from 'node:crypto';
import { goldensTitle, noGoldens, readJson, sharedJson } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { type ArchitectureName, architectureYaml } from './architectures.js';
import type { HeadModule } from './head.js';
import { initialize } from './initialize.js';
import { buildModel, type Model } from './model.js';
import { outputConv } from './nn/conv.js';
import { parseModelYaml } from './spec.js';
import { variantYaml } from './test-variants.js';

/** What the reference builds from its own YAMLs: facts, one entry per architecture. */
interface Golden {
  layers: { i: number; f: number | number[]; n_params: number; type: string }[];
  params: number;
  n_named_parameters: number;
  stride: number[];
  anchors_grid: number[][];
  conv_macs_640: number;
  /** SHA-256 of one line `name [shape]` per parameter, in order. */
  names_sha256: string;
  named_parameters?: [string, number[]][];
}

const goldens = readJson(new URL('fixtures/architectures.json', import.meta.url)) as Record<string, Golden>;

const OFFICIAL = Object.keys(goldens).filter((name) => /^yolov5[nsmlx]6?$/.test(name));
const VARIANTS = Object.keys(goldens).filter((name) => !OFFICIAL.includes(name));

const namesHash = (model: Model) =>
  createHash('sha256')
    .update(model.parameters.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join('\n'))
    .digest('hex');

function expectSame(model: Model, golden: Golden) {
  const layers = model.layers.map(({ index, from, parameterCount, type }) => ({
    i: index,
    f: from.length === 1 ? from[0] : from,
    n_params: parameterCount,
    type: type.split('.').at(-1),
  }));
  expect(layers).toEqual(golden.layers);
  expect(layers.reduce((sum, layer) => sum + layer.n_params, 0)).toBe(golden.params);
  expect(model.parameters).toHaveLength(golden.n_named_parameters);
  if (golden.named_parameters) {
    expect(model.parameters.map(({ name, shape }) => [name, shape])).toEqual(golden.named_parameters);
  }
  expect(namesHash(model)).toBe(golden.names_sha256);
  expect(model.strides).toEqual(golden.stride);
  const grid = model.anchors.map((level, i) => level.flat().map((pixels) => pixels / model.strides[i]));
  expect(grid).toEqual(golden.anchors_grid);
  expect(model.macs(640)).toBe(golden.conv_macs_640);
}

describe('layers, parameters, strides, anchors and MACs are the reference’s', () => {
  test('the ten sizes are there', () => expect(OFFICIAL).toHaveLength(10));

  test.each(OFFICIAL)('%s', (name) => {
    expectSame(buildModel(parseModelYaml(architectureYaml(name as ArchitectureName))), goldens[name]);
  });

  test.each(VARIANTS)('%s', (name) => {
    expectSame(buildModel(parseModelYaml(variantYaml(name))), goldens[name]);
  });

  test.skipIf(noGoldens)(`the fixture is the shared golden’s copy${goldensTitle}`, () => {
    expect(sharedJson('architectures')).toMatchObject(goldens);
  });
});

test('buffers: the statistics of each batch normalization, and Detect’s anchors', () => {
  const model = buildModel(parseModelYaml(architectureYaml('yolov5n')));
  expect(model.buffers).toHaveLength(3 * 57 + 1);
  expect(model.buffers.filter(({ name }) => name.endsWith('.running_var'))).toHaveLength(57);
  expect(model.buffers[2]).toEqual({ name: 'model.0.bn.num_batches_tracked', shape: [], dtype: 'int64' });
  expect(model.buffers.at(-1)).toEqual({ name: 'model.24.anchors', shape: [3, 3, 2], dtype: 'float32' });
  expect(model.sections).toEqual({
    backbone: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    neck: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
    head: [24],
  });
});

describe('another head than Detect', () => {
  const MASKS: HeadModule = {
    name: 'Masks',
    type: 'test.Masks',
    build({ scope, inputs, spec }) {
      const [c1] = inputs;
      const forward = outputConv(scope.child('conv'), c1, spec.numClasses);
      return { outChannels: spec.numClasses, args: [], forward: ([x], run) => [forward(x, run)] };
    },
    initialize: (values, { prefix }) => void values.get(`${prefix}.conv.bias`)?.data.fill(-2),
  };
  const YAML = 'nc: 4\nbackbone: [[-1, 1, Conv, [8, 3, 2]]]\nhead: [[-1, 1, Masks, []]]';

  test('ends a network without anchors, and gives its first values', () => {
    const model = buildModel(parseModelYaml(YAML), MASKS);
    expect([model.strides, model.anchors, model.sections.head]).toEqual([[2], [], [1]]);
    expect([...initialize(model, 0).get('model.1.conv.bias')!.data]).toEqual([-2, -2, -2, -2]);
  });

  test('is asked for by its name', () => {
    expect(() => buildModel(parseModelYaml(YAML))).toThrow('Detect has to be the last layer');
  });
});
