import { numel } from '@froyolo/common';
import { expect, test } from 'vitest';
import { architectureYaml } from './architectures.js';
import { initialize } from './initialize.js';
import { buildModel } from './model.js';
import { parseModelYaml } from './spec.js';

const model = buildModel(parseModelYaml(architectureYaml('yolov5n'), { numClasses: 3 }));
const values = initialize(model, 0);

test('every parameter and buffer has a value of its shape', () => {
  const owned = [...model.parameters, ...model.buffers];
  expect([...values.keys()].sort()).toEqual(owned.map(({ name }) => name).sort());
  expect(values.size).toBe(349);
  for (const { name, shape } of owned) {
    expect(values.get(name)!.shape).toEqual(shape);
    expect(values.get(name)!.data).toHaveLength(numel(shape));
  }
});

test('convolutions fill their bound evenly', () => {
  const weight = Float32Array.from(values.get('model.7.conv.weight')!.data);
  const bound = 1 / Math.sqrt(128 * 9);
  const max = weight.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const variance = weight.reduce((a, b) => a + b * b, 0) / weight.length;
  expect(max).toBeLessThanOrEqual(bound);
  expect(max).toBeGreaterThan(0.999 * bound);
  expect(variance / (bound ** 2 / 3)).toBeCloseTo(1, 2);
  expect(weight.reduce((a, b) => a + b, 0) / weight.length / bound).toBeCloseTo(0, 2);
});

test('batch normalization starts as the identity', () => {
  const of = (name: string) => new Set(values.get(`model.0.bn.${name}`)!.data);
  expect(of('weight')).toEqual(new Set([1]));
  expect(of('bias')).toEqual(new Set([0]));
  expect(of('running_mean')).toEqual(new Set([0]));
  expect(of('running_var')).toEqual(new Set([1]));
});

test('Detect expects 8 objects per 640 image and a class prior', () => {
  model.strides.forEach((stride, level) => {
    const bias = values.get(`model.24.m.${level}.bias`)!.data;
    const bound = 1 / Math.sqrt(64 * 2 ** level);
    const objects = Math.log(8 / (640 / stride) ** 2);
    const classes = Math.log(0.6 / 2.00001);
    [0, 0, 0, 0, objects, classes, classes, classes].forEach((prior, field) => {
      for (const anchor of [0, 1, 2]) {
        expect(Math.abs(bias[anchor * 8 + field] - prior)).toBeLessThanOrEqual(bound + 1e-6);
      }
    });
  });
});

test('the seed decides, and each tensor only by its name', () => {
  const name = 'model.3.conv.weight';
  expect(initialize(model, 0).get(name)).toEqual(values.get(name));
  expect(initialize(model, 1).get(name)).not.toEqual(values.get(name));
  const other = buildModel(parseModelYaml(architectureYaml('yolov5n')));
  expect(initialize(other, 0).get(name)).toEqual(values.get(name));
  expect(values.get('model.24.anchors')!.data.slice(0, 2)).toEqual(Float32Array.of(1.25, 1.625));
});
