import { ImageError } from './errors.js';

/** An 8-bit RGB image, rows from the top, channels interleaved: `data` is `[height, width, 3]`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Checks pixels that may come from anywhere: those of a canvas have four channels.
 * @throws ImageError if width, height and the number of values don't fit each other
 */
export function checkImagePixels({ width, height, data }: RgbImage): void {
  const isSize = [width, height].every((side) => Number.isInteger(side) && side > 0);
  if (isSize && data.length === 3 * width * height) return;
  throw new ImageError(
    'image',
    `width, height and data, 3 values (red, green, blue) for each pixel, are needed; ${width} x ${height} with ${data?.length} values is none`,
  );
}

/** The gray that YOLO pads with. */
export const PAD_VALUE = 114;

/** A `width` x `height` image with every byte set to `fill`. */
export function createImage(width: number, height: number, fill = 0): RgbImage {
  const data = new Uint8Array(width * height * 3);
  if (fill !== 0) data.fill(fill);
  return { width, height, data };
}

/** Copies all of `source` into `target` with its top left corner at (`left`, `top`); what falls outside is cut. */
export function blit(target: RgbImage, source: RgbImage, left: number, top: number): void {
  const x1 = Math.max(0, left);
  const x2 = Math.min(target.width, left + source.width);
  const y1 = Math.max(0, top);
  const y2 = Math.min(target.height, top + source.height);
  if (x2 <= x1) return;
  for (let y = y1; y < y2; y++) {
    const from = ((y - top) * source.width + (x1 - left)) * 3;
    const row = source.data.subarray(from, from + (x2 - x1) * 3);
    target.data.set(row, (y * target.width + x1) * 3);
  }
}

/** Writes the image as planes `[3, height, width]` (RGB) into `out` from `offset` on. */
export function toPlanes(image: RgbImage, out: Uint8Array, offset = 0): void {
  const { data } = image;
  const area = image.width * image.height;
  const g = offset + area;
  const b = g + area;
  for (let i = 0, p = 0; i < area; i++, p += 3) {
    out[offset + i] = data[p];
    out[g + i] = data[p + 1];
    out[b + i] = data[p + 2];
  }
}
