/** Rows of suppression as detections in the original image. */

import { DETECTION_ROW, type Fit, rowAt, scaleRows } from '@froyolo/boxes';
import { countRows } from '@froyolo/data';

export interface Detection {
  readonly classId: number;
  readonly name: string;
  readonly confidence: number;
  /** Corners x1, y1, x2, y2 in pixels of the original image. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** @param rows as `DETECTION_ROW` lays them out, in pixels of the fitted image */
export function toDetections(rows: Float32Array, fit: Fit, names: readonly string[]): Detection[] {
  const scaled = scaleRows(rows, DETECTION_ROW, fit);
  return Array.from({ length: countRows(scaled, DETECTION_ROW) }, (_, i) => {
    const [x1, y1, x2, y2, confidence, classId] = rowAt(scaled, DETECTION_ROW, i);
    return { classId, name: names[classId], confidence, box: [x1, y1, x2, y2] };
  });
}
