import { ExportError } from './errors.js';

/**
 * Height and width of the images, from both or one number for both.
 * @throws ExportError if one is no multiple of `stride`
 */
export function imageSize(
  imgsz: number | readonly [height: number, width: number],
  stride: number,
): readonly [height: number, width: number] {
  const shape = typeof imgsz === 'number' ? ([imgsz, imgsz] as const) : imgsz;
  for (const size of shape)
    if (!Number.isInteger(size) || size < stride || size % stride !== 0)
      throw new ExportError(`imgsz ${size} is not a multiple of ${stride}, the network's largest stride`);
  return shape;
}
