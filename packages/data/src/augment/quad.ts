/** Quad batches: every four images become one of twice the side. */
import type { Batch } from '../batch.js';
import type { Rng } from '../rng.js';
import { countRows, TARGET_ROW } from '../rows.js';

/** Share of joined images that show only the first of the four, scaled up; the others show all four side by side. */
const SCALED = 0.5;
/** Images that become one. */
export const QUAD = 4;

/**
 * Joins the images of a batch in fours, as YOLOv5's `--quad`: either the first at twice its side, or all four, the
 * second below the first and the others to the right. A last group of fewer than four becomes its first image.
 */
export function quadBatch(batch: Batch, rng: Rng): Batch {
  const [count, channels, height, width] = batch.shape;
  const groups = Math.ceil(count / QUAD);
  const area = channels * height * width;
  const images = new Uint8Array(groups * QUAD * area);
  const targets: number[] = [];
  for (let group = 0; group < groups; group++) {
    const first = group * QUAD;
    const joined = images.subarray(group * QUAD * area, (group + 1) * QUAD * area);
    const isScaled = count - first < QUAD || rng.random() < SCALED;
    const imageOf = (i: number) => batch.images.subarray((first + i) * area, (first + i + 1) * area);
    const cells = isScaled ? [{ x: 0, y: 0, scale: 1 }] : CELLS;
    if (isScaled) doubled(imageOf(0), joined, height, width);
    for (const [i, cell] of cells.entries()) {
      if (!isScaled) tile(imageOf(i), joined, { ...cell, height, width });
      targets.push(...labelsOf(batch, first + i, group, cell));
    }
  }
  return {
    images,
    shape: [groups, channels, 2 * height, 2 * width],
    targets: Float32Array.from(targets),
    paths: batch.paths.filter((_, i) => i % QUAD === 0),
    meta: batch.meta.filter((_, i) => i % QUAD === 0),
  };
}

/** Where an image stands in the joined one, in its own sides, and its share of the side. */
interface Cell {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const CELLS: readonly Cell[] = [
  { x: 0, y: 0, scale: 0.5 },
  { x: 0, y: 1, scale: 0.5 },
  { x: 1, y: 0, scale: 0.5 },
  { x: 1, y: 1, scale: 0.5 },
];

function labelsOf({ targets }: Batch, image: number, group: number, { x, y, scale }: Cell): number[] {
  const rows: number[] = [];
  for (let row = 0; row < countRows(targets, TARGET_ROW); row++) {
    const [of, cls = 0, cx = 0, cy = 0, w = 0, h = 0] = targets.subarray(
      row * TARGET_ROW.width,
      (row + 1) * TARGET_ROW.width,
    );
    if (of === image) rows.push(group, cls, (cx + x) * scale, (cy + y) * scale, w * scale, h * scale);
  }
  return rows;
}

/** Copies planes `[3, height, width]` into a cell of planes of twice the side. */
function tile(
  planes: Uint8Array,
  into: Uint8Array,
  { x, y, height, width }: { x: number; y: number; height: number; width: number },
): void {
  for (let row = 0; row < planes.length / width; row++) {
    const [plane, line] = [Math.floor(row / height), row % height];
    const at = (plane * 2 * height + y * height + line) * 2 * width + x * width;
    into.set(planes.subarray(row * width, (row + 1) * width), at);
  }
}

/** Linear interpolation between pixel centers: a new pixel lies a quarter from one old center. */
function doubled(planes: Uint8Array, into: Uint8Array, height: number, width: number): void {
  const columns = neighbors(width);
  const rows = neighbors(height);
  for (let plane = 0; plane < planes.length / (height * width); plane++) {
    const from = plane * height * width;
    for (const [y, [near, far]] of rows.entries())
      for (const [x, [left, right]] of columns.entries()) {
        const value = (line: number) =>
          0.75 * Number(planes[from + line * width + left]) +
          0.25 * Number(planes[from + line * width + right]);
        into[(plane * 2 * height + y) * 2 * width + x] = 0.75 * value(near) + 0.25 * value(far);
      }
  }
}

/** For each position on a line of twice the length: the nearest old position, and the second nearest. */
function neighbors(length: number): [near: number, far: number][] {
  return Array.from({ length: 2 * length }, (_, i) => {
    const near = Math.floor(i / 2);
    const far = i % 2 === 0 ? near - 1 : near + 1;
    return [near, Math.min(Math.max(far, 0), length - 1)];
  });
}
