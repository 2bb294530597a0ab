import { expect, test } from 'vitest';
import { clipBoxes, fitInto, scaleBoxes, xywhToXyxy } from './boxes.js';

test('center and size to corners', () => {
  const corners = xywhToXyxy([10, 20, 4, 6, 1, 1, 2, 2]);
  expect(Array.from(corners)).toEqual([8, 17, 12, 23, 0, 0, 2, 2]);
});

test('boxes of a letterboxed image come back to the original', () => {
  // 200 wide, 100 high, scaled by 1.6 into 320 × 320: 80 pixels of border above and below.
  const fit = { ratio: [1.6, 1.6], pad: [0, 80], originalShape: [100, 200] } as const;
  const [x1, y1, x2, y2] = scaleBoxes([16, 96, 160, 240], fit);
  expect([x1, y1, x2, y2].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([10, 10, 100, 100]);
});

test('each axis has its own scale: that of the height stands first', () => {
  const fit = { ratio: [2, 4], pad: [0, 0], originalShape: [100, 200] } as const;
  expect(Array.from(scaleBoxes([40, 40, 80, 80], fit))).toEqual([10, 20, 20, 40]);
});

test('borders are not rounded, nor is the size of the scaled image', () => {
  // 333 wide, 500 high, at 320: 213.12 × 320, drawn as 213 × 320 and padded to 224 × 320.
  const fit = fitInto({ width: 224, height: 320 }, { width: 333, height: 500 });
  expect(fit.ratio).toEqual([0.64, 0.64]);
  expect(fit.pad[0]).toBeCloseTo(5.44, 10);
  expect(fit.pad[1]).toBe(0);
  const [x1, y1, x2, y2] = scaleBoxes([5.44, 64, 112, 128], fit);
  expect([x1, y1, x2, y2].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([0, 100, 166.5, 200]);
});

test('boxes are clipped to the original', () => {
  expect(Array.from(clipBoxes(Float32Array.of(-5, -1, 250, 90), [100, 200]))).toEqual([0, 0, 200, 90]);
  const fit = { ratio: [1, 1], pad: [10, 0], originalShape: [100, 200] } as const;
  expect(Array.from(scaleBoxes([0, 5, 300, 120], fit))).toEqual([0, 5, 200, 100]);
});
