import { expect, test } from 'vitest';
import { cropAround, labelRows, ResultNames } from './detect-results.js';

const detection = {
  classId: 2,
  name: 'ring',
  confidence: 0.87654321,
  box: [10, 20, 30, 60] as [number, number, number, number],
};

test('label rows are fractions of the image', () => {
  const size = { width: 100, height: 200 };
  expect(labelRows(size, [detection], false)).toBe('2 0.2 0.2 0.2 0.2\n');
  expect(labelRows(size, [detection, detection], true)).toBe('2 0.2 0.2 0.2 0.2 0.876543\n'.repeat(2));
  expect(labelRows(size, [], true)).toBe('');
});

test('files of the same name in two folders keep both results', () => {
  const names = new ResultNames();
  expect(['a/x.jpg', 'b/x.png', 'b/y.jpg'].map((path) => names.of(path))).toEqual(['x', 'x-2', 'y']);
});

test('a crop holds the pixels of its box and a margin, inside the image', () => {
  const [width, height] = [100, 200];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.floor(i / 3) % width);
  const crop = cropAround({ width, height, data }, detection.box)!;
  // 1.02 times the box plus 10: 15.2 pixels to either side of the center at 20, 25.4 above and below 40.
  expect([crop.width, crop.height]).toEqual([31, 51]);
  expect([crop.data[0], crop.data[31 * 3 - 1], crop.data[31 * 3]]).toEqual([4, 34, 4]);
  expect(cropAround({ width, height, data }, [-60, 0, -40, 10])).toBeUndefined();
});
