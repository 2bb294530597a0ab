/** Which detections of an image are right, at each IoU threshold. */
import { countRows } from '@froyolo/data';
import { pairwiseIou } from '../iou.js';
import { cornersOf, DETECTION_ROW, TRUTH_ROW } from '../rows.js';

/** 0.5, 0.55, … 0.95. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  Math.fround(0.5 + 0.05 * i),
);

/**
 * A detection goes to the label of its class that it overlaps most; of the detections of a label the first counts, which
 * is the most confident where they are sorted as NMS returns them.
 * @param detections rows as `DETECTION_ROW` lays them out
 * @param labels rows as `TRUTH_ROW` lays them out, in the same pixels
 * @returns `[n, 10]`: 1 where a detection is right at that threshold
 */
export function matchDetections(detections: ArrayLike<number>, labels: ArrayLike<number>): Uint8Array {
  const n = countRows(detections, DETECTION_ROW);
  const m = countRows(labels, TRUTH_ROW);
  const ious = pairwiseIou(cornersOf(detections, DETECTION_ROW), cornersOf(labels, TRUTH_ROW));
  const best = Array.from({ length: n }, (_, detection) => {
    const cls = detections[detection * DETECTION_ROW.width + DETECTION_ROW.at.cls];
    let found = { label: -1, iou: 0 };
    for (let label = 0; label < m; label++) {
      const iou = ious[detection * m + label];
      if (labels[label * TRUTH_ROW.width + TRUTH_ROW.at.cls] === cls && iou >= found.iou)
        found = { label, iou };
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
