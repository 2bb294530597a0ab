/** Image sizes that a network can take. */
import type { Detector } from './detector.js';

/** Pixels per cell of the coarsest level: image sides have to be multiples of it. */
export const strideOf = ({ model }: Pick<Detector, 'model'>): number => Math.max(...model.strides);

/** Height and width of the images, where the network takes no others. */
export function fixedSizeOf({
  network,
  members = [],
}: Pick<Detector, 'network' | 'members'>): readonly [height: number, width: number] | undefined {
  return network?.size ?? members.map(fixedSizeOf).find((size) => size !== undefined);
}

/** The next multiple of the largest stride. */
export function roundedImgsz(detector: Pick<Detector, 'model'>, imgsz: number): number {
  const stride = strideOf(detector);
  return Math.max(Math.ceil(imgsz / stride), 1) * stride;
}
