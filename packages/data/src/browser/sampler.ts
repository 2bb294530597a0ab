/** Samples of a browser dataset: decoded by the browser, augmented by the shared pipeline. */
import { type ImageSource, trainSample, valSample } from '../augment/pipeline.js';
import type { Sample } from '../batch.js';
import type { Hyperparameters } from '../hyp.js';
import type { RgbImage } from '../image.js';
import { resizeLongSide } from '../ops/letterbox.js';
import type { BrowserDataset } from './dataset.js';
import { decodeImage } from './decode-image.js';

/** What every worker is told once; it can be posted. */
export interface SamplerSetup {
  readonly images: BrowserDataset['images'];
  readonly files: ReadonlyMap<string, Blob>;
  readonly imgsz: number;
  /** Absent in validation. */
  readonly train?: { readonly hyp: Hyperparameters; readonly seed: number; readonly augment: boolean };
}

/** One sample to make. */
export interface SampleTask {
  readonly index: number;
  /** Which augmentation of the image; unused in validation. */
  readonly variant: number;
  /** `[height, width]`; undefined is square, with mosaic allowed. */
  readonly shape?: [number, number];
}

/** Decoded, resized images that a worker keeps: a mosaic needs four for each that it makes. */
const CACHE_BYTES = 256 * 2 ** 20;

export function createSampler(setup: SamplerSetup): (task: SampleTask) => Promise<Sample> {
  const { images, imgsz, train } = setup;
  const load = cachedLoader(setup);
  const source: ImageSource = {
    length: images.length,
    path: (index) => images[index]!.path,
    labels: (index) => images[index]!.labels,
    segments: (index) => images[index]!.segments,
    originalShape: (index) => [images[index]!.height, images[index]!.width],
    load,
  };
  return ({ index, variant, shape }) =>
    train
      ? trainSample(source, index, { imgsz, ...train, variant, ...(shape ? { shape } : {}) })
      : valSample(source, index, shape ?? [imgsz, imgsz]);
}

/** Loads images with their long side at imgsz; the first ones stay in memory. */
function cachedLoader({ images, files, imgsz, train }: SamplerSetup): (index: number) => Promise<RgbImage> {
  const kept = new Map<number, RgbImage>();
  let left = CACHE_BYTES;
  return async (index) => {
    const known = kept.get(index);
    if (known) return known;
    const { path } = images[index]!;
    const decoded = resizeLongSide(await decodeImage(files.get(path)!, path), imgsz, train?.augment ?? false);
    if (decoded.data.length <= left && !kept.has(index)) {
      left -= decoded.data.length;
      kept.set(index, decoded);
    }
    return decoded;
  };
}
