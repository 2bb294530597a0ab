import { expect, test } from 'vitest';
import { ModelYamlError } from './errors.js';
import { buildModel } from './model.js';
import { parseModelYaml } from './spec.js';

const yaml = (row: string, head = '') => `nc: 2
${head}anchors:
  - [10,13, 16,30]
backbone:
  - [-1, 1, Conv, [16, 6, 2, 2]]
  - ${row}
head:
  - [[1], 1, Detect, [nc, anchors]]
`;
const layer = '[-1, 1, Conv, [32, 3, 2]]';
const bomb = Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i},`.repeat(9)}]`).join('\n');

test.each([
  ['two billion repeats', yaml('[-1, 2000000000, C3, [32]]'), 'f.yaml:6:'],
  ['repeats by the depth multiple', yaml('[-1, 900, C3, [32]]', 'depth_multiple: 1.0e+300\n'), 'f.yaml:2:'],
  ['repeats times the depth multiple', yaml('[-1, 900, C3, [32]]', 'depth_multiple: 10\n'), '9000 repeats'],
  [
    'more modules than a machine holds',
    yaml(Array(9).fill('[-1, 1000, BottleneckCSP, [8]]').join('\n  - ')),
    'modules',
  ],
  ['dashes', `a: ${'- '.repeat(1000)}`, 'too deep'],
  ['a billion channels', yaml('[-1, 1, Conv, [1000000000, 3, 2]]'), 'parameters'],
  ['an argument that contains itself', yaml('[-1, 1, Conv, &q [*q]]'), 'f.yaml:6:'],
  ['aliases of aliases', `x0: &x0 [1]\n${bomb}\n${yaml(layer)}`, 'Excessive alias'],
  ['an alias of nothing', yaml('[-1, 1, Conv, *none]'), 'alias'],
  ['brackets', `a: ${'['.repeat(100_000)}`, 'too deep'],
  ['thirty thousand commas', `nc: 1\nbackbone: [-1${' ,'.repeat(30_000)}]`, 'f.yaml:2:'],
  ['megabytes of text', yaml(layer) + '#'.repeat(2 ** 21), 'characters'],
])('%s is an error with the file’s name, at once', (_, text, message) => {
  const started = performance.now();
  const build = () => buildModel(parseModelYaml(text, { fileName: 'f.yaml' }));
  expect(build).toThrow(ModelYamlError);
  expect(build).toThrow('f.yaml');
  expect(build).toThrow(message);
  expect(performance.now() - started).toBeLessThan(5000);
});
