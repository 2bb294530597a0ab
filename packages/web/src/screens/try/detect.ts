/** Detecting in what the visitor shows. */

import { classColor } from '@froyolo/data';
import type { Detection } from '@froyolo/yolo';
import type { ShownBox } from '../../parts/draw-boxes.js';
import { opened, project } from '../../state/project.js';
import { trainer } from '../../state/workers.js';
import type { Found, Which } from '../../worker/api.js';

export interface TrySettings {
  readonly which: Which;
  readonly confidence: number;
  readonly iouThres: number;
}

/** @param source what the browser can draw */
export async function detectIn(
  source: ImageBitmapSource,
  { which, iouThres }: Omit<TrySettings, 'confidence'>,
): Promise<Found> {
  const { imgsz, device } = opened().training;
  const bitmap = await createImageBitmap(source);
  return trainer().detect(bitmap, { which, iouThres, imgsz, device });
}

export function shownBoxes(found: Found | undefined, { which, confidence }: TrySettings): ShownBox[] {
  const classes = which === 'opened' ? [] : (project.value?.classes ?? []);
  return (found?.detections ?? [])
    .filter((one) => one.confidence >= confidence)
    .map(({ box, name, classId, confidence: sure }: Detection) => ({
      box,
      name,
      confidence: sure,
      color: classes[classId]?.color ?? classColor(classId),
    }));
}
