import { createSampler, type SampleOptions, type Sampler } from '../sampler.js';
import { type ImageCache, ImageLoader } from './image-cache.js';

/** The setup of a worker, sent to it once. */
export interface SamplerSetup extends SampleOptions {
  readonly cache: ImageCache;
}

/** Makes samples of images on a disk. */
export function createDiskSampler(setup: SamplerSetup): Sampler {
  const loader = new ImageLoader(setup.images, setup.imgsz, setup.train?.augment ?? false, setup.cache);
  return createSampler(setup, (index, warn) => loader.load(index, warn));
}
