/** Stored features on their way into a training step. */
import type { Tensor } from '@froyolo/core';
import type { FeatureTensor } from '../train/events.js';
import { toFloat32 } from './float16.js';

/** The inputs that stand in the graph for the images, by name. */
export function featureFeeds(features: readonly FeatureTensor[]): Record<string, Tensor> {
  return Object.fromEntries(
    features.map(({ name, shape, data: halves }) => {
      const data = new Float32Array(halves.length);
      toFloat32(halves, data);
      return [name, { dtype: 'float32', shape, data }];
    }),
  );
}
