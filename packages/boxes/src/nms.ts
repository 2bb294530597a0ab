/**
 * Non-maximum suppression: of boxes that overlap, the most confident stays. Arithmetic is float32 and sorting is
 * stable, so that ties and borderline overlaps fall as they do in training frameworks.
 */

import type { Tensor } from '@froyolo/core';
import { DETECTION_ROW } from './rows.js';

export interface NmsOptions {
  /** Confidence, and objectness if rows have it, must be above this. Default 0.25. */
  readonly confThres?: number;
  /** A box that overlaps a better one by more than this is dropped. Default 0.45. */
  readonly iouThres?: number;
  /** A box counts once for every class above the threshold, not only for its best. Default false. */
  readonly multiLabel?: boolean;
  /** Boxes of different classes suppress each other too. Default false. */
  readonly agnostic?: boolean;
  /** Keep only these classes. */
  readonly classes?: readonly number[];
  /** Boxes kept per image at most. Default 300. */
  readonly maxDet?: number;
  /** Candidates looked at per image at most, the most confident. Default 30000. */
  readonly maxNms?: number;
  /** Boxes of each image that are known: candidates of confidence 1. */
  readonly known?: readonly (readonly KnownBox[])[];
}

export interface KnownBox {
  readonly cls: number;
  /** Center x, y, width and height in pixels. */
  readonly xywh: readonly [number, number, number, number];
}

/** Where a row of predictions has its scores; its first four columns are center x, y, width and height in pixels. */
export interface ScoreColumns {
  /** Column of the first class; those of the other classes follow to the end of the row. */
  readonly classes: number;
  /** Column of the objectness, if rows have it: confidence is its product with the class's score. */
  readonly objectness?: number;
}

/** Boxes of class c are shifted by c times this before they are compared, so that boxes of different classes never meet. */
const CLASS_OFFSET = 7680;

const f = Math.fround;

/**
 * @param predictions decoded, `[N, rows, columns]`, columns as `scores` says
 * @returns per image, rows as `DETECTION_ROW` lays them out; the most confident first
 */
export function nonMaxSuppression(
  { data, shape }: Pick<Tensor, 'data' | 'shape'>,
  scores: ScoreColumns,
  options: NmsOptions = {},
): Float32Array[] {
  const [images, rows, columns] = shape;
  if (data.length !== images * rows * columns)
    throw new RangeError(`predictions [${shape}] need ${images * rows * columns} values, got ${data.length}`);
  const predictions = data instanceof Float32Array ? data : Float32Array.from(data);
  const perImage = rows * columns;
  return Array.from({ length: images }, (_, image) => {
    const found = predictions.subarray(image * perImage, (image + 1) * perImage);
    const own = withKnown(found, columns, scores, options.known?.[image]);
    return suppressImage(own, findCandidates(own, columns, scores, options), options);
  });
}

/** The rows, and one for each known box. */
function withKnown(
  predictions: Float32Array,
  columns: number,
  { objectness, classes }: ScoreColumns,
  known: readonly KnownBox[] = [],
): Float32Array {
  if (known.length === 0) return predictions;
  const all = new Float32Array(predictions.length + known.length * columns);
  all.set(predictions);
  for (const [i, { cls, xywh }] of known.entries()) {
    const at = predictions.length + i * columns;
    all.set(xywh, at);
    if (objectness !== undefined) all[at + objectness] = 1;
    all[at + classes + cls] = 1;
  }
  return all;
}

/** A box of a class that is confident enough. */
interface Candidates {
  /** Start of the row in the predictions. */
  readonly row: number[];
  readonly cls: number[];
  readonly confidence: number[];
}

function suppressImage(
  predictions: Float32Array,
  candidates: Candidates,
  { iouThres = 0.45, agnostic = false, maxDet = 300, maxNms = 30000 }: NmsOptions,
): Float32Array {
  const order = candidates.confidence.map((_, i) => i);
  order.sort((a, b) => candidates.confidence[b] - candidates.confidence[a]);
  const kept = new KeptBoxes(iouThres, maxDet);
  const detections = new Float32Array(Math.min(order.length, maxDet) * DETECTION_ROW.width);
  const box = new Float32Array(4);
  for (const i of order.slice(0, maxNms)) {
    if (kept.count === maxDet) break;
    const [at, cls] = [candidates.row[i], candidates.cls[i]];
    const [halfWidth, halfHeight] = [f(predictions[at + 2] / 2), f(predictions[at + 3] / 2)];
    box[0] = predictions[at] - halfWidth;
    box[1] = predictions[at + 1] - halfHeight;
    box[2] = predictions[at] + halfWidth;
    box[3] = predictions[at + 1] + halfHeight;
    const row = kept.count * DETECTION_ROW.width;
    if (!kept.add(box, agnostic ? 0 : cls * CLASS_OFFSET)) continue;
    detections.set(box, row);
    detections[row + DETECTION_ROW.at.confidence] = candidates.confidence[i];
    detections[row + DETECTION_ROW.at.cls] = cls;
  }
  return detections.slice(0, kept.count * DETECTION_ROW.width);
}

function findCandidates(
  predictions: Float32Array,
  columns: number,
  scores: ScoreColumns,
  { confThres = 0.25, multiLabel = false, classes }: NmsOptions,
): Candidates {
  const numClasses = columns - scores.classes;
  const threshold = f(confThres);
  const wanted = classes && new Set(classes);
  const found: Candidates = { row: [], cls: [], confidence: [] };
  const add = (row: number, cls: number, confidence: number) => {
    if (!(confidence > threshold) || (wanted && !wanted.has(cls))) return;
    found.row.push(row);
    found.cls.push(cls);
    found.confidence.push(confidence);
  };
  for (let row = 0; row < predictions.length; row += columns) {
    const objectness = scores.objectness === undefined ? 1 : predictions[row + scores.objectness];
    // Few rows pass: the classes of the others are not even read.
    if (!(objectness > threshold)) continue;
    const confidenceOf = (cls: number) => f(predictions[row + scores.classes + cls] * objectness);
    if (multiLabel && numClasses > 1) {
      for (let cls = 0; cls < numClasses; cls++) add(row, cls, confidenceOf(cls));
    } else {
      let best = 0;
      for (let cls = 1; cls < numClasses; cls++) if (confidenceOf(cls) > confidenceOf(best)) best = cls;
      add(row, best, confidenceOf(best));
    }
  }
  return found;
}

/** The boxes that stay, as they are compared: moved by their class. */
class KeptBoxes {
  count = 0;
  readonly #threshold: number;
  /** x1, y1, x2, y2, area of each. */
  readonly #boxes: Float32Array;

  constructor(threshold: number, capacity: number) {
    this.#threshold = threshold;
    this.#boxes = new Float32Array(5 * capacity);
  }

  /** Keeps the box unless it overlaps one that is kept. */
  add(box: Float32Array, offset: number): boolean {
    const [x1, y1, x2, y2] = [f(box[0] + offset), f(box[1] + offset), f(box[2] + offset), f(box[3] + offset)];
    const area = f(f(x2 - x1) * f(y2 - y1));
    const boxes = this.#boxes;
    for (let at = 0; at < 5 * this.count; at += 5) {
      const width = f(Math.min(x2, boxes[at + 2]) - Math.max(x1, boxes[at]));
      const height = f(Math.min(y2, boxes[at + 3]) - Math.max(y1, boxes[at + 1]));
      if (width <= 0 || height <= 0) continue;
      const intersection = f(width * height);
      if (f(intersection / f(f(boxes[at + 4] + area) - intersection)) > this.#threshold) return false;
    }
    const at = 5 * this.count++;
    boxes[at] = x1;
    boxes[at + 1] = y1;
    boxes[at + 2] = x2;
    boxes[at + 3] = y2;
    boxes[at + 4] = area;
    return true;
  }
}
