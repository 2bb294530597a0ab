/** Samples of a browser dataset: decoded by the browser. */
import { ImageError } from '../errors.js';
import type { RgbImage } from '../image.js';
import { resizeLongSide } from '../ops/letterbox.js';
import { createSampler, type SampleOptions, type Sampler } from '../sampler.js';
import { decodeImage } from './decode-image.js';

/** The setup of a worker, sent to it once; it can be posted. */
export interface SamplerSetup extends SampleOptions {
  readonly files: ReadonlyMap<string, Blob>;
}

/** Number of decoded, resized images that a worker keeps, since each mosaic needs four. */
const CACHE_BYTES = 256 * 2 ** 20;

export function createBlobSampler(setup: SamplerSetup): Sampler {
  return createSampler(setup, cachedLoader(setup));
}

/** Loads images with their long side at imgsz; the first ones stay in memory. */
function cachedLoader({ images, files, imgsz, train }: SamplerSetup): (index: number) => Promise<RgbImage> {
  const kept = new Map<number, RgbImage>();
  let left = CACHE_BYTES;
  return async (index) => {
    const known = kept.get(index);
    if (known) return known;
    const path = images[index]?.path ?? '';
    const blob = files.get(path);
    if (!blob) throw new ImageError(path, 'no such file in what was opened');
    const decoded = resizeLongSide(await decodeImage(blob, path), imgsz, train?.augment ?? false);
    if (decoded.data.length <= left && !kept.has(index)) {
      left -= decoded.data.length;
      kept.set(index, decoded);
    }
    return decoded;
  };
}
