/** Image sizes that the network can take. */
import { type Detector, strideOf } from '@froyolo/yolo';

/** Rounds up to a multiple of the largest stride, and says so. */
export function fitImageSize(imgsz: number, detector: Detector, warn?: (text: string) => void): number {
  return fitToStride(imgsz, strideOf(detector), warn);
}

/** The same for a network with that largest stride. */
export function fitToStride(imgsz: number, stride: number, warn?: (text: string) => void): number {
  const fitted = Math.ceil(imgsz / stride) * stride;
  if (fitted !== imgsz)
    warn?.(`imgsz ${imgsz} is not a multiple of ${stride}; it is rounded up to ${fitted}`);
  return fitted;
}
