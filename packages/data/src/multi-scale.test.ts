import { expect, test } from 'vitest';
import { multiScaleSizes, scaledShape } from './multi-scale.js';

test.each([
  [640, 32, [320, 480, 640, 800, 960]],
  [320, 32, [160, 256, 320, 416, 480]],
  [96, 32, [64, 96, 128]],
  [32, 32, [32]],
])('sizes of %d px with stride %d', (imgsz, stride, sizes) => {
  expect(multiScaleSizes(imgsz, stride)).toEqual(sizes);
});

test('a shape keeps its aspect ratio up to the stride', () => {
  expect(scaledShape([640, 640], 480, 32)).toEqual([480, 480]);
  expect(scaledShape([384, 640], 320, 32)).toEqual([192, 320]);
  expect(scaledShape([416, 640], 480, 32)).toEqual([320, 480]);
});
