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

/** Overlaps from which a sure suggestion, and a faint one, is the box that is there. */
const COVERED = { sure: 0.5, faint: 0.4 };

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
  const isFree = ({ box }: Suggestion, others: readonly Box[], limit: number) =>
    !others.some((one) => iou(one.box, box) > limit);
  const isSure = ({ confidence }: Suggestion) => confidence >= least;
  const sure = all.filter((one) => isSure(one) && isFree(one, boxes, COVERED.sure));
  const there = [...boxes, ...all.filter(isSure)];
  const faint = all.filter(
    (one) => !isSure(one) && one.confidence >= faintest && isFree(one, there, COVERED.faint),
  );
  return { sure, faint };
}
