/** Detections and labels of a dataset, image by image, up to its average precision. */
import type { Batch } from '@froyolo/data';
import { type Fit, scaleBoxes, xywhToXyxy } from '../boxes/boxes.js';
import { apPerClass, type DetectionCurves } from '../metrics/average-precision.js';
import { ConfusionMatrix } from '../metrics/confusion-matrix.js';
import { boxColumns, IOU_THRESHOLDS, matchDetections } from '../metrics/match.js';
import { DETECTION_COLUMNS } from '../postprocess/nms.js';

/** Columns of a batch's targets: image, class, cx, cy, w, h. */
const TARGET_COLUMNS = 6;

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
  /** Of the classes that occur. */
  readonly curves: readonly (DetectionCurves & Pick<ClassResult, 'classId' | 'name' | 'mAP50'>)[];
  /** `[size, size]`: detected class by label's class; the last of both is background. */
  readonly confusion: { readonly size: number; readonly counts: readonly number[] };
}

export class Statistics {
  readonly #correct: number[] = [];
  readonly #confidence: number[] = [];
  readonly #predictedClass: number[] = [];
  readonly #targetClass: number[] = [];
  readonly #confusion: ConfusionMatrix;
  /** Images with objects of a class. */
  readonly #imagesOfClass = new Map<number, number>();

  constructor(numClasses: number) {
    this.#confusion = new ConfusionMatrix({ numClasses });
  }

  /** @param detections `[n, 6]` of one image of the batch, in its pixels: x1, y1, x2, y2, confidence, class */
  add(detections: Float32Array, batch: Batch, image: number): void {
    const fit = fitOf(batch, image);
    const { classes, boxes } = labelsOf(batch, image);
    const labels = rowsOf(1 + 4, classes.length, [classes, 1], [scaleBoxes(boxes, fit), 4]);
    const count = detections.length / DETECTION_COLUMNS;
    const scaled = scaleBoxes(boxColumns(detections, DETECTION_COLUMNS, 0), fit);
    const rest = Float32Array.from({ length: 2 * count }, (_, i) => detections[(i >> 1) * 6 + 4 + (i % 2)]!);
    const rows = rowsOf(DETECTION_COLUMNS, count, [scaled, 4], [rest, 2]);
    const correct = matchDetections(rows, labels);
    this.#confusion.add(rows, labels);
    for (const one of correct) this.#correct.push(one);
    for (let i = 0; i < count; i++) {
      this.#confidence.push(rest[2 * i]!);
      this.#predictedClass.push(rest[2 * i + 1]!);
    }
    for (const classId of classes) this.#targetClass.push(classId);
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
      name: names[classId]!,
      images: this.#imagesOfClass.get(classId)!,
      instances: labels,
      precision,
      recall,
      mAP50: ap[0]!,
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
        curves: measured.map(({ curves }, i) => ({ ...classes[i]!, ...curves })),
        confusion: { size: this.#confusion.size, counts: [...this.#confusion.counts] },
      },
    };
  }
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / Math.max(values.length, 1);
}

/** How an image of a batch came from its file. */
export function fitOf({ meta }: Batch, image: number): Fit {
  const { ratio, pad, originalShape } = meta[image]!;
  return { ratio: [ratio[1], ratio[0]], pad, originalShape };
}

/** Classes, and boxes as corners in the batch's pixels, of one image's targets. */
function labelsOf({ targets, shape }: Batch, image: number) {
  const [, , height, width] = shape;
  const classes: number[] = [];
  const boxes: number[] = [];
  for (let row = 0; row < targets.length; row += TARGET_COLUMNS) {
    if (targets[row] !== image) continue;
    classes.push(targets[row + 1]!);
    for (let i = 0; i < 4; i++) boxes.push(targets[row + 2 + i]! * (i % 2 === 0 ? width : height));
  }
  return { classes, boxes: xywhToXyxy(boxes) };
}

/** Puts columns side by side; each part is its values and how many columns they have. */
function rowsOf(columns: number, count: number, ...parts: [ArrayLike<number>, number][]): Float32Array {
  const rows = new Float32Array(count * columns);
  let first = 0;
  for (const [values, width] of parts) {
    for (let i = 0; i < count * width; i++)
      rows[Math.floor(i / width) * columns + first + (i % width)] = values[i]!;
    first += width;
  }
  return rows;
}
