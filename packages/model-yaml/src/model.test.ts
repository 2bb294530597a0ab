import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ARCHITECTURES, architectureYaml } from './architectures.js';
import { buildModel, type Model } from './model.js';
import { parseModelYaml } from './spec.js';

interface Golden {
  layers: { i: number; f: number | number[]; n_params: number; type: string }[];
  params: number;
  n_named_parameters: number;
  stride: number[];
  anchors_grid: number[][];
  conv_macs_640: number;
  names_sha256: string;
  named_parameters?: [string, number[]][];
}

const FILE = resolve(import.meta.dirname, '../../../../shared/goldens/architectures.json');

const load = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Record<string, Golden>;

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

const goldens = existsSync(FILE) ? load(FILE) : undefined;

describe.skipIf(!goldens)(`the reference's architectures (skipped where ../shared is missing)`, () => {
  test.each(ARCHITECTURES)('%s: layers, parameters, strides, anchors, MACs', (name) => {
    expectSame(buildModel(parseModelYaml(architectureYaml(name))), goldens![name]);
  });
});
