import { type ImageSource, trainSample, valSample } from '../augment/pipeline.js';
import type { Sample } from '../batch.js';
import type { Hyperparameters } from '../hyp.js';
import type { DatasetImage } from './dataset.js';
import { type ImageCache, ImageLoader } from './image-cache.js';

/** What every worker is told once. */
export interface SamplerSetup {
  images: DatasetImage[];
  imgsz: number;
  cache: ImageCache;
  /** Absent in validation. */
  train?: { hyp: Hyperparameters; seed: number; augment: boolean };
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
}

/** Makes samples, in a worker or on the main thread. */
export function createSampler(setup: SamplerSetup): (task: SampleTask) => Promise<Sample> {
  const { images, imgsz, train } = setup;
  const loader = new ImageLoader(images, imgsz, train?.augment ?? false, setup.cache);
  const source: ImageSource = {
    length: images.length,
    path: (index) => images[index]!.path,
    labels: (index) => images[index]!.labels,
    segments: (index) => images[index]!.segments,
    originalShape: (index) => [images[index]!.height, images[index]!.width],
    load: (index) => loader.load(index),
  };
  return ({ index, variant, ...shapes }) =>
    train
      ? trainSample(source, index, { imgsz, ...train, variant, ...shapes })
      : valSample(source, index, shapes.shape ?? [imgsz, imgsz]);
}
