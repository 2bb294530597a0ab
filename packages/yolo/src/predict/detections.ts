/** Rows of NMS as detections in the original image. */
import { type Fit, scaleBoxes } from '../boxes/boxes.js';
import { DETECTION_COLUMNS } from '../postprocess/nms.js';

export interface Detection {
  readonly classId: number;
  readonly name: string;
  readonly confidence: number;
  /** Corners x1, y1, x2, y2 in pixels of the original image. */
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** @param rows `[n, 6]` in pixels of the fitted image: x1, y1, x2, y2, confidence, class */
export function toDetections(rows: Float32Array, fit: Fit, names: readonly string[]): Detection[] {
  return Array.from({ length: rows.length / DETECTION_COLUMNS }, (_, i) => {
    const row = rows.subarray(i * DETECTION_COLUMNS, (i + 1) * DETECTION_COLUMNS);
    const [x1, y1, x2, y2] = Array.from(scaleBoxes(row.subarray(0, 4), fit));
    const [confidence, classId] = [row[4]!, row[5]!];
    return { classId, name: names[classId]!, confidence, box: [x1!, y1!, x2!, y2!] };
  });
}
