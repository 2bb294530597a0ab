/** From an assignment to the feeds of the loss graph. */
import { type Tensor, tensor } from '@froyolo/core';
import type { LevelAssignment } from '../assign/assign-targets.js';

export interface LossInputOptions {
  readonly numClasses: number;
  /** Anchors per level. */
  readonly numAnchors: number;
  /** Per level: rows and columns of the grid. */
  readonly gridSizes: readonly (readonly [height: number, width: number])[];
  /** Targets become 1 - ε/2 and ε/2. Default 0. */
  readonly labelSmoothing?: number;
  /**
   * Rows per level from the number of matches; at least that many and at least 1. Extra rows have no effect. Default: no
   * padding. An executor that compiles one program per shape wants few different numbers.
   */
  readonly bucket?: (count: number) => number;
}

/** What each matched prediction is compared with; the columns of `[matches, ...]` inputs of level `l`. */
export const lossInputName = (level: number, what: keyof LevelFeeds) => `loss${level}.${what}`;

export interface LevelFeeds {
  /** `[matches, 5 + nc]` int32: where each value of the matched prediction lies in the flattened head. */
  readonly index: Tensor;
  /** `[matches, 4]`: target box in grid units, x and y relative to the cell. */
  readonly box: Tensor;
  /** `[matches, 2]`: anchor in grid units. */
  readonly anchor: Tensor;
  /** `[matches, nc]`: smoothed one-hot class. */
  readonly classes: Tensor;
  /** `[matches, 1]`: 1 where this match gives its cell's objectness target, else 0. */
  readonly owner: Tensor;
  /** `[matches, 1]`: 1 / number of matches; 0 in padding. */
  readonly weight: Tensor;
}

/** Feeds of `yoloLoss`, by input name. A level without matches gets one row without weight. */
export function lossInputs(
  assignment: readonly LevelAssignment[],
  options: LossInputOptions,
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  assignment.forEach((matches, level) => {
    const levelFeeds = feedsOfLevel(matches, options.gridSizes[level], options);
    for (const [what, value] of Object.entries(levelFeeds)) {
      if (what === 'classes' && options.numClasses === 1) continue;
      feeds[lossInputName(level, what as keyof LevelFeeds)] = value;
    }
  });
  return feeds;
}

function feedsOfLevel(
  matches: LevelAssignment,
  [height, width]: readonly [number, number],
  { numClasses, numAnchors, labelSmoothing = 0, bucket = (count) => count }: LossInputOptions,
): LevelFeeds {
  const rows = Math.max(bucket(matches.count), 1);
  if (rows < matches.count)
    throw new RangeError(`bucket gives ${rows} rows for ${matches.count} matches; it must not give fewer`);
  const values = 5 + numClasses;
  const cells = height * width;
  const index = new Int32Array(rows * values);
  const classes = new Float32Array(rows * numClasses).fill(labelSmoothing / 2);
  const owner = new Float32Array(rows);
  const ownerOfCell = new Map<number, number>();
  for (let m = 0; m < matches.count; m++) {
    const first = (matches.image[m] * numAnchors + matches.anchor[m]) * values * cells;
    const start = first + matches.gj[m] * width + matches.gi[m];
    for (let v = 0; v < values; v++) index[m * values + v] = start + v * cells;
    classes[m * numClasses + matches.cls[m]] = 1 - labelSmoothing / 2;
    ownerOfCell.set(start, m);
  }
  for (const m of ownerOfCell.values()) owner[m] = 1;
  return {
    index: tensor(index, [rows, values]),
    box: tensor(padded(matches.box, rows * 4), [rows, 4]),
    anchor: tensor(padded(matches.anchorWh, rows * 2), [rows, 2]),
    classes: tensor(classes, [rows, numClasses]),
    owner: tensor(owner, [rows, 1]),
    weight: tensor(new Float32Array(rows).fill(1 / matches.count, 0, matches.count), [rows, 1]),
  };
}

/** Ones after the values: sides of boxes in padding must be positive, so that its IoU, times 0, is 0. */
function padded(values: Float32Array, length: number): Float32Array {
  const result = new Float32Array(length).fill(1);
  result.set(values);
  return result;
}
