import { expect, test } from 'vitest';
import { detectionsOf } from './detections.js';

const row = (...values: number[]) => values;

test('the most confident boxes of each class, without those that they cover', () => {
  const rows = Float32Array.from([
    ...row(50, 50, 20, 20, 0.9, 0.1, 0.8),
    ...row(51, 50, 20, 20, 0.9, 0.1, 0.9),
    ...row(51, 50, 20, 20, 0.9, 0.7, 0.1),
    ...row(10, 10, 8, 4, 0.4, 0.5, 0.1),
  ]);
  const found = detectionsOf(rows, 2, 0.25);
  expect(found.map(({ classId, box }) => ({ classId, box: box.map(Math.round) }))).toEqual([
    { classId: 1, box: [41, 40, 61, 60] },
    { classId: 0, box: [41, 40, 61, 60] },
  ]);
  expect(found[0]?.confidence).toBeCloseTo(0.81, 5);
});
