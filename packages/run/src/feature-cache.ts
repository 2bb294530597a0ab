/** The feature cache of a run. */
import type { Executor } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import {
  type Detector,
  type FeatureSourceFactory,
  splitStep,
  strideOf,
  TrainingError,
  type TrainingStepOptions,
} from '@froyolo/yolo';
import type { RunEvents } from './events.js';
import { featureKey } from './features/key.js';
import { createFeatureSource } from './features/source.js';
import { featureBytes } from './features/store.js';
import type { Host, RunData, RunTrainLoader } from './host.js';
import type { TrainSettings } from './settings/index.js';

/** What a run has to be like for features to be cached. */
export interface CachedRun
  extends Pick<TrainingStepOptions, 'hyp' | 'freeze'>,
    Pick<TrainSettings, 'rect' | 'multiScale' | 'quad' | 'imageWeights'> {}

/** @throws TrainingError when features of that run can't be cached, with what to change */
export function checkFeatures(detector: Detector, cached: CachedRun): void {
  const { hyp, freeze, rect, multiScale, quad, imageWeights } = cached;
  if (rect || multiScale || quad)
    throw new TrainingError(
      `features are cached for images of one shape: leave out ${rect ? 'rect' : quad ? 'quad' : 'multi-scale'}`,
    );
  if (imageWeights)
    throw new TrainingError('features are cached for every image alike: leave out image-weights');
  const imgsz = strideOf(detector);
  splitStep(detector, { hyp, freeze, imgsz, optimizer: 'SGD' });
}

export interface FeatureCacheRun {
  readonly executor: Executor;
  readonly data: RunData;
  readonly loader: RunTrainLoader;
  readonly hyp: Hyperparameters;
  readonly settings: TrainSettings;
}

/** Makes the source of features for whatever is frozen; each frozen prefix has a cache of its own. */
export function featureSources(host: Host, run: FeatureCacheRun, events: RunEvents): FeatureSourceFactory {
  const { executor, data, loader, hyp, settings } = run;
  const { cacheVariants: variants, cacheRefresh: refresh, seed, batchSize } = settings;
  const { images } = data.train;
  return async (detector, options) => {
    const split = splitStep(detector, options);
    const identities = await host.identifyImages(data.train);
    const key = await featureKey({ prefix: split.prefix, images: identities, hyp, seed });
    const store = await host.openFeatures({
      key,
      dataset: data.train,
      elements: split.cut.reduce((sum, cut) => sum + cut.elements, 0),
      settings,
      onFeatures: (event) => events.onFeatures?.(event),
      onDamaged: (text) => events.onWarning?.(text),
    });
    return createFeatureSource({
      split,
      labelRow: detector.family.labelRow,
      executor,
      batchSize,
      variants,
      refresh,
      seed,
      store,
      samples: {
        length: loader.length,
        images: images.length,
        plan: (n) => loader.plan(n),
        load: (b) => loader.load(b),
      },
      imageShape: options.shape ?? [options.imgsz, options.imgsz],
      onFill: (event) => events.onFill?.(event),
    });
  };
}

/** Number of entries that fit into `bytes`, at most `wanted`. */
export function capacityFor(bytes: number, elements: number, wanted: number): number {
  const entryBytes = featureBytes(elements);
  const capacity = Math.min(Math.floor(bytes / entryBytes), wanted);
  if (capacity >= 1) return capacity;
  throw new TrainingError(
    `not one image's features (${entryBytes} bytes) fit into the cache: raise its limit, or make room on the disk`,
  );
}
