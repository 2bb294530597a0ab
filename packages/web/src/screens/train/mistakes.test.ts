import { expect, test } from 'vitest';
import { mistakesOf } from './mistakes.js';

const detection = (classId: number, confidence: number, ...box: [number, number, number, number]) => ({
  classId,
  confidence,
  box,
  name: '',
});

test('labels that nothing found, and detections where no such label is', () => {
  const boxes = [
    { classId: 0, box: [0, 0, 10, 10] },
    { classId: 1, box: [20, 20, 30, 30] },
    { classId: 1, box: [50, 50, 60, 60] },
  ] as const;
  const detections = [
    detection(0, 0.9, 0, 0, 10, 9),
    // The same label twice, and the right place with the wrong class.
    detection(0, 0.5, 0, 0, 9, 10),
    detection(0, 0.8, 20, 20, 30, 30),
  ];
  expect(mistakesOf({ boxes }, detections)).toEqual({ missed: 2, extra: 2 });
  expect(mistakesOf({ boxes: [] }, [])).toEqual({ missed: 0, extra: 0 });
});
