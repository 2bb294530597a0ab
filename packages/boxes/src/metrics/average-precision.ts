/** Average precision per class, as COCO defines it: the area under precision over recall, at 101 points. */
import { roundHalfEven } from '@froyolo/common';
import { interpolate, linspace, smooth, trapezoidArea } from './numeric.js';

const EPS = 1e-16;
/** Confidences at which precision and recall are compared. */
const CONFIDENCES = linspace(0, 1, 1000);
const RECALLS = linspace(0, 1, 101);
const F1_SMOOTHING = 0.1;

/** Every detection of a dataset, in any order. */
export interface DetectionStats {
  /** `[n, thresholds]`: 1 where a detection is right. */
  readonly correct: ArrayLike<number>;
  readonly confidence: ArrayLike<number>;
  readonly predictedClass: ArrayLike<number>;
  /** Class of every label. */
  readonly targetClass: ArrayLike<number>;
  /** Number of IoU thresholds, the first of which precision and recall are for. */
  readonly thresholds: number;
}

/** Figures of one class; all but `ap` at the confidence where the smoothed mean F1 over classes is highest. */
export interface ClassAp {
  readonly classId: number;
  readonly labels: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  /** At each IoU threshold. */
  readonly ap: Float64Array;
  readonly curves: DetectionCurves;
}

/** Curves of one class at the first IoU threshold, at 1000 points from 0 to 1. */
export interface DetectionCurves {
  /** Over the least confidence that a detection must have. */
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  readonly f1: Float64Array;
  /** Over recall: the best precision at that recall or a higher one. */
  readonly precisionAtRecall: Float64Array;
}

export interface ApResult {
  /** Classes that occur among the labels, ascending. */
  readonly classes: readonly ClassAp[];
  /** The confidence of precision, recall and F1. */
  readonly confidence: number;
}

type ClassCurves = DetectionCurves & Pick<ClassAp, 'classId' | 'labels' | 'ap'>;

/** @returns one entry per class that has labels; a class without detections has zeros */
export function apPerClass(stats: DetectionStats): ApResult {
  const order = Array.from(stats.confidence, (_, i) => i);
  order.sort((a, b) => stats.confidence[b] - stats.confidence[a]);
  const labelCounts = countClasses(stats.targetClass);
  const curves = [...labelCounts].map(([classId, labels]) =>
    classCurves(
      stats,
      order.filter((i) => stats.predictedClass[i] === classId),
      classId,
      labels,
    ),
  );
  const best = bestConfidence(curves);
  return { classes: curves.map((c) => atConfidence(c, best)), confidence: CONFIDENCES[best] };
}

function countClasses(classes: ArrayLike<number>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const classId of Array.from(classes).sort((a, b) => a - b))
    counts.set(classId, (counts.get(classId) ?? 0) + 1);
  return counts;
}

/** @param order the class's detections, most confident first */
function classCurves(stats: DetectionStats, order: number[], classId: number, labels: number): ClassCurves {
  const { thresholds } = stats;
  const [precision, recall, f1, precisionAtRecall] = [0, 0, 0, 0].map(
    () => new Float64Array(CONFIDENCES.length),
  );
  const ap = new Float64Array(thresholds);
  if (order.length > 0) {
    const falling = order.map((i) => -stats.confidence[i]);
    const at = CONFIDENCES.map((confidence) => -confidence);
    for (let t = 0; t < thresholds; t++) {
      const curve = precisionRecall(
        order.map((i) => stats.correct[i * thresholds + t]),
        labels,
      );
      ap[t] = areaUnder(curve);
      if (t > 0) continue;
      precision.set(interpolate(at, falling, curve.precision, 1));
      recall.set(interpolate(at, falling, curve.recall, 0));
      precisionAtRecall.set(envelopeAt(CONFIDENCES, curve));
    }
    f1.forEach((_, i) => {
      f1[i] = (2 * precision[i] * recall[i]) / (precision[i] + recall[i] + EPS);
    });
  }
  return { classId, labels, precision, recall, f1, precisionAtRecall, ap };
}

interface PrecisionRecall {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
}

/** After each detection, most confident first: how many so far are right, and how many labels are found. */
function precisionRecall(correct: number[], labels: number): PrecisionRecall {
  const precision = new Float64Array(correct.length);
  const recall = new Float64Array(correct.length);
  let right = 0;
  correct.forEach((one, i) => {
    right += one;
    precision[i] = right / (i + 1);
    recall[i] = right / (labels + EPS);
  });
  return { precision, recall };
}

function areaUnder(curve: PrecisionRecall): number {
  return trapezoidArea(envelopeAt(RECALLS, curve), RECALLS);
}

/** Precision at each recall, made to fall first: a point is worth the best that comes after it. */
function envelopeAt(recalls: Float64Array, { precision, recall }: PrecisionRecall): Float64Array {
  const envelope = withEnds(1, precision, 0);
  for (let i = envelope.length - 2; i >= 0; i--) envelope[i] = Math.max(envelope[i], envelope[i + 1]);
  return interpolate(recalls, withEnds(0, recall, 1), envelope);
}

/** Copied, not spread: a class may have more detections than a call takes arguments. */
function withEnds(first: number, values: Float64Array, last: number): Float64Array {
  const extended = new Float64Array(values.length + 2);
  extended[0] = first;
  extended.set(values, 1);
  extended[values.length + 1] = last;
  return extended;
}

/** Index of the confidence with the highest smoothed mean F1. */
function bestConfidence(curves: readonly ClassCurves[]): number {
  const mean = CONFIDENCES.map((_, i) => {
    const sum = curves.reduce((total, { f1 }) => total + f1[i], 0);
    return sum / Math.max(curves.length, 1);
  });
  const smoothed = smooth(mean, F1_SMOOTHING);
  return smoothed.reduce((best, value, i) => (value > smoothed[best] ? i : best), 0);
}

function atConfidence({ classId, labels, ap, ...curves }: ClassCurves, i: number): ClassAp {
  const [precision, recall, f1] = [curves.precision[i], curves.recall[i], curves.f1[i]];
  const truePositives = roundHalfEven(recall * labels);
  const falsePositives = roundHalfEven(truePositives / (precision + EPS) - truePositives);
  return { classId, labels, precision, recall, f1, truePositives, falsePositives, ap, curves };
}
