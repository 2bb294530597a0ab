import {
  type GoldenArray,
  goldensTitle,
  noGoldens,
  readArrays,
  readJson,
  sharedArrays,
} from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { type NmsOptions, nonMaxSuppression } from './nms.js';

const SETTINGS = readJson(new URL('./fixtures/nms.json', import.meta.url)) as Record<
  string,
  Record<string, unknown>
>;
const CASES = Object.keys(SETTINGS);

const predicted = (data: Float32Array, shape: readonly number[]) => ({ data, shape });
const SCORES = { objectness: 4, classes: 5 };

const NAMES: Record<string, keyof NmsOptions> = {
  conf_thres: 'confThres',
  iou_thres: 'iouThres',
  multi_label: 'multiLabel',
  agnostic: 'agnostic',
  classes: 'classes',
  max_det: 'maxDet',
};
const optionsOf = (name: string): NmsOptions =>
  Object.fromEntries(Object.entries(SETTINGS[name]).map(([key, value]) => [NAMES[key], value]));

function check(predictions: GoldenArray, expected: (image: number) => GoldenArray, options: NmsOptions) {
  const kept = nonMaxSuppression(
    predicted(Float32Array.from(predictions.data), predictions.shape),
    SCORES,
    options,
  );
  expect(kept).toHaveLength(predictions.shape[0]);
  kept.forEach((detections, image) => {
    expect(Array.from(detections)).toEqual(Array.from(expected(image).data));
  });
}

describe('two images of random boxes: exactly the same detections', () => {
  const golden = readArrays(new URL('./fixtures/nms.safetensors', import.meta.url));
  test.each(CASES)('%s', (name) => {
    check(golden('syn'), (image) => golden(`syn_${name}_${image}`), optionsOf(name));
  });
});

describe.skipIf(noGoldens)(`bus.jpg: exactly the same detections${goldensTitle}`, () => {
  test.each(CASES)('%s', (name) => {
    const predictions = sharedArrays('forward_bus320')('pred');
    check(predictions, () => sharedArrays('nms')(`bus_${name}_0`), optionsOf(name));
  });
});

/** Rows of one class: center, size, objectness. */
const rows = (...values: number[][]) =>
  nonMaxSuppression(
    predicted(Float32Array.from(values.flatMap((row) => [...row, 1])), [1, values.length, 6]),
    SCORES,
  )[0];

test('of overlapping boxes the best stays; boxes apart all stay', () => {
  const detections = rows([10, 10, 8, 8, 0.5], [11, 10, 8, 8, 0.75], [50, 50, 8, 8, 0.625]);
  expect(Array.from(detections)).toEqual([7, 6, 15, 14, 0.75, 0, 46, 46, 54, 54, 0.625, 0]);
});

test('equally confident boxes keep their order', () => {
  const detections = rows([10, 10, 8, 8, 0.5], [50, 50, 8, 8, 0.5]);
  expect([detections[0], detections[6]]).toEqual([6, 46]);
});

test('nothing confident, nothing kept', () => {
  expect(rows([10, 10, 8, 8, 0.25])).toHaveLength(0);
});

test('a size that does not fit is an error', () => {
  expect(() => nonMaxSuppression(predicted(new Float32Array(5), [1, 1, 6]), SCORES)).toThrow(
    'need 6 values, got 5',
  );
});

test('without objectness the class is the confidence', () => {
  const rows = Float32Array.of(10, 10, 4, 4, 0.1, 0.9, 50, 50, 4, 4, 0.2, 0.1);
  const [kept] = nonMaxSuppression(predicted(rows, [1, 2, 6]), { classes: 4 });
  expect(Array.from(kept)).toEqual([8, 8, 12, 12, Math.fround(0.9), 1]);
});
