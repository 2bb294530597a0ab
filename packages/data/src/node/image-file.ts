import { extname } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import sharp, { type Metadata } from 'sharp';
import { ImageError } from '../errors.js';
import { bmpSize, decodeBmp } from '../formats/bmp.js';
import { describeForeign, type ImageKind, imageKindOf, KIND_BYTES } from '../formats/image-kind.js';
import { jpegProblem } from '../formats/jpeg.js';
import { pngProblem } from '../formats/png.js';
import type { RgbImage } from '../image.js';
import { LIMITS } from '../limits.js';
import { readBounded, reasonOf } from './files.js';

// Our own workers share the images: each is one thread's work, and none is decoded twice, so libvips needs no cache.
sharp.concurrency(1);
sharp.cache(false);

/** File name endings that count as images, lower case without the dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [
  'avif',
  'bmp',
  'gif',
  'jfif',
  'jpe',
  'jpeg',
  'jpg',
  'mpo',
  'png',
  'tif',
  'tiff',
  'webp',
];

/** Image formats that can't be read: such files are reported, not silently skipped. */
const UNREADABLE_EXTENSIONS = ['dng', 'heic', 'heif', 'pfm'];

/** Images of up to this many pixels are checked by decoding, which takes less time than opening the file. */
const CHEAP_PIXELS = 2 ** 16;

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

/** Width and height of an image, and how it is stored. */
export interface ImageSize {
  /** After its orientation is applied. */
  width: number;
  height: number;
  /** EXIF orientation, 1 to 8; from 5 on width and height are stored the other way round. */
  orientation: number;
}

interface OpenedImage extends ImageSize {
  readonly bytes: Uint8Array;
  readonly kind: ImageKind;
  readonly space?: string;
}

/** Reads an image's header; refuses what can't be decoded as OpenCV does, before decoding any pixel. */
async function openImage(source: string | Uint8Array): Promise<OpenedImage> {
  const bytes = typeof source === 'string' ? await readImage(source) : source;
  const start = bytes.subarray(0, KIND_BYTES);
  const kind = imageKindOf(start);
  if (!kind) throw new RangeError(describeForeign(start));
  if (kind === 'BMP') return { bytes, kind, orientation: 1, ...bmpSize(bytes) };
  const metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  return { bytes, kind, ...checkedSize(metadata), space: metadata.space };
}

function readImage(path: string): Promise<Uint8Array> {
  checkReadable(path);
  return readBounded(path, LIMITS.imageBytes);
}

function checkedSize({ width, height, orientation = 1, depth }: Metadata): ImageSize {
  if (width * height > LIMITS.pixels) {
    const millions = (pixels: number) => `${(pixels / 1e6).toFixed(0)} million pixels`;
    throw new RangeError(
      `${width}x${height} has ${millions(width * height)}; at most ${millions(LIMITS.pixels)} are decoded: scale it down or cut it into tiles`,
    );
  }
  if (!['uchar', 'ushort'].includes(depth))
    throw new RangeError(`samples of type ${depth} can't be read; convert it to 8 or 16 bits a sample`);
  return orientation >= 5 ? { width: height, height: width, orientation } : { width, height, orientation };
}

/**
 * Decodes an image file, or the bytes of one, to RGB: EXIF orientation applied, embedded color profile ignored, alpha
 * dropped, gray spread to three channels, CMYK as OpenCV's imread computes it. Formats are told by content: JPEG, PNG, WebP,
 * TIFF, GIF, AVIF, BMP; at most `LIMITS.pixels` pixels.
 * @throws ImageError
 */
export async function decodeImage(source: string | Uint8Array): Promise<RgbImage> {
  try {
    return await decodeOpened(await openImage(source));
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(nameOf(source), `can't be decoded: ${decoderReason(error)}`, { cause: error });
  }
}

async function decodeOpened({ bytes, kind, space }: OpenedImage): Promise<RgbImage> {
  if (kind === 'BMP') return decodeBmp(bytes);
  const opened = sharp(bytes, {
    failOn: 'truncated',
    ignoreIcc: true,
    limitInputPixels: LIMITS.pixels,
  }).rotate();
  const isCmyk = space === 'cmyk';
  const pipeline = isCmyk
    ? opened.pipelineColourspace('cmyk').toColourspace('cmyk')
    : opened.removeAlpha().toColourspace('srgb');
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width: info.width, height: info.height, data: isCmyk ? cmykToRgb(pixels) : pixels };
}

/** OpenCV's conversion. It works on inverted values, as Adobe's programs store them; libvips turns them back. */
function cmykToRgb(cmyk: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / 4) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += 4, to += 3) {
    const key = 255 - (cmyk[from + 3] ?? 0);
    for (let c = 0; c < 3; c++) rgb[to + c] = key - (((cmyk[from + c] ?? 0) * key) >> 8);
  }
  return rgb;
}

/**
 * Why an image can't be read. The decoders of libvips share one place for their messages, so what they say may be another
 * image's: it is kept as the cause alone.
 */
function decoderReason(error: unknown): string {
  const isOfDecoder = error instanceof Error && error.constructor === Error && !('code' in error);
  return isOfDecoder ? 'it is damaged, cut short or of an unusual kind' : reasonOf(error);
}

/**
 * Width and height of an image file after its orientation is applied.
 * @throws ImageError for what {@link decodeImage} refuses by its header
 */
export async function imageSize(source: string | Uint8Array): Promise<ImageSize> {
  const { width, height, orientation } = await readable(source, () => openImage(source));
  return { width, height, orientation };
}

/**
 * {@link imageSize} of an image that is checked for damage: checksums of PNG, segments of JPEG; small images and other
 * formats are decoded.
 * @throws ImageError when it is damaged or cut short
 */
export async function checkImage(source: string | Uint8Array): Promise<ImageSize> {
  return readable(source, async () => {
    const opened = await openImage(source);
    const { bytes, kind, width, height, orientation } = opened;
    const problem = kind === 'PNG' ? pngProblem(bytes) : kind === 'JPEG' ? jpegProblem(bytes) : undefined;
    if (problem) throw new RangeError(problem);
    if (!['PNG', 'JPEG'].includes(kind) || width * height <= CHEAP_PIXELS) await decodeOpened(opened);
    return { width, height, orientation };
  });
}

async function readable<T>(source: string | Uint8Array, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ImageError) throw error;
    throw new ImageError(nameOf(source), `can't be read as an image: ${decoderReason(error)}`, {
      cause: error,
    });
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
