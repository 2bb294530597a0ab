import { expect, test } from 'vitest';
import { joined, looksOf } from './looks.js';

const looking = { imgsz: 320, largest: 600, isClose: false };

test('a checkpoint looks in the size that it learned from, one’s own in that of the project', () => {
  expect(looksOf('best', looking)).toEqual([{ which: 'best', imgsz: 320 }]);
  expect(looksOf('opened', looking)).toEqual([{ which: 'opened', imgsz: 600 }]);
  expect(looksOf('opened', { ...looking, largest: 4000 })).toEqual([
    { which: 'opened', imgsz: 640 },
    { which: 'opened', imgsz: 320 },
  ]);
  expect(looksOf('both', { ...looking, imgsz: 800, isClose: true })).toEqual([
    { which: 'opened', imgsz: 800 },
    { which: 'best', imgsz: 800 },
    { which: 'opened', imgsz: 400 },
    { which: 'opened', imgsz: 1600 },
  ]);
});

test('of boxes on one thing the most confident is kept', () => {
  const found = (classId: number, x: number, confidence: number) => ({
    classId,
    confidence,
    box: [x, 0, x + 10, 10] as const,
  });
  const twin = found(0, 3, 0.9);
  const beside = found(1, 7, 0.4);
  expect(joined([found(0, 0, 0.6), twin, found(1, 2, 0.5), beside])).toEqual([twin, beside]);
});
