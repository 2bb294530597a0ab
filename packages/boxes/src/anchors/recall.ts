/** How well a set of anchors fits the boxes of a dataset. */

/** Width and height in pixels. */
export type AnchorSize = readonly [width: number, height: number];

export interface AnchorFit {
  /** Fraction of boxes that some anchor can be matched to. Below 0.98, other anchors are worth finding. */
  readonly bestPossibleRecall: number;
  /** Anchors that can be matched to a box, on average. */
  readonly anchorsPerTarget: number;
}

/**
 * @param sizes `[n, 2]`: widths and heights of boxes
 * @param anchors in the same pixels, of all levels
 * @param threshold as in the assignment: largest ratio of sides, exclusive
 */
export function checkAnchors(
  sizes: ArrayLike<number>,
  anchors: readonly AnchorSize[],
  threshold = 4,
): AnchorFit {
  const boxes = Math.max(sizes.length / 2, 1);
  let [reached, matches] = [0, 0];
  for (let i = 0; i < sizes.length; i += 2) {
    const fitting = anchors.filter((a) => similarity(sizes[i], sizes[i + 1], a) > 1 / threshold).length;
    matches += fitting;
    if (fitting > 0) reached++;
  }
  return { bestPossibleRecall: reached / boxes, anchorsPerTarget: matches / boxes };
}

/** 1 where both sides agree, else the smaller over the larger of the side that differs most. */
export function similarity(width: number, height: number, [anchorWidth, anchorHeight]: AnchorSize): number {
  const [x, y] = [width / anchorWidth, height / anchorHeight];
  return Math.min(x, 1 / x, y, 1 / y);
}
