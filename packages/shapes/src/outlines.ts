/** A point in pixels (x to the right, y down) or, before placement, in units of a shape's radius. */
export type Point = readonly [x: number, y: number];

/** A shape's border: closed polygons; a point lies inside when an odd number of them encloses it. */
export type Outline = readonly (readonly Point[])[];

/** `[x1, y1, x2, y2]` in pixels. */
export type Box = readonly [number, number, number, number];

const CURVE_POINTS = 64;

const polar = (radius: number, angle: number): Point => [radius * Math.cos(angle), radius * Math.sin(angle)];

/** `count` points at equal angles, the first one upwards; the radii are used in turn. */
function regular(count: number, radii: readonly number[]): Point[] {
  const points = Array.from({ length: count }, (_, i) => i);
  return points.map((i) => polar(radii[i % radii.length], (2 * Math.PI * i) / count - Math.PI / 2));
}

/** Points on a circle about `(cx, 0)` from one angle to another, both ends included. */
function arc(cx: number, radius: number, from: number, to: number): Point[] {
  return Array.from({ length: CURVE_POINTS / 2 + 1 }, (_, i) => {
    const [x, y] = polar(radius, from + ((to - from) * i) / (CURVE_POINTS / 2));
    return [cx + x, y];
  });
}

/** A unit disc less a disc of radius 0.8 that is half a radius to its right. */
function crescent(): Point[] {
  const cx = 0.5;
  const radius = 0.8;
  const tipX = (1 + cx * cx - radius * radius) / (2 * cx);
  const outer = Math.acos(tipX);
  const inner = Math.atan2(Math.sin(outer), tipX - cx);
  const back = arc(cx, radius, 2 * Math.PI - inner, inner);
  return [...arc(0, 1, outer, 2 * Math.PI - outer), ...back.slice(1, -1)];
}

/** The usual heart curve, x = 16 sin³t, y = 13 cos t − 5 cos 2t − 2 cos 3t − cos 4t. */
function heart(): Point[] {
  return Array.from({ length: CURVE_POINTS }, (_, i) => {
    const t = (2 * Math.PI * i) / CURVE_POINTS;
    const y = 13 * Math.cos(t) - 5 * Math.cos(2 * t) - 2 * Math.cos(3 * t) - Math.cos(4 * t);
    return [(16 * Math.sin(t) ** 3) / 16.5, -(y + 2.5) / 16.5];
  });
}

/** A plus sign whose bars are `width` radii wide. */
function cross(width: number): Point[] {
  const w = width / 2;
  const arm: Point[] = [
    [w, -w],
    [1, -w],
    [1, w],
    [w, w],
  ];
  const quarterTurns = [0, 1, 2, 3].map((turn) => (turn * Math.PI) / 2);
  return quarterTurns.flatMap((angle) => rotate(arm.slice(1), angle));
}

const ARROW: Point[] = [
  [1, 0],
  [0.15, 0.75],
  [0.15, 0.3],
  [-1, 0.3],
  [-1, -0.3],
  [0.15, -0.3],
  [0.15, -0.75],
];

/** Every class that can be drawn, by name, in units of its radius. */
export const OUTLINES = {
  circle: [regular(CURVE_POINTS, [1])],
  square: [regular(4, [1.15])],
  triangle: [regular(3, [1.1])],
  star: [regular(10, [1.1, 0.45])],
  arrow: [ARROW],
  crescent: [crescent()],
  cross: [cross(0.6)],
  ring: [regular(CURVE_POINTS, [1]), regular(CURVE_POINTS, [0.55])],
  hexagon: [regular(6, [1])],
  heart: [heart()],
} satisfies Record<string, Outline>;

export type ShapeClass = keyof typeof OUTLINES;

/** The classes that the embedded checkpoint was trained on. */
export const PRETRAIN_CLASSES: readonly ShapeClass[] = [
  'circle',
  'square',
  'triangle',
  'star',
  'arrow',
  'crescent',
];

/** The classes that the demo fine-tunes to; the embedded checkpoint has never seen them. */
export const DEMO_CLASSES: readonly ShapeClass[] = ['cross', 'ring', 'hexagon', 'heart'];

function rotate(points: readonly Point[], angle: number): Point[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return points.map(([x, y]) => [x * cos - y * sin, x * sin + y * cos]);
}

/** Stretches an outline by `(scaleX, scaleY)`, turns it by `angle` radians and moves it to `(x, y)`. */
export function place(outline: Outline, scale: Point, angle: number, [cx, cy]: Point): Outline {
  return outline.map((polygon) => {
    const stretched = polygon.map(([x, y]): Point => [x * scale[0], y * scale[1]]);
    return rotate(stretched, angle).map(([x, y]): Point => [x + cx, y + cy]);
  });
}

/** The smallest axis-aligned box around an outline. */
export function boundingBox(outline: Outline): Box {
  const points = outline.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** Distance from a point to the outline's border in pixels, negative inside. */
export function signedDistance(outline: Outline, px: number, py: number): number {
  let nearest = Number.POSITIVE_INFINITY;
  let inside = false;
  for (const polygon of outline) {
    let [ax, ay] = polygon[polygon.length - 1];
    for (const [bx, by] of polygon) {
      const [ex, ey] = [bx - ax, by - ay];
      const along = ((px - ax) * ex + (py - ay) * ey) / (ex * ex + ey * ey);
      const t = Math.min(1, Math.max(0, along));
      const [dx, dy] = [px - ax - t * ex, py - ay - t * ey];
      nearest = Math.min(nearest, dx * dx + dy * dy);
      if (ay > py !== by > py && px < ax + ((py - ay) * ex) / ey) inside = !inside;
      [ax, ay] = [bx, by];
    }
  }
  return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
}
