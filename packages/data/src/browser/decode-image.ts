/** Images through the browser's own decoders. */
import { imageSize as headerSize } from 'image-size';
import { ImageError } from '../errors.js';
import { describeForeign, imageKindOf, KIND_BYTES } from '../formats/image-kind.js';
import { pngProblem } from '../formats/png.js';
import type { RgbImage } from '../image.js';
import { LIMITS, mebibytes } from '../limits.js';
import type { ShownImage } from './layout.js';

const EXTENSIONS = /\.(avif|bmp|gif|jfif|jpe?g|png|webp)$/i;

/** Whether a path ends like an image that browsers decode. */
export function isBrowserImage(path: string): boolean {
  return EXTENSIONS.test(path);
}

/**
 * Decodes to RGB: EXIF orientation applied, embedded color profile ignored, as Node's `decodeImage` does. Pixels that
 * are partly transparent lose a little precision, since canvases keep colors multiplied by alpha. Formats are told by
 * content; at most `LIMITS.pixels` pixels, by the header, before anything is decoded.
 * @param name for the message
 * @throws ImageError
 */
export async function decodeImage(blob: Blob, name: string): Promise<RgbImage> {
  await readHeader(blob, name);
  const bitmap = await decodeBitmap(blob, name);
  try {
    return pixelsOf(bitmap);
  } finally {
    bitmap.close();
  }
}

/** Size after orientation; decodes the whole image, so that a damaged one is found. @throws ImageError */
export async function checkImage(blob: Blob, name: string): Promise<ShownImage> {
  const orientation = await readHeader(blob, name);
  const bitmap = await decodeBitmap(blob, name);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height, orientation };
}

/** Refuses what isn't to be decoded; returns the EXIF orientation. */
async function readHeader(blob: Blob, name: string): Promise<number> {
  if (blob.size > LIMITS.imageBytes)
    throw new ImageError(
      name,
      `it has ${mebibytes(blob.size)}; at most ${mebibytes(LIMITS.imageBytes)} are read`,
    );
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const start = bytes.subarray(0, KIND_BYTES);
  const kind = imageKindOf(start);
  if (!kind || kind === 'TIFF')
    throw new ImageError(name, kind ? "TIFF can't be read here" : describeForeign(start));
  const problem = kind === 'PNG' ? pngProblem(bytes) : undefined;
  if (problem) throw new ImageError(name, problem);
  const { width, height, orientation = 1 } = sizeIn(bytes, name);
  if (width * height > LIMITS.pixels)
    throw new ImageError(
      name,
      `${width}x${height} has ${(width * height) / 1e6} million pixels; at most ${Math.round(LIMITS.pixels / 1e6)} million are decoded: scale it down`,
    );
  return orientation;
}

function sizeIn(bytes: Uint8Array, name: string): ReturnType<typeof headerSize> {
  try {
    return headerSize(bytes);
  } catch (error) {
    throw new ImageError(name, "can't be decoded: its header is damaged", { cause: error });
  }
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

/** The pixels of a bitmap, without alpha; the bitmap stays open. */
export function pixelsOf(bitmap: ImageBitmap): RgbImage {
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('this browser has no 2D canvas in workers');
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  // Copies single values: creating a view per pixel would take longer than decoding.
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    data[to] = rgba[from];
    data[to + 1] = rgba[from + 1];
    data[to + 2] = rgba[from + 2];
  }
  return { width, height, data };
}
