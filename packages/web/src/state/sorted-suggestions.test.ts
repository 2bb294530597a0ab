import { expect, test } from 'vitest';
import { sorted } from './sorted-suggestions.js';

const suggestion = (x: number, confidence: number) => ({
  classId: 0,
  confidence,
  box: [x, 0, x + 10, 10] as const,
});
const limits = { least: 0.5, faintest: 0.2 };

test('suggestions are sure, faint or not worth a look', () => {
  const all = [suggestion(0, 0.9), suggestion(100, 0.5), suggestion(200, 0.49), suggestion(300, 0.1)];
  expect(sorted(all, [], limits)).toEqual({ sure: all.slice(0, 2), faint: [all[2]] });
});

test('what a box covers is not suggested again', () => {
  const boxes = [suggestion(1, 1), suggestion(101, 1)];
  const all = [suggestion(0, 0.9), suggestion(100, 0.3)];
  expect(sorted(all, boxes, limits)).toEqual({ sure: [], faint: [] });
});

test('a faint suggestion on a sure one is left out, also once that is accepted', () => {
  const [sure, faint] = [suggestion(0, 0.9), suggestion(3, 0.3)];
  expect(sorted([sure, faint], [], limits)).toEqual({ sure: [sure], faint: [] });
  expect(sorted([sure, faint], [sure], limits)).toEqual({ sure: [], faint: [] });
  expect(sorted([faint], [], limits)).toEqual({ sure: [], faint: [faint] });
});
