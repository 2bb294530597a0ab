/** Which detections of an image are right, at each IoU threshold. */
import { pairwiseIou } from '../boxes/iou.js';
import { DETECTION_COLUMNS } from '../postprocess/nms.js';

/** 0.5, 0.55, … 0.95. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  Math.fround(0.5 + 0.05 * i),
);

/** Columns of a label: class, x1, y1, x2, y2. */
export const LABEL_COLUMNS = 5;

/** The four columns from `first` on of every row. */
export function boxColumns(rows: ArrayLike<number>, columns: number, first: number): Float32Array {
  const boxes = new Float32Array((rows.length / columns) * 4);
  for (let i = 0; i < boxes.length; i++) boxes[i] = rows[Math.floor(i / 4) * columns + first + (i % 4)];
  return boxes;
}

/**
 * A detection goes to the label of its class that it overlaps most; of the detections of a label the first counts, which
 * is the most confident where they are sorted as NMS returns them.
 * @param detections `[n, 6]`: x1, y1, x2, y2, confidence, class
 * @param labels `[m, 5]`: class, x1, y1, x2, y2, in the same pixels
 * @returns `[n, 10]`: 1 where a detection is right at that threshold
 */
export function matchDetections(detections: ArrayLike<number>, labels: ArrayLike<number>): Uint8Array {
  const n = detections.length / DETECTION_COLUMNS;
  const m = labels.length / LABEL_COLUMNS;
  const ious = pairwiseIou(
    boxColumns(detections, DETECTION_COLUMNS, 0),
    boxColumns(labels, LABEL_COLUMNS, 1),
  );
  const best = Array.from({ length: n }, (_, detection) => {
    const cls = detections[detection * DETECTION_COLUMNS + 5];
    let found = { label: -1, iou: 0 };
    for (let label = 0; label < m; label++) {
      const iou = ious[detection * m + label];
      if (labels[label * LABEL_COLUMNS] === cls && iou >= found.iou) found = { label, iou };
    }
    return found;
  });
  const correct = new Uint8Array(n * IOU_THRESHOLDS.length);
  IOU_THRESHOLDS.forEach((threshold, t) => {
    const taken = new Set<number>();
    best.forEach(({ label, iou }, detection) => {
      if (label < 0 || iou < threshold || taken.has(label)) return;
      taken.add(label);
      correct[detection * IOU_THRESHOLDS.length + t] = 1;
    });
  });
  return correct;
}
