import { expect, test } from 'vitest';
import { architectureYaml } from './architectures.js';
import { buildModel } from './model.js';
import { recognizeArchitecture } from './recognize.js';
import { parseModelYaml } from './spec.js';

function tensorsOf(name: 'yolov5n' | 'yolov5s6', numClasses: number) {
  const { parameters, buffers } = buildModel(parseModelYaml(architectureYaml(name), { numClasses }));
  return new Map([...parameters, ...buffers].map(({ name, shape }) => [name, { shape }]));
}

test.each([
  ['yolov5n', 3],
  ['yolov5s6', 80],
] as const)('the tensors of %s are recognized', (name, numClasses) => {
  const found = recognizeArchitecture(tensorsOf(name, numClasses));
  expect(found).toMatchObject({ yaml: architectureYaml(name), numClasses });
});

test('other tensors are not', () => {
  const tensors = tensorsOf('yolov5n', 3);
  tensors.set('model.9.cv1.conv.weight', { shape: [1, 2, 3, 4] });
  expect(recognizeArchitecture(tensors)).toBeUndefined();
  expect(recognizeArchitecture(new Map())).toBeUndefined();
});
