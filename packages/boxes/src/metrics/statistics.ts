/** Detections and labels of a dataset, image by image, up to its average precision. */
import type { Batch } from '@froyolo/data';
import { xywhToXyxy } from '../boxes.js';
import { columnOf, DETECTION_ROW, type LabelRow, scaleRows, TRUTH_ROW } from '../rows.js';

import { apPerClass, type DetectionCurves } from './average-precision.js';
import { ConfusionMatrix } from './confusion-matrix.js';
import { IOU_THRESHOLDS, matchDetections } from './match.js';

/** Precision and recall are those at the confidence where the mean F1 over classes is highest. */
export interface ClassMetrics {
  readonly precision: number;
  readonly recall: number;
  readonly mAP50: number;
  readonly mAP50_95: number;
}

export interface ClassResult extends ClassMetrics {
  readonly classId: number;
  readonly name: string;
  /** Images with objects of this class, and its objects. */
  readonly images: number;
  readonly instances: number;
}

/** What charts are drawn from. */
export interface ValidationDetails {
  /** Curves of the classes that occur. */
  readonly curves: readonly (DetectionCurves & Pick<ClassResult, 'classId' | 'name' | 'mAP50'>)[];
  /** `[size, size]`: detected class by label's class; the last of both is background. */
  readonly confusion: { readonly size: number; readonly counts: readonly number[] };
}

/** Collects the detections and labels of a dataset, image by image, and computes its average precision. */
export class Statistics {
  readonly #labelRow: LabelRow;
  readonly #correct: number[] = [];
  readonly #confidence: number[] = [];
  readonly #predictedClass: number[] = [];
  readonly #targetClass: number[] = [];
  readonly #confusion: ConfusionMatrix;
  /** Images with objects of a class. */
  readonly #imagesOfClass = new Map<number, number>();

  /** @param labelRow layout of the labels */
  constructor(numClasses: number, labelRow: LabelRow) {
    this.#labelRow = labelRow;
    this.#confusion = new ConfusionMatrix({ numClasses });
  }

  /** @param detections rows as `DETECTION_ROW` lays them out, of one image of the batch, in its pixels */
  add(detections: Float32Array, batch: Batch, image: number): void {
    const fit = batch.meta[image];
    const truths = scaleRows(truthsOf(batch, image, this.#labelRow), TRUTH_ROW, fit);
    const found = scaleRows(detections, DETECTION_ROW, fit);
    for (const one of matchDetections(found, truths)) this.#correct.push(one);
    this.#confusion.add(found, truths);
    this.#confidence.push(...columnOf(found, DETECTION_ROW, 'confidence'));
    this.#predictedClass.push(...columnOf(found, DETECTION_ROW, 'cls'));
    const classes = columnOf(truths, TRUTH_ROW, 'cls');
    this.#targetClass.push(...classes);
    for (const classId of new Set(classes))
      this.#imagesOfClass.set(classId, (this.#imagesOfClass.get(classId) ?? 0) + 1);
  }

  result(
    names: readonly string[],
  ): ClassMetrics & { instances: number; classes: ClassResult[]; details: ValidationDetails } {
    const { classes: measured } = apPerClass({
      correct: this.#correct,
      confidence: this.#confidence,
      predictedClass: this.#predictedClass,
      targetClass: this.#targetClass,
      thresholds: IOU_THRESHOLDS.length,
    });
    const classes = measured.map(({ classId, labels, precision, recall, ap }) => ({
      classId,
      name: names[classId],
      images: this.#imagesOfClass.get(classId) ?? 0,
      instances: labels,
      precision,
      recall,
      mAP50: ap[0],
      mAP50_95: mean(ap),
    }));
    const over = (key: keyof ClassMetrics) => mean(classes.map((one) => one[key]));
    return {
      precision: over('precision'),
      recall: over('recall'),
      mAP50: over('mAP50'),
      mAP50_95: over('mAP50_95'),
      instances: this.#targetClass.length,
      classes,
      details: {
        curves: measured.map(({ curves }, i) => ({ ...classes[i], ...curves })),
        confusion: { size: this.#confusion.size, counts: [...this.#confusion.counts] },
      },
    };
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / Math.max(values.length, 1);
}

/** One image's targets as rows that `TRUTH_ROW` lays out, in the batch's pixels. */
function truthsOf({ targets, shape }: Batch, image: number, { width, at }: LabelRow): Float32Array {
  const [, , height, pixelsWide] = shape;
  const truths: number[] = [];
  for (let row = 0; row < targets.length; row += 1 + width) {
    if (targets[row] !== image) continue;
    const label = targets.subarray(row + 1, row + 1 + width);
    const center = [label[at.cx] * pixelsWide, label[at.cy] * height];
    const size = [label[at.w] * pixelsWide, label[at.h] * height];
    truths.push(label[at.cls], ...xywhToXyxy([...center, ...size]));
  }
  return Float32Array.from(truths);
}
