import { expect, test } from 'vitest';
import { joinViews } from '../families/yolov5/join-views.js';
import { VIEWS, viewOf, viewShape } from './views.js';

test('the full view is the image; the second is mirrored, smaller, and filled up to the stride', () => {
  const images = {
    dtype: 'uint8',
    shape: [1, 1, 64, 96],
    data: Uint8Array.from({ length: 64 * 96 }, (_, i) => i % 96),
  } as const;
  expect(VIEWS.map((view) => viewShape([64, 96], view, 32))).toEqual([
    [64, 96],
    [64, 96],
    [64, 96],
  ]);
  expect(viewShape([640, 480], { scale: 0.67, mirrored: false }, 32)).toEqual([448, 352]);
  const { data, shape } = viewOf(images, { scale: 0.5, mirrored: true }, 32);
  expect(shape).toEqual([1, 1, 32, 64]);
  // Halfway between two columns, from the right; then what is filled up.
  expect(Number(data[0])).toBeCloseTo((95 + 94) / 2 / 255, 6);
  expect(Number(data[47])).toBeCloseTo(0.5 / 255, 6);
  expect(Number(data[48])).toBeCloseTo(0.447, 6);
});

test('boxes of all views come back to the image; the coarsest and the finest level are left out once', () => {
  // Two levels: four fine rows and a coarse one; columns are x, y, w, h, objectness, one class.
  const row = (x: number) => [x, 10, 4, 4, 0.5, 1];
  const predictions = (start: number) => ({
    dtype: 'float32' as const,
    shape: [1, 5, 6],
    data: Float32Array.from([0, 1, 2, 3, 4].flatMap((i) => row(start + i))),
  });
  const views = [
    { scale: 1, mirrored: false, predictions: predictions(0) },
    { scale: 0.5, mirrored: true, predictions: predictions(10) },
    { scale: 0.5, mirrored: false, predictions: predictions(20) },
  ];
  const { shape, data } = joinViews(views, 100, 2);
  expect(shape).toEqual([1, 4 + 5 + 1, 6]);
  const xs = Array.from({ length: 10 }, (_, i) => data[i * 6]);
  expect(xs).toEqual([0, 1, 2, 3, 80, 78, 76, 74, 72, 48]);
  expect([...data.subarray(4 * 6, 5 * 6)]).toEqual([80, 20, 8, 8, 0.5, 1]);
});
