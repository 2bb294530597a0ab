/** From which confidence on suggestions are worth showing, judged by pictures that a person has labeled. */
import { iou } from '../library/iou.js';
import type { Box } from '../library/types.js';

/** A labeled picture, and what is found in it, with the project's classes. */
export interface Judged {
  readonly boxes: readonly Box[];
  readonly found: readonly (Box & { readonly confidence: number })[];
}

/** Overlap from which a box is found. */
const FOUND = 0.5;
const STEPS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** The confidence with the best F1, a step of .05; undefined where nothing is right at any. */
export function likelyConfidence(pictures: readonly Judged[]): number | undefined {
  const labels = pictures.reduce((sum, { boxes }) => sum + boxes.length, 0);
  const found = pictures.flatMap(judged);
  let best: { readonly f1: number; readonly least?: number } = { f1: 0 };
  for (const least of STEPS) {
    const shown = found.filter(({ confidence }) => confidence >= least);
    const right = shown.filter(({ isRight }) => isRight).length;
    const f1 = (2 * right) / Math.max(1, shown.length + labels);
    if (f1 > best.f1) best = { f1, least };
  }
  return best.least;
}

/** Each label is found once, by the most confident detection that overlaps it enough. */
function judged({ boxes, found }: Judged) {
  const left = [...boxes];
  return [...found]
    .sort((a, b) => b.confidence - a.confidence)
    .map(({ classId, box, confidence }) => {
      const at = left.findIndex((one) => one.classId === classId && iou(one.box, box) > FOUND);
      if (at >= 0) left.splice(at, 1);
      return { confidence, isRight: at >= 0 };
    });
}
