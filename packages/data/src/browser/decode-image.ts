/** Images through the browser's own decoders. */
import { ImageError } from '../errors.js';
import type { RgbImage } from '../image.js';

const EXTENSIONS = /\.(avif|bmp|gif|jpe?g|png|webp)$/i;

/** Whether a path ends like an image that browsers decode. */
export function isBrowserImage(path: string): boolean {
  return EXTENSIONS.test(path);
}

/**
 * Decodes to RGB: EXIF orientation applied, embedded color profile ignored, as Node's `decodeImage` does. Pixels that
 * are partly transparent lose a little precision, since canvases keep colors multiplied by alpha.
 * @param name for the message
 * @throws ImageError
 */
export async function decodeImage(blob: Blob, name: string): Promise<RgbImage> {
  const bitmap = await decodeBitmap(blob, name);
  try {
    return pixelsOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Width and height after orientation; decodes the whole image, so that a damaged one is found. */
export async function imageSize(blob: Blob, name: string): Promise<{ width: number; height: number }> {
  const bitmap = await decodeBitmap(blob, name);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

async function decodeBitmap(blob: Blob, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob, {
      imageOrientation: 'from-image',
      premultiplyAlpha: 'none',
      colorSpaceConversion: 'none',
    });
  } catch (error) {
    throw new ImageError(name, "can't be decoded: it is damaged, cut short or no image", { cause: error });
  }
}

/** The pixels of a bitmap, without alpha. */
function pixelsOf(bitmap: ImageBitmap): RgbImage {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas in workers');
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width, height, data };
}
