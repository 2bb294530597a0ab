import { open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import { ImageError } from '../errors.js';
import { BMP_HEADER_BYTES, bmpSize, decodeBmp, isBmp } from '../formats/bmp.js';
import type { RgbImage } from '../image.js';
import { reasonOf, writeAtomic } from './atomic.js';

// Work is spread over our own workers: one image is one thread's work, and nothing is decoded twice from libvips' cache.
sharp.concurrency(1);
sharp.cache(false);

/** File name endings that count as images, lower case without the dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  'avif',
  'bmp',
  'gif',
  'jpeg',
  'jpg',
  'mpo',
  'png',
  'tif',
  'tiff',
  'webp',
];

/** Images that can't be read here: each is reported, none is passed over in silence. */
const UNREADABLE_EXTENSIONS = ['dng', 'heic', 'heif', 'pfm'];

/** Whether a path ends like an image, also of a format that can't be read. */
export function isImagePath(path: string): boolean {
  const extension = extensionOf(path);
  return IMAGE_EXTENSIONS.includes(extension) || UNREADABLE_EXTENSIONS.includes(extension);
}

const extensionOf = (path: string) => extname(path).slice(1).toLowerCase();

function checkReadable(path: string): void {
  const extension = extensionOf(path);
  if (UNREADABLE_EXTENSIONS.includes(extension))
    throw new ImageError(path, `${extension.toUpperCase()} can't be read; convert it to PNG or JPEG`);
}

/**
 * Decodes an image file, or the bytes of one, to RGB: EXIF orientation applied, embedded color profile ignored, alpha
 * dropped, gray spread to three channels (as OpenCV's imread does). Throws {@link ImageError}.
 */
export async function decodeImage(source: string | Uint8Array): Promise<RgbImage> {
  if (typeof source === 'string') checkReadable(source);
  try {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    if (isBmp(bytes)) return decodeBmp(bytes);
    const { data, info } = await sharp(bytes, {
      failOn: 'truncated',
      ignoreIcc: true,
      limitInputPixels: 2 ** 28,
    })
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width: info.width, height: info.height, data: pixels };
  } catch (error) {
    throw new ImageError(nameOf(source), `can't be decoded: ${reasonOf(error)}`, { cause: error });
  }
}

/** Width and height of an image file after its orientation is applied; reads only the header. */
export async function imageSize(path: string): Promise<{ width: number; height: number }> {
  checkReadable(path);
  try {
    const start = await readBytes(path, 0, BMP_HEADER_BYTES);
    if (isBmp(start)) return bmpSize(start);
    const { width, height, orientation = 1 } = await sharp(path).metadata();
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch (error) {
    throw new ImageError(path, `isn't an image that can be read: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Throws {@link ImageError} when an image file is cut short. A JPEG or PNG that ends with its end marker is taken as whole;
 * anything else is decoded to see.
 */
export async function checkComplete(path: string): Promise<void> {
  const tail = await readBytes(path, -12, 12);
  const isJpegEnd = tail.length >= 2 && tail[tail.length - 2] === 0xff && tail[tail.length - 1] === 0xd9;
  const isPngEnd = Buffer.from(tail).toString('latin1').includes('IEND');
  if (!isJpegEnd && !isPngEnd) await decodeImage(path);
}

/** `length` bytes of a file, or as many as it has, from `start`, which counts from the end where it is negative. */
async function readBytes(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = start < 0 ? Math.max(size + start, 0) : start;
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, from);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Encodes to `jpg` (quality 95) or `png` bytes. */
export async function encodeImage(image: RgbImage, format: 'jpg' | 'png'): Promise<Uint8Array> {
  const { width, height, data } = image;
  const pipeline = sharp(data, { raw: { width, height, channels: 3 } });
  const bytes = await (format === 'png' ? pipeline.png() : pipeline.jpeg({ quality: 95 })).toBuffer();
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes a `.jpg`, `.jpeg` or `.png` file, atomically; makes its folder. Throws {@link ImageError}. */
export async function saveImage(image: RgbImage, path: string): Promise<void> {
  const extension = extname(path).toLowerCase();
  if (!['.jpg', '.jpeg', '.png'].includes(extension)) {
    throw new ImageError(path, `can't write "${extension}" files; use .jpg or .png`);
  }
  try {
    await writeAtomic(path, await encodeImage(image, extension === '.png' ? 'png' : 'jpg'));
  } catch (error) {
    throw new ImageError(path, `can't be written: ${reasonOf(error)}`, { cause: error });
  }
}

function nameOf(source: string | Uint8Array): string {
  return typeof source === 'string' ? source : `image of ${source.byteLength} bytes`;
}
