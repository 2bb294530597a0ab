import { describe, expect, test } from 'vitest';
import { between, boxUnder, HANDLES, handleNear, moved, resized } from './boxes.js';
import { begin, boxOf, continued } from './gesture.js';
import { fitted, toPicture, zoomed } from './view.js';

const PICTURE = { width: 100, height: 50 };

describe('boxes', () => {
  test('a box between two points in any order stays in the picture', () => {
    expect(between({ x: 60, y: -5 }, { x: 20, y: 30 }, PICTURE)).toEqual([20, 0, 60, 30]);
  });

  test('moving keeps the size and stops at the edges', () => {
    expect(moved([10, 10, 30, 20], 5, -3, PICTURE)).toEqual([15, 7, 35, 17]);
    expect(moved([10, 10, 30, 20], 500, 500, PICTURE)).toEqual([80, 40, 100, 50]);
    expect(moved([10, 10, 30, 20], -500, -500, PICTURE)).toEqual([0, 0, 20, 10]);
  });

  test('each handle moves its sides alone, and sides that cross change places', () => {
    const box = [10, 10, 30, 20] as const;
    for (const handle of HANDLES) {
      const [x1, y1, x2, y2] = resized(box, handle, { x: 20, y: 15 }, PICTURE);
      expect([x1, x2], JSON.stringify(handle)).toEqual(
        [
          [20, 30],
          [10, 30],
          [10, 20],
        ][handle.x + 1],
      );
      expect([y1, y2], JSON.stringify(handle)).toEqual(
        [
          [15, 20],
          [10, 20],
          [10, 15],
        ][handle.y + 1],
      );
    }
    expect(resized(box, { x: 1, y: 0 }, { x: 4, y: 0 }, PICTURE)).toEqual([4, 10, 10, 20]);
  });

  test('the nearest handle within reach, and the smallest box under the pointer', () => {
    expect(handleNear([10, 10, 30, 20], { x: 29, y: 11 }, 3)).toEqual({ x: 1, y: -1 });
    expect(handleNear([10, 10, 30, 20], { x: 20, y: 15 }, 3)).toBeUndefined();
    const boxes = [
      { classId: 0, box: [0, 0, 50, 50] },
      { classId: 0, box: [10, 10, 20, 20] },
    ] as const;
    expect(boxUnder(boxes, { x: 15, y: 15 }, 0)).toBe(1);
    expect(boxUnder(boxes, { x: 40, y: 40 }, 0)).toBe(0);
    expect(boxUnder(boxes, { x: 80, y: 40 }, 0)).toBeUndefined();
  });
});

describe('gestures', () => {
  const boxes = [{ classId: 0, box: [10, 10, 30, 20] }] as const;
  const press = (at: { x: number; y: number }, selected?: number) => begin({ at, boxes, selected, reach: 2 });
  const dragged = (at: { x: number; y: number }, to: { x: number; y: number }, selected?: number) =>
    boxOf(continued(press(at, selected), to), PICTURE);

  test('a drag draws, also over a box that is not selected', () => {
    expect(dragged({ x: 15, y: 12 }, { x: 25, y: 18 })).toEqual([15, 12, 25, 18]);
  });

  test('a drag moves the selected box, and resizes it at a handle', () => {
    expect(dragged({ x: 20, y: 15 }, { x: 25, y: 16 }, 0)).toEqual([15, 11, 35, 21]);
    expect(dragged({ x: 30, y: 20 }, { x: 40, y: 30 }, 0)).toEqual([10, 10, 40, 30]);
  });

  test('a click makes no box', () => {
    expect(dragged({ x: 50, y: 30 }, { x: 51, y: 31 })).toBeUndefined();
    expect(dragged({ x: 20, y: 15 }, { x: 20, y: 15 }, 0)).toBeUndefined();
  });
});

test('the point under the pointer stays there when it is zoomed', () => {
  const view = fitted(PICTURE, { width: 400, height: 400 });
  const at = { x: 130, y: 210 };
  const after = zoomed(view, 2.5, at, 0.01);
  expect(after.scale).toBeCloseTo(2.5 * view.scale, 9);
  expect(toPicture(after, at).x).toBeCloseTo(toPicture(view, at).x, 9);
  expect(toPicture(after, at).y).toBeCloseTo(toPicture(view, at).y, 9);
});
