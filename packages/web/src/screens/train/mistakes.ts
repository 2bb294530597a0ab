/** Where detections and labels of a picture differ. */
import type { Detection } from '@froyolo/yolo';
import { iou } from '../../library/iou.js';
import type { Picture } from '../../library/types.js';

export interface Mistakes {
  /** Labels without a detection. */
  readonly missed: number;
  /** Detections without a label. */
  readonly extra: number;
}

/** Smallest overlap with which a detection counts as finding a label. */
const FOUND = 0.5;

/** Each label is found once, by the most confident detection of its class that overlaps it enough. */
export function mistakesOf({ boxes }: Pick<Picture, 'boxes'>, detections: readonly Detection[]): Mistakes {
  const left = [...boxes];
  let extra = 0;
  for (const { classId, box } of [...detections].sort((a, b) => b.confidence - a.confidence)) {
    const at = left.findIndex((one) => one.classId === classId && iou(one.box, box) > FOUND);
    if (at < 0) extra++;
    else left.splice(at, 1);
  }
  return { missed: left.length, extra };
}
