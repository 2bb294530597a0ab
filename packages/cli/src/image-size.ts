/** Image sizes that the network can take. */
import type { Detector } from '@froyolo/yolo';
import type { Terminal } from './output/terminal.js';

/** Rounds up to a multiple of the largest stride, and says so. */
export function fitImageSize(imgsz: number, { model }: Detector, terminal: Terminal): number {
  const stride = Math.max(...model.strides);
  const fitted = Math.ceil(imgsz / stride) * stride;
  if (fitted !== imgsz)
    terminal.warn(`--imgsz ${imgsz} is not a multiple of ${stride}; it is rounded up to ${fitted}`);
  return fitted;
}
