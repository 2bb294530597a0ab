/** Samples of a dataset, wherever its images are decoded: in a worker or on the calling thread. */
import { type ImageSource, trainSample, valSample } from './augment/pipeline.js';
import type { Sample } from './batch.js';
import type { DatasetImage } from './dataset.js';
import { ImageError } from './errors.js';
import type { Hyperparameters } from './hyp.js';
import { createImage, PAD_VALUE, type RgbImage } from './image.js';
import type { Labels } from './labels.js';
import { longSideShape } from './ops/letterbox.js';

/** What samples are made of, and how. */
export interface SampleOptions {
  readonly images: readonly DatasetImage[];
  /** Long side in pixels. */
  readonly imgsz: number;
  /** Absent in validation. */
  readonly train?: { readonly hyp: Hyperparameters; readonly seed: number; readonly augment: boolean };
}

/** One sample to make. */
export interface SampleTask {
  index: number;
  /** Which augmentation of the image; unused in validation. */
  variant: number;
  /** `[height, width]`; undefined is square, with mosaic allowed. */
  shape?: [number, number];
  /** `[height, width]` that the finished sample is resized to; training only. */
  resizeTo?: [number, number];
  /** Images that its mosaics are made with, in order; by default any. */
  companions?: readonly number[];
}

/** Loads an image of a dataset. @param warn tells the user something, once */
export type LoadImage = (index: number, warn: (text: string) => void) => Promise<RgbImage>;

/** Makes a sample. */
export type Sampler = (task: SampleTask) => Promise<Sample>;

const NO_LABELS: Labels = new Float32Array();

/**
 * A maker of samples. An image that can't be decoded (it was fine when the dataset was read) is replaced by an empty one
 * without labels, so that a run of hours goes on; the sample says so in its `warnings`.
 * @param load gives an image with its long side at `imgsz`, and says what else is to be told. Throws ImageError
 */
export function createSampler({ images, imgsz, train }: SampleOptions, load: LoadImage): Sampler {
  return async ({ index, variant, ...shapes }) => {
    const source = new ReplacingSource(images, imgsz, load);
    const sample = train
      ? await trainSample(source, index, { imgsz, ...train, variant, ...shapes })
      : await valSample(source, index, shapes.shape ?? [imgsz, imgsz]);
    return source.warnings.length > 0 ? { ...sample, warnings: source.warnings } : sample;
  };
}

/** Images of a dataset; those that fail while a sample is made are empty. */
class ReplacingSource implements ImageSource {
  readonly warnings: string[] = [];
  readonly #failed = new Set<number>();
  readonly #images: readonly DatasetImage[];
  readonly #imgsz: number;
  readonly #load: LoadImage;

  constructor(images: readonly DatasetImage[], imgsz: number, load: LoadImage) {
    this.#images = images;
    this.#imgsz = imgsz;
    this.#load = load;
  }

  get length(): number {
    return this.#images.length;
  }

  path(index: number): string {
    return this.#at(index).path;
  }

  labels(index: number): Labels {
    return this.#failed.has(index) ? NO_LABELS : this.#at(index).labels;
  }

  segments(index: number): DatasetImage['segments'] {
    return this.#failed.has(index) ? undefined : this.#at(index).segments;
  }

  originalShape(index: number): [height: number, width: number] {
    const { height, width } = this.#at(index);
    return [height, width];
  }

  async load(index: number): Promise<RgbImage> {
    try {
      return await this.#load(index, (text) => this.warnings.push(text));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      this.#failed.add(index);
      this.warnings.push(`${error.message} (left out: it was fine when the dataset was read)`);
      const [height, width] = longSideShape(...this.originalShape(index), this.#imgsz);
      return createImage(width, height, PAD_VALUE);
    }
  }

  #at(index: number): DatasetImage {
    const image = this.#images[index];
    if (!image) throw new RangeError(`there are ${this.#images.length} images, not ${index + 1}`);
    return image;
  }
}
