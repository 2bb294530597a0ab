import { expect, test } from 'vitest';
import { classTable } from './class-table.js';
import { count, formatBytes, formatSeconds, formatTable } from './format.js';
import { bar } from './progress.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1234, '1.23 KB'],
  [650e6, '650 MB'],
  [1.855e9, '1.85 GB'],
])('%d bytes', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [7.28, '7.3 s'],
  [59.96, '1 min 00 s'],
  [185, '3 min 05 s'],
  [3725, '1 h 02 min'],
])('%d seconds', (seconds, text) => {
  expect(formatSeconds(seconds)).toBe(text);
});

test('counts have plurals', () => {
  expect([count(1, 'image'), count(2, 'image'), count(0, 'class', 'classes')]).toEqual([
    '1 image',
    '2 images',
    '0 classes',
  ]);
});

test('tables line up', () => {
  expect(
    formatTable(
      [{ title: 'name', align: 'left' }, { title: 'n' }],
      [
        ['a', '100'],
        ['longer', '2'],
      ],
    ),
  ).toEqual(['name      n', 'a       100', 'longer    2']);
});

test('bars fill', () => {
  expect([bar(0, 10), bar(5, 10), bar(10, 10)].map((text) => text.replaceAll('░', '').length)).toEqual([
    0, 10, 20,
  ]);
});

const metrics = { precision: 0.5, recall: 0.25, mAP50: 0.75, mAP50_95: 0.1254 };
const speed = { preprocess: 1, inference: 1, nms: 1 };

test('the class table has all classes together, then each', () => {
  const one = (classId: number, name: string) => ({ classId, name, images: 2, instances: 3, ...metrics });
  const result = {
    images: 4,
    instances: 6,
    classes: [one(0, 'ring'), one(2, 'heart')],
    speed,

    ...metrics,
  };
  expect(classTable(result)).toEqual([
    'Class  Images  Instances      P      R  mAP50  mAP50-95',
    'all         4          6  0.500  0.250  0.750     0.125',
    'ring        2          3  0.500  0.250  0.750     0.125',
    'heart       2          3  0.500  0.250  0.750     0.125',
  ]);
  expect(classTable({ ...result, classes: [one(0, 'ring')] })).toHaveLength(2);
});
