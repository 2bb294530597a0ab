/** Which suggestions of a picture are worth showing, and how. */
import { iou } from '../library/iou.js';
import type { Box } from '../library/types.js';

export interface Suggestion extends Box {
  readonly confidence: number;
}

export interface Sorted {
  readonly sure: readonly Suggestion[];
  readonly faint: readonly Suggestion[];
}

/** Confidences from which a suggestion is sure, and from which it is worth a look. */
interface Limits {
  readonly least: number;
  readonly faintest: number;
}

/** Overlap from which a suggestion is the box that is there. */
const COVERED = 0.5;

/**
 * Sorts suggestions that no box covers already. A faint one that lies on a sure one is another guess at the same thing:
 * it would only be in the way.
 * @param all what was found, each thing once, the most confident first
 */
export function sorted(
  all: readonly Suggestion[],
  boxes: readonly Box[],
  { least, faintest }: Limits,
): Sorted {
  const isFree = ({ box }: Suggestion, others: readonly Box[]) =>
    !others.some((one) => iou(one.box, box) > COVERED);
  const isSure = ({ confidence }: Suggestion) => confidence >= least;
  const sure = all.filter((one) => isSure(one) && isFree(one, boxes));
  const there = [...boxes, ...all.filter(isSure)];
  const faint = all.filter((one) => !isSure(one) && one.confidence >= faintest && isFree(one, there));
  return { sure, faint };
}
