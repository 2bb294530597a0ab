/** Stored features on their way into a training step. */
import type { Tensor } from '@froyolo/core';
import type { FeatureTensor } from '../batches/sources.js';

/** The inputs that stand in the graph for the images, by name; the graph widens them. */
export function featureFeeds(features: readonly FeatureTensor[]): Record<string, Tensor> {
  return Object.fromEntries(
    features.map(({ name, shape, data }) => [name, { dtype: 'float16', shape, data }]),
  );
}
