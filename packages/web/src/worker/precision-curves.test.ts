import { expect, test } from 'vitest';
import { curvesOf } from './precision-curves.js';

const curve = (classId: number, precisionAtRecall: number[]) => ({
  classId,
  name: `class ${classId}`,
  mAP50: 0.5,
  precisionAtRecall: Float64Array.from(precisionAtRecall),
});

test('a curve keeps its ends and its shape in as many points as a chart can show', () => {
  const falling = Array.from({ length: 1001 }, (_, i) => 1 - i / 1000);
  const [first, second] = curvesOf({ curves: [curve(3, falling), curve(1, [1, 0])] });
  expect(first).toMatchObject({ classId: 3, name: 'class 3', mAP50: 0.5 });
  expect(first?.precision.length).toBe(101);
  expect(first?.precision.map((value, i) => Math.abs(value - (1 - i / 100)) < 1e-9)).not.toContain(false);
  expect([second?.precision[0], second?.precision.at(-1)]).toEqual([1, 0]);
});
