/** Polygons around objects: from labels, through mosaic and warp, to tighter boxes. */
import { LABEL_COLUMNS, type Segments } from '../labels.js';
import type { Matrix3 } from '../ops/warp.js';

/** `x, y, x, y, …` in pixels, for each row of boxes; undefined where the label is a box. */
export type Outlines = readonly (Float32Array | undefined)[];

/** No outline for any of the boxes. */
export function noOutlines(boxes: Float32Array): Outlines {
  return new Array<undefined>(boxes.length / LABEL_COLUMNS).fill(undefined);
}

/** Normalized polygons to pixels in an image of `width` x `height` that is shifted by (`dx`, `dy`). */
export function toPixelOutlines(
  segments: Segments,
  { width, height }: { width: number; height: number },
  dx = 0,
  dy = 0,
): Outlines {
  return segments.map((points) =>
    points?.map((value, i) => (i % 2 === 0 ? value * width + dx : value * height + dy)),
  );
}

/** Points beyond the edges of 0..width, 0..height are moved onto them. */
export function clampOutline(points: Float32Array, width: number, height: number): Float32Array {
  return points.map((value, i) => Math.min(Math.max(value, 0), i % 2 === 0 ? width : height));
}

/** The polygon with every point mapped. */
export function warpOutline(points: Float32Array, m: Matrix3): Float32Array {
  const moved = new Float32Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const w = m[6] * x + m[7] * y + m[8];
    moved[i] = (m[0] * x + m[1] * y + m[2]) / w;
    moved[i + 1] = (m[3] * x + m[4] * y + m[5]) / w;
  }
  return moved;
}

/** `[x1, y1, x2, y2]` around the part of a polygon within 0..width, 0..height; zeros if there is none. */
export function visibleBounds(
  points: Float32Array,
  width: number,
  height: number,
): [number, number, number, number] {
  let inside = Array.from(points);
  for (const edge of [
    { axis: 0, limit: 0, sign: 1 },
    { axis: 0, limit: width, sign: -1 },
    { axis: 1, limit: 0, sign: 1 },
    { axis: 1, limit: height, sign: -1 },
  ])
    inside = cutAt(inside, edge);
  if (inside.length === 0) return [0, 0, 0, 0];
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity];
  inside.forEach((value, i) => {
    bounds[i % 2] = Math.min(bounds[i % 2], value);
    bounds[2 + (i % 2)] = Math.max(bounds[2 + (i % 2)], value);
  });
  return bounds;
}

/** One side of Sutherland and Hodgman's clipping: keeps the part with `sign * (coordinate - limit) >= 0`. */
function cutAt(points: readonly number[], edge: { axis: number; limit: number; sign: number }): number[] {
  const { axis, limit, sign } = edge;
  const depth = (i: number) => sign * (points[i + axis] - limit);
  const kept: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const before = (i + points.length - 2) % points.length;
    const [a, b] = [depth(before), depth(i)];
    if (a < 0 !== b < 0) {
      const t = a / (a - b);
      for (const c of [0, 1]) kept.push(points[before + c] + t * (points[i + c] - points[before + c]));
    }
    if (b >= 0) kept.push(points[i], points[i + 1]);
  }
  return kept;
}

/** Calls `span(y, from, to)` for each run of pixels `from` to `to - 1` whose centers lie in a polygon (even-odd rule). */
export function fillOutline(
  points: Float32Array,
  width: number,
  height: number,
  span: (y: number, from: number, to: number) => void,
): void {
  const [, top, , bottom] = visibleBounds(points, width, height);
  for (let y = Math.floor(top); y < Math.min(Math.ceil(bottom), height); y++) {
    const crossings = crossingsAt(points, y + 0.5);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const from = Math.max(Math.ceil(crossings[k] - 0.5), 0);
      const to = Math.min(Math.ceil(crossings[k + 1] - 0.5), width);
      if (to > from) span(y, from, to);
    }
  }
}

function crossingsAt(points: Float32Array, y: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < points.length; i += 2) {
    const j = (i + 2) % points.length;
    const [y0, y1] = [points[i + 1], points[j + 1]];
    if (y0 <= y === y1 <= y) continue;
    found.push(points[i] + ((y - y0) / (y1 - y0)) * (points[j] - points[i]));
  }
  return found.sort((a, b) => a - b);
}
