/**
 * Anchor matching as YOLOv5 does it. A target is matched, per level, to every anchor whose shape is within a factor
 * of it, in the cell that holds its center and in the up to two neighbors that the center is close to.
 * Sizes are in grid units of the level; arithmetic is float32, so that borderline matches fall as they do in training
 * frameworks.
 */
import { TARGET_ROW } from '@froyolo/data';

/** Matches of one level, one entry per (target, anchor, cell); `box` and `anchorWh` are flattened rows. */
export interface LevelAssignment {
  readonly numMatches: number;
  /** Index of the image in the batch. */
  readonly image: Int32Array;
  /** Index of the anchor within the level. */
  readonly anchor: Int32Array;
  /** Row and column of the cell. */
  readonly gj: Int32Array;
  readonly gi: Int32Array;
  readonly cls: Int32Array;
  /** `[numMatches, 4]`: center x, y relative to the cell's corner, then width and height. */
  readonly box: Float32Array;
  /** `[numMatches, 2]`: the anchor's width and height. */
  readonly anchorWh: Float32Array;
}

export interface AssignOptions {
  /** Per level: `w, h` of each anchor in grid units, flattened. */
  readonly anchors: readonly ArrayLike<number>[];
  /** Per level: rows and columns of the grid. */
  readonly gridSizes: readonly (readonly [height: number, width: number])[];
  /** Largest ratio between target and anchor sides, exclusive. Default 4. */
  readonly anchorThreshold?: number;
}

/** Half a cell: a center closer than this to a neighbor is also that neighbor's. */
const REACH = 0.5;

const f = Math.fround;

/** A target with an anchor of fitting shape. */
interface Candidate {
  readonly image: number;
  readonly cls: number;
  readonly anchor: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** The cells a center belongs to, in assignment order: which candidates, and where their cell lies. */
const CELLS: readonly {
  dx: number;
  dy: number;
  near(c: Candidate, height: number, width: number): boolean;
}[] = [
  { dx: 0, dy: 0, near: () => true },
  { dx: REACH, dy: 0, near: (c) => isNear(c.x) },
  { dx: 0, dy: REACH, near: (c) => isNear(c.y) },
  { dx: -REACH, dy: 0, near: (c, _height, width) => isNear(f(width - c.x)) },
  { dx: 0, dy: -REACH, near: (c, height) => isNear(f(height - c.y)) },
];

/** Closer than half a cell to the border below it, and not in the outermost cell. */
const isNear = (distance: number) => distance % 1 < REACH && distance > 1;

/**
 * Matches the targets of a batch to cells and anchors.
 * @param targets rows as `TARGET_ROW` lays them out, boxes normalized to the image
 * @returns one assignment per level; its order decides which target owns a cell hit by several (the last)
 */
export function assignTargets(targets: Float32Array, options: AssignOptions): LevelAssignment[] {
  const { anchors, gridSizes, anchorThreshold = 4 } = options;
  if (targets.length % TARGET_ROW.width !== 0)
    throw new RangeError(`targets need ${TARGET_ROW.width} values per row, got ${targets.length} values`);
  if (anchors.length !== gridSizes.length)
    throw new RangeError(`${anchors.length} levels of anchors but ${gridSizes.length} grid sizes`);
  return anchors.map((levelAnchors, level) =>
    assignLevel(targets, Float32Array.from(levelAnchors), gridSizes[level], anchorThreshold),
  );
}

function assignLevel(
  targets: Float32Array,
  anchors: Float32Array,
  [height, width]: readonly [number, number],
  threshold: number,
): LevelAssignment {
  const candidates = fittingAnchors(targets, anchors, height, width, f(threshold));
  const matched = CELLS.map((cell) => candidates.filter((candidate) => cell.near(candidate, height, width)));
  const numMatches = matched.reduce((sum, { length }) => sum + length, 0);
  const [image, anchor, gj, gi, cls] = Array.from({ length: 5 }, () => new Int32Array(numMatches)) as [
    ...[Int32Array, Int32Array, Int32Array, Int32Array, Int32Array],
  ];
  const box = new Float32Array(4 * numMatches);
  const anchorWh = new Float32Array(2 * numMatches);
  let m = 0;
  matched.forEach((members, cell) => {
    const { dx, dy } = CELLS[cell];
    for (const c of members) {
      image[m] = c.image;
      anchor[m] = c.anchor;
      cls[m] = c.cls;
      gi[m] = cellIndex(f(c.x - dx), width);
      gj[m] = cellIndex(f(c.y - dy), height);
      box[4 * m] = c.x - gi[m];
      box[4 * m + 1] = c.y - gj[m];
      box[4 * m + 2] = c.w;
      box[4 * m + 3] = c.h;
      anchorWh[2 * m] = anchors[2 * c.anchor];
      anchorWh[2 * m + 1] = anchors[2 * c.anchor + 1];
      m++;
    }
  });
  return { numMatches, image, anchor, gj, gi, cls, box, anchorWh };
}

/** Anchor by anchor, the targets whose shape fits it. */
function fittingAnchors(
  targets: Float32Array,
  anchors: Float32Array,
  height: number,
  width: number,
  threshold: number,
): Candidate[] {
  const { at } = TARGET_ROW;
  const found: Candidate[] = [];
  for (let anchor = 0; anchor < anchors.length / 2; anchor++) {
    for (let row = 0; row < targets.length; row += TARGET_ROW.width) {
      const w = f(targets[row + at.w] * width);
      const h = f(targets[row + at.h] * height);
      if (
        !(sideRatio(w, anchors[2 * anchor]) < threshold && sideRatio(h, anchors[2 * anchor + 1]) < threshold)
      )
        continue;
      const x = f(targets[row + at.cx] * width);
      const y = f(targets[row + at.cy] * height);
      found.push({ image: targets[row + at.image], cls: targets[row + at.cls], anchor, x, y, w, h });
    }
  }
  return found;
}

/** How many times the longer side is the shorter one. */
function sideRatio(side: number, anchorSide: number): number {
  const ratio = f(side / anchorSide);
  return Math.max(ratio, f(1 / ratio));
}

const cellIndex = (position: number, size: number) => Math.min(Math.max(Math.trunc(position), 0), size - 1);
