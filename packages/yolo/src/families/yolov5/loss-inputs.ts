/**
 * Turns an assignment into the feeds of the loss graph. Levels lie one after the other in each feed, with the same number of
 * rows: the loss is then as many ops for all levels as it would be for one, and those ops are short.
 */
import { type Tensor, tensor } from '@froyolo/core';
import type { LevelAssignment } from './assign.js';
import { valuesOf } from './layout.js';

export interface LossInputOptions {
  readonly numClasses: number;
  /** Anchors per level. */
  readonly numAnchors: number;
  /** Per level: rows and columns of the grid. */
  readonly gridSizes: readonly (readonly [height: number, width: number])[];
  /** Targets become 1 - ε/2 and ε/2. Default 0. */
  readonly labelSmoothing?: number;
  /** Whether a single class learns, too. Default false. */
  readonly learnsOne?: boolean;
}

/** What matched predictions are compared with: `[levels, rows, …]`. */
export interface LossFeeds {
  /** `[…, 5 + nc]` int32: where each value of the matched prediction lies in its level's flattened head. */
  readonly index: Tensor;
  /** `[…, 4]`: target box in grid units, x and y relative to the cell. */
  readonly box: Tensor;
  /** `[…, 2]`: anchor in grid units. */
  readonly anchor: Tensor;
  /** `[…, nc]`: smoothed one-hot class. */
  readonly classes: Tensor;
  /** `[…, 1]`: 1 where this match gives its cell's objectness target, else 0. */
  readonly owner: Tensor;
  /** `[…, 1]`: 1 / number of matches of the level; 0 in padding. */
  readonly weight: Tensor;
}

/** Name of an input of the loss. */
export const lossInputName = (what: keyof LossFeeds) => `loss.${what}`;

/** Types of feeds that aren't float32. */
export const FEED_DTYPES: Readonly<Partial<Record<keyof LossFeeds, 'int32'>>> = { index: 'int32' };

/** Size of a feed's last axis. */
export function feedColumns(what: keyof LossFeeds, numClasses: number): number {
  if (what === 'index') return valuesOf(numClasses);
  return { box: 4, anchor: 2, classes: numClasses, owner: 1, weight: 1 }[what];
}

/** Feeds of `yoloLoss`, by input name. Without any match there is one row without weight. */
export function lossInputs(
  assignment: readonly LevelAssignment[],
  options: LossInputOptions,
): Record<string, Tensor> {
  const { numClasses, labelSmoothing = 0, learnsOne = false } = options;
  const rows = Math.max(1, ...assignment.map(({ numMatches }) => numMatches));
  const levels = assignment.length;
  const values = valuesOf(numClasses);
  const index = new Int32Array(levels * rows * values);
  // Ones: sides of boxes in padding must be positive, so that its IoU, times 0, is 0.
  const box = new Float32Array(levels * rows * 4).fill(1);
  const anchor = new Float32Array(levels * rows * 2).fill(1);
  const classes = new Float32Array(levels * rows * numClasses).fill(labelSmoothing / 2);
  const owner = new Float32Array(levels * rows);
  const weight = new Float32Array(levels * rows);
  assignment.forEach((matches, level) => {
    const first = level * rows;
    box.set(matches.box, first * 4);
    anchor.set(matches.anchorWh, first * 2);
    weight.fill(1 / matches.numMatches, first, first + matches.numMatches);
    const starts = startsOf(matches, options, options.gridSizes[level]);
    const cells = options.gridSizes[level][0] * options.gridSizes[level][1];
    for (let m = 0; m < matches.numMatches; m++) {
      const row = first + m;
      for (let v = 0; v < values; v++) index[row * values + v] = starts[m] + v * cells;
      classes[row * numClasses + matches.cls[m]] = 1 - labelSmoothing / 2;
    }
    for (const m of new Map(Array.from(starts, (start, m) => [start, m])).values()) owner[first + m] = 1;
  });
  const feeds = {
    index: tensor(index, [levels, rows, values]),
    box: tensor(box, [levels, rows, 4]),
    anchor: tensor(anchor, [levels, rows, 2]),
    ...(numClasses > 1 || learnsOne ? { classes: tensor(classes, [levels, rows, numClasses]) } : {}),
    owner: tensor(owner, [levels, rows, 1]),
    weight: tensor(weight, [levels, rows, 1]),
  };
  return Object.fromEntries(
    Object.entries(feeds).map(([what, value]) => [lossInputName(what as keyof LossFeeds), value]),
  );
}

/** Where the first value of each match lies in the flattened head `[N, anchors · values, height, width]`. */
function startsOf(
  { numMatches, image, anchor, gj, gi }: LevelAssignment,
  { numAnchors, numClasses }: LossInputOptions,
  [height, width]: readonly [number, number],
): Int32Array {
  return Int32Array.from({ length: numMatches }, (_, m) => {
    const plane = (image[m] * numAnchors + anchor[m]) * valuesOf(numClasses);
    return plane * height * width + gj[m] * width + gi[m];
  });
}
