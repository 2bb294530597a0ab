/** What the graphs of training are fed. */
import type { Tensor } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import type { FeatureBatch } from '../batches/sources.js';
import type { Detector } from '../detector/detector.js';
import type { LossSettings } from '../family.js';
import { imageFeed } from './images.js';

/** What a gradient graph is fed: images or features, and assigned targets. */
export function stepFeeds(
  batch: Batch | FeatureBatch,
  { family, model }: Pick<Detector, 'family' | 'model'>,
  settings: LossSettings,
): Record<string, Tensor> {
  return { ...inputFeeds(batch), ...family.assign(batch, model, settings) };
}

/** Images, or the stored features that stand for them by their names; the graph widens them. */
export function inputFeeds(batch: Batch | FeatureBatch): Record<string, Tensor> {
  if (!('features' in batch)) return { images: imageFeed(batch.images, batch.shape) };
  return Object.fromEntries(
    batch.features.map(({ name, shape, data }) => [name, { dtype: 'float16', shape, data }]),
  );
}
