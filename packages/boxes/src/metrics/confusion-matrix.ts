/** Which classes are taken for which. */
import type { RowLayout } from '@froyolo/data';
import { pairwiseIou } from '../iou.js';
import { cornersOf, DETECTION_ROW, TRUTH_ROW } from '../rows.js';

export interface ConfusionOptions {
  readonly numClasses: number;
  /** Detections must be more confident. Default 0.25. */
  readonly confThres?: number;
  /** Detection and label must overlap more. Default 0.45. */
  readonly iouThres?: number;
}

/**
 * Counts over images. Row: detected class, column: the label's class; the last of both is background: labels that were
 * not found, and detections where there is nothing.
 */
export class ConfusionMatrix {
  /** Classes and background. */
  readonly size: number;
  /** `[size, size]`. */
  readonly counts: Float64Array;
  readonly #confThres: number;
  readonly #iouThres: number;

  constructor({ numClasses, confThres = 0.25, iouThres = 0.45 }: ConfusionOptions) {
    this.size = numClasses + 1;
    this.counts = new Float64Array(this.size ** 2);
    this.#confThres = confThres;
    this.#iouThres = iouThres;
  }

  /**
   * Adds an image. Regardless of class, a detection is assigned to the label that it overlaps most; if several are assigned
   * to one label, the one that overlaps it most gets it.
   * @param detections rows as `DETECTION_ROW` lays them out
   * @param labels rows as `TRUTH_ROW` lays them out
   */
  add(detections: ArrayLike<number>, labels: ArrayLike<number>): void {
    const confident = rowsOf(detections, DETECTION_ROW).filter(
      (row) => row[DETECTION_ROW.at.confidence] > this.#confThres,
    );
    const labelClasses = rowsOf(labels, TRUTH_ROW).map((row) => row[TRUTH_ROW.at.cls]);
    const labelOf = this.#meet(confident, labels);
    confident.forEach((row, detection) => {
      const label = labelOf.get(detection);
      this.#count(row[DETECTION_ROW.at.cls], label === undefined ? this.size - 1 : labelClasses[label]);
    });
    const found = new Set(labelOf.values());
    labelClasses.forEach((cls, label) => {
      if (!found.has(label)) this.#count(this.size - 1, cls);
    });
  }

  /** Detection to label. */
  #meet(detections: readonly number[][], labels: ArrayLike<number>): Map<number, number> {
    const m = labels.length / TRUTH_ROW.width;
    const ious = pairwiseIou(cornersOf(detections.flat(), DETECTION_ROW), cornersOf(labels, TRUTH_ROW));
    const pairs = Array.from(ious, (iou, i) => ({ iou, detection: Math.floor(i / m), label: i % m }))
      .filter(({ iou }) => iou > this.#iouThres)
      .sort((a, b) => b.iou - a.iou);
    const labelOf = new Map<number, number>();
    const taken = new Set<number>();
    const seen = new Set<number>();
    for (const { detection, label } of pairs) {
      if (seen.has(detection)) continue;
      seen.add(detection);
      if (taken.has(label)) continue;
      labelOf.set(detection, label);
      taken.add(label);
    }
    return labelOf;
  }

  #count(detected: number, actual: number): void {
    this.counts[detected * this.size + actual]++;
  }
}

function rowsOf(values: ArrayLike<number>, { width }: RowLayout): number[][] {
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from({ length: width }, (_, column) => values[row * width + column]),
  );
}
