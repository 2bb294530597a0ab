import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import type { RgbImage } from '../image.js';
import { LIMITS } from '../limits.js';
import { longSideShape, resizeLongSide } from '../ops/letterbox.js';
import type { DatasetImage } from './dataset.js';
import { readBounded, reasonOf } from './files.js';
import { decodeImage } from './image-file.js';

/** Decoded, resized images in memory that all workers share. */
export interface RamCache {
  kind: 'ram';
  /** A buffer `[height, width, 3]` for each of the first images that fit; zero pages until filled. */
  pixels: SharedArrayBuffer[];
  /** One byte per image: 1 when its pixels are there. */
  ready: SharedArrayBuffer;
}

/** Decoded, resized images as raw files in a folder, each with its checksum at the end. */
export interface DiskCache {
  kind: 'disk';
  folder: string;
}

/** Which images are kept, and how. */
export type ImageCache = RamCache | DiskCache;

/**
 * Memory for decoded images at `imgsz`, up to `budget` bytes. A mosaic draws partners at random, so any fixed part of the
 * images is hit as often as a cache of the latest ones would be.
 */
export function createRamCache(images: readonly DatasetImage[], imgsz: number, budget: number): RamCache {
  const pixels: SharedArrayBuffer[] = [];
  let left = budget;
  for (const image of images) {
    const size = bytesOf(image, imgsz);
    if (size > left) break;
    left -= size;
    pixels.push(new SharedArrayBuffer(size));
  }
  return { kind: 'ram', pixels, ready: new SharedArrayBuffer(images.length) };
}

/** Loads images with their long side at `imgsz`, through a cache if given. */
export class ImageLoader {
  /** Cached files whose checksum was right. */
  private readonly sound = new Set<string>();

  constructor(
    private readonly images: readonly DatasetImage[],
    private readonly imgsz: number,
    private readonly augment: boolean,
    private readonly cache: ImageCache,
  ) {}

  /**
   * The resized image; not to be changed, it may be shared. Throws ImageError.
   * @param warn is told what is wrong with the cache
   */
  load(index: number, warn: (text: string) => void): Promise<RgbImage> {
    const image = this.images[index];
    if (this.cache.kind === 'disk') return this.loadDisk(image, this.cache, warn);
    return this.loadRam(index, image, this.cache);
  }

  private async decode(image: DatasetImage): Promise<RgbImage> {
    return resizeLongSide(await decodeImage(image.path), this.imgsz, this.augment);
  }

  private async loadRam(index: number, image: DatasetImage, cache: RamCache): Promise<RgbImage> {
    const buffer = cache.pixels[index];
    if (!buffer) return this.decode(image);
    const ready = new Uint8Array(cache.ready);
    const pixels = new Uint8Array(buffer);
    if (Atomics.load(ready, index) === 1) {
      const [height, width] = longSideShape(image.height, image.width, this.imgsz);
      return { width, height, data: pixels };
    }
    const decoded = await this.decode(image);
    // Two workers may fill the same image at once: they write the same bytes.
    if (decoded.data.length === pixels.length) {
      pixels.set(decoded.data);
      Atomics.store(ready, index, 1);
    }
    return decoded;
  }

  private async loadDisk(
    image: DatasetImage,
    { folder }: DiskCache,
    warn: (text: string) => void,
  ): Promise<RgbImage> {
    const file = await this.fileOf(image, folder);
    const kept = await readBounded(file, LIMITS.imageBytes).catch(() => undefined);
    const data = kept && this.soundPixels(file, kept, bytesOf(image, this.imgsz));
    if (data) {
      const [height, width] = longSideShape(image.height, image.width, this.imgsz);
      return { width, height, data };
    }
    if (kept) warn(`${file}: a cached image is damaged; it is made again`);
    const decoded = await this.decode(image);
    await writeAtomic(file, withSum(decoded.data)).catch((error: unknown) =>
      warn(`${folder}: images are not cached: ${reasonOf(error)}`),
    );
    return decoded;
  }

  /** A name that changes with the image and with how it is decoded. */
  private async fileOf(image: DatasetImage, folder: string): Promise<string> {
    const info = await stat(image.path).catch(() => undefined);
    const id = [image.path, info?.size, info?.mtimeMs, this.imgsz, this.augment].join('\n');
    return join(folder, `${createHash('sha256').update(id).digest('hex').slice(0, 32)}.rgb`);
  }

  /** The pixels of a cached file, unless it is damaged; each file is looked through once. */
  private soundPixels(file: string, kept: Uint8Array, size: number): Uint8Array | undefined {
    if (kept.length !== size + SUM_BYTES) return undefined;
    const pixels = kept.subarray(0, size);
    if (!this.sound.has(file) && sumOf(pixels).compare(kept, size) !== 0) return undefined;
    this.sound.add(file);
    return pixels;
  }
}

const SUM_BYTES = 20;

/** SHA-1, which native code computes faster than it decodes. */
const sumOf = (pixels: Uint8Array) => createHash('sha1').update(pixels).digest();

const withSum = (pixels: Uint8Array) => Buffer.concat([pixels, sumOf(pixels)]);

function bytesOf(image: DatasetImage, imgsz: number): number {
  const [height, width] = longSideShape(image.height, image.width, imgsz);
  return height * width * 3;
}
