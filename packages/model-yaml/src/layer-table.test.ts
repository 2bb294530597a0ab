import { expect, test } from 'vitest';
import { architectureYaml } from './architectures.js';
import { formatLayerTable } from './layer-table.js';
import { buildModel } from './model.js';
import { parseModelYaml } from './spec.js';

const model = buildModel(parseModelYaml(architectureYaml('yolov5n')));

test('columns and arguments of each layer, and the totals', () => {
  const lines = formatLayerTable(model).split('\n');
  const cells = lines.map((line) => line.trim().split(/\s{2,}/));
  expect(cells[0]).toEqual(
    ['from', 'n', 'params', 'module', 'arguments'].map((c) => expect.stringContaining(c)),
  );
  expect(lines[1]).toContain('1      1760  models.common.Conv');
  expect(lines[1].endsWith('[3, 16, 6, 2, 2]')).toBe(true);
  expect(lines[5].endsWith('[64, 64, 2]')).toBe(true);
  expect(lines[12].endsWith("[None, 2, 'nearest']")).toBe(true);
  expect(lines[13]).toContain('[-1, 6]');
  expect(lines[14].endsWith('[256, 128, 1, False]')).toBe(true);
  expect(lines[25]).toContain('[80, [[10, 13, 16, 30, 33, 23], ');
  expect(lines[25].endsWith('[64, 128, 256]]')).toBe(true);
  expect(lines[26]).toBe('25 layers, 1872157 parameters, 1872157 gradients, 4.5 GFLOPs at 640');
});

test('frozen parameters have no gradient', () => {
  const frozen = new Set(model.parameters.filter(({ layer }) => layer < 24).map(({ name }) => name));
  expect(formatLayerTable(model, { frozen }).split('\n').at(-1)).toContain('115005 gradients');
});
