/** Image sizes that the network can take. */
import type { Detector } from '@froyolo/yolo';

/** Rounds up to a multiple of the largest stride, and says so. */
export function fitImageSize(imgsz: number, { model }: Detector, warn?: (text: string) => void): number {
  const stride = Math.max(...model.strides);
  const fitted = Math.ceil(imgsz / stride) * stride;
  if (fitted !== imgsz)
    warn?.(`imgsz ${imgsz} is not a multiple of ${stride}; it is rounded up to ${fitted}`);
  return fitted;
}
