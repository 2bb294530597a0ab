/** Turns the network's rows into detections to show. */

import { iou } from '../library/iou.js';

export interface Found {
  readonly classId: number;
  readonly confidence: number;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

const OVERLAP = 0.45;

/**
 * The most confident boxes, without those that overlap a more confident one of the same class.
 * @param rows center x, y, width, height, objectness, a score for each class
 */
export function detectionsOf(rows: Float32Array, numClasses: number, least: number): Found[] {
  const width = 5 + numClasses;
  const found: Found[] = [];
  for (let at = 0; at + width <= rows.length; at += width) {
    const row = rows.subarray(at, at + width);
    const one = bestOf(row, least);
    if (one) found.push(one);
  }
  found.sort((a, b) => b.confidence - a.confidence);
  const kept: Found[] = [];
  for (const one of found)
    if (!kept.some((other) => other.classId === one.classId && iou(other.box, one.box) > OVERLAP))
      kept.push(one);
  return kept;
}

function bestOf(row: Float32Array, least: number): Found | undefined {
  const [x = 0, y = 0, w = 0, h = 0, objectness = 0, ...scores] = row;
  if (objectness < least) return undefined;
  const score = Math.max(...scores);
  const confidence = objectness * score;
  if (confidence < least) return undefined;
  return { classId: scores.indexOf(score), confidence, box: [x - w / 2, y - h / 2, x + w / 2, y + h / 2] };
}
