/** Geometry of boxes that are drawn, moved and resized, in pixels of the picture. */
import type { Box, Corners } from '../../library/types.js';
import type { Point, Size } from './view.js';

/** Which sides of a box a handle moves: -1 left or top, 1 right or bottom, 0 none. */
export interface Handle {
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

export const HANDLES: readonly Handle[] = [
  { x: -1, y: -1 },
  { x: 0, y: -1 },
  { x: 1, y: -1 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
  { x: 0, y: 1 },
  { x: -1, y: 1 },
  { x: -1, y: 0 },
];

/** Shortest side of a box, in pixels of the picture: anything smaller was an accidental click. */
const MIN_SIDE = 2;

const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);

/** The box between two points, in the picture. */
export function between(a: Point, b: Point, { width, height }: Size): Corners {
  return [
    within(Math.min(a.x, b.x), width),
    within(Math.min(a.y, b.y), height),
    within(Math.max(a.x, b.x), width),
    within(Math.max(a.y, b.y), height),
  ];
}

/** Moves a box without resizing it, up to the edges at most. */
export function moved([x1, y1, x2, y2]: Corners, dx: number, dy: number, { width, height }: Size): Corners {
  const x = within(x1 + dx, width - (x2 - x1));
  const y = within(y1 + dy, height - (y2 - y1));
  return [x, y, x + (x2 - x1), y + (y2 - y1)];
}

/** Moves the sides of a handle to a point; sides that cross are swapped. */
export function resized([x1, y1, x2, y2]: Corners, { x, y }: Handle, to: Point, size: Size): Corners {
  return between(
    { x: x < 0 ? to.x : x1, y: y < 0 ? to.y : y1 },
    { x: x > 0 ? to.x : x2, y: y > 0 ? to.y : y2 },
    size,
  );
}

/** Where a handle of a box is. */
function handleAt([x1, y1, x2, y2]: Corners, { x, y }: Handle): Point {
  return { x: ((1 - x) * x1 + (1 + x) * x2) / 2, y: ((1 - y) * y1 + (1 + y) * y2) / 2 };
}

export const isBigEnough = ([x1, y1, x2, y2]: Corners) => x2 - x1 >= MIN_SIDE && y2 - y1 >= MIN_SIDE;

/** The handle nearest to a point, at most `reach` away. */
export function handleNear(box: Corners, at: Point, reach: number): Handle | undefined {
  const near = HANDLES.map((handle) => {
    const { x, y } = handleAt(box, handle);
    return { handle, distance: Math.hypot(x - at.x, y - at.y) };
  }).filter(({ distance }) => distance <= reach);
  return near.sort((a, b) => a.distance - b.distance)[0]?.handle;
}

/** Index of the smallest box that holds a point, with `reach` around. */
export function boxUnder(boxes: readonly Box[], { x, y }: Point, reach: number): number | undefined {
  const area = ([x1, y1, x2, y2]: Corners) => (x2 - x1) * (y2 - y1);
  const hit = boxes.flatMap(({ box }, index) => {
    const [x1, y1, x2, y2] = box;
    const isIn = x >= x1 - reach && x <= x2 + reach && y >= y1 - reach && y <= y2 + reach;
    return isIn ? [{ index, area: area(box) }] : [];
  });
  return hit.sort((a, b) => a.area - b.area)[0]?.index;
}
