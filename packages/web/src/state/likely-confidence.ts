/** From which confidence on suggestions are worth showing, judged by pictures that a person has labeled. */
import { iou } from '../library/iou.js';
import type { Box } from '../library/types.js';

/** A labeled picture, and what is found in it, with the project's classes. */
interface Judged {
  readonly boxes: readonly Box[];
  readonly found: readonly (Box & { readonly confidence: number })[];
}

/** Overlap from which a box is found. */
const FOUND = 0.5;
const STEPS = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/**
 * The confidence that leaves the least to do, a step of .05; undefined where nothing is right at any.
 * @param drawing how many wrong boxes are deleted in the time that one takes to be drawn
 */
export function likelyConfidence(pictures: readonly Judged[], drawing = 1): number | undefined {
  const labels = pictures.reduce((sum, { boxes }) => sum + boxes.length, 0);
  const found = pictures.flatMap((picture) => judged(picture, isSameClass));
  let best: { readonly work: number; readonly least?: number } = { work: Number.POSITIVE_INFINITY };
  for (const least of STEPS) {
    const shown = found.filter(({ confidence }) => confidence >= least);
    const right = shown.filter(({ isRight }) => isRight).length;
    const work = drawing * (labels - right) + shown.length - right;
    if (right > 0 && work < best.work) best = { work, least };
  }
  return best.least;
}

/** Faint suggestions begin at this part of the confidence of sure ones, but not below the other one. */
const FAINTEST = { share: 1 / 3, least: 0.1 };
/** They are worth a look where this part of them is in the right place. */
const WORTH = 1 / 12;
/** Few pictures tell little: so many faint suggestions, and right ones among them, count as seen before (coco128, yolov5n). */
const SEEN_BEFORE = { all: 30, right: 5 };

/**
 * The confidence, a step of .05, from which suggestions are shown faintly.
 * @param least confidence from which suggestions are sure; given back where no others are worth a look
 */
export function faintConfidence(pictures: readonly Judged[], least: number): number {
  // Another class is chosen in less time than a box is drawn.
  const found = pictures.flatMap((picture) => judged(picture, () => true));
  const lowest = Math.max(FAINTEST.least, Math.round(20 * FAINTEST.share * least) / 20);
  const isWorth = (from: number) => {
    const faint = found.filter(({ confidence }) => confidence >= from && confidence < least);
    const right = faint.filter(({ isRight }) => isRight).length;
    return (right + SEEN_BEFORE.right) / (faint.length + SEEN_BEFORE.all) >= WORTH;
  };
  return STEPS.find((from) => from >= lowest && from < least && isWorth(from)) ?? least;
}

const isSameClass = (label: Box, found: Box) => label.classId === found.classId;

/** Each label is found once, by the most confident detection that overlaps it enough and fits it. */
function judged({ boxes, found }: Judged, fits: (label: Box, found: Box) => boolean) {
  const left = [...boxes];
  return [...found]
    .sort((a, b) => b.confidence - a.confidence)
    .map((one) => {
      const at = left.findIndex((label) => fits(label, one) && iou(label.box, one.box) > FOUND);
      if (at >= 0) left.splice(at, 1);
      return { confidence: one.confidence, isRight: at >= 0 };
    });
}
