/** Image sizes that the network can take. */
import { type Detector, roundedImgsz, strideOf } from '@froyolo/yolo';

/** Rounds up to a multiple of the largest stride, and says so. */
export function fitImageSize(imgsz: number, detector: Detector, warn?: (text: string) => void): number {
  const fitted = roundedImgsz(detector, imgsz);
  if (fitted !== imgsz)
    warn?.(`imgsz ${imgsz} is not a multiple of ${strideOf(detector)}; it is rounded up to ${fitted}`);
  return fitted;
}
