/** The feature cache of a training run from files. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Executor } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import type { Dataset, DatasetImage, TrainLoader } from '@froyolo/data/node';
import {
  createFeatureSource,
  type Detector,
  type FeatureSourceFactory,
  type FeatureStore,
  type FillEvent,
  featureBytes,
  featureKey,
  MemoryFeatureStore,
  splitStep,
  TrainingError,
  type TrainingStepOptions,
} from '@froyolo/yolo';
import type { TrainSettings } from '../settings/index.js';
import { FeatureFiles } from './feature-files.js';
import { folderBytes, freeDisk, makeRoom } from './feature-folders.js';

/** How features are kept. */
export type FeatureCacheSettings = Pick<
  TrainSettings,
  'cacheVariants' | 'cacheRefresh' | 'cacheLimit' | 'cacheDir' | 'cacheIn'
>;

export interface FeatureEvents {
  /** When the cache is open: what is there of an earlier run, and what fits. */
  onFeatures?(event: FeaturesEvent): void;
  /** While an epoch's images go through the frozen layers. */
  onFill?(event: FillEvent): void;
}

export interface FeaturesEvent {
  /** Absent in memory. */
  readonly folder?: string;
  /** Entries there, wanted in all, and that fit within the limit. */
  readonly there: number;
  readonly wanted: number;
  readonly capacity: number;
  /** Bytes of one. */
  readonly entryBytes: number;
}

export interface FeatureCacheRun {
  readonly executor: Executor;
  readonly dataset: Dataset;
  readonly loader: TrainLoader;
  readonly hyp: Hyperparameters;
  readonly seed: number;
  readonly batchSize: number;
}

const DEFAULT_LIMIT = 10e9;
/** Of a disk that is nearly full: leave some to others. */
const SHARE_OF_FREE_DISK = 0.9;

/** What a run has to be like for features to be cached. */
export interface CachedRun extends Pick<TrainingStepOptions, 'hyp' | 'freeze'> {
  readonly rect?: boolean;
  readonly multiScale?: boolean;
}

/** @throws TrainingError when features of that run can't be cached, with what to change */
export function checkFeatures(detector: Detector, { hyp, freeze, rect, multiScale }: CachedRun): void {
  if (rect || multiScale)
    throw new TrainingError(
      `features are cached for images of one shape: leave out ${rect ? 'rect' : 'multi-scale'}`,
    );
  const imgsz = Math.max(...detector.model.strides);
  splitStep(detector, { hyp, freeze, imgsz, optimizer: 'SGD' });
}

/** Makes the source of features for whatever is frozen; each frozen prefix has a cache of its own. */
export function featureSources(
  run: FeatureCacheRun,
  settings: FeatureCacheSettings,
  events: FeatureEvents = {},
): FeatureSourceFactory {
  const { cacheVariants: variants, cacheRefresh: refresh } = settings;
  const { executor, dataset, loader, hyp, seed, batchSize } = run;
  return async (detector, options) => {
    const split = splitStep(detector, options);
    const identities = await Promise.all(dataset.images.map(identityOf));
    const key = await featureKey({ prefix: split.prefix, images: identities, hyp, seed });
    const elements = split.cut.reduce((sum, cut) => sum + cut.elements, 0);
    const images = dataset.images.length;
    const { shape = [options.imgsz, options.imgsz] } = options;
    return createFeatureSource({
      ...{ split, labelRow: detector.family.labelRow, executor, batchSize, variants, refresh, seed },
      samples: { length: loader.length, images, plan: (n) => loader.plan(n), load: (b) => loader.load(b) },
      store: openStore({ key, images, elements, wanted: images * variants, dataset }, settings, events),
      imageShape: shape,
      ...(events.onFill ? { onFill: (event) => events.onFill?.(event) } : {}),
    });
  };
}

/** What tells an image from what was at its path before, labels included. */
async function identityOf({ path, width, height, labels, segments }: DatasetImage): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  const hash = createHash('sha256').update(
    new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength),
  );
  if (segments) hash.update(JSON.stringify(segments));
  return [path, size, mtimeMs, width, height, hash.digest('base64')].join('|');
}

interface Wanted {
  readonly key: string;
  readonly images: number;
  readonly elements: number;
  readonly wanted: number;
  readonly dataset: Dataset;
}

function openStore(
  { key, images, elements, wanted, dataset }: Wanted,
  { cacheIn, cacheDir, cacheLimit }: FeatureCacheSettings,
  { onFeatures }: FeatureEvents,
): FeatureStore {
  const entryBytes = featureBytes(elements);
  const fitting = (bytes: number) => Math.min(Math.floor(bytes / entryBytes), wanted);
  if (cacheIn === 'ram') {
    const capacity = fitting(cacheLimit ?? freemem() / 2);
    onFeatures?.({ there: 0, wanted, capacity, entryBytes });
    return new MemoryFeatureStore(images, checkCapacity(capacity, entryBytes));
  }
  const folder = cacheDir ?? join(dirname(dirname(dataset.images[0]!.path)), '.froyolo-features');
  const most = cacheLimit ?? DEFAULT_LIMIT;
  makeRoom(folder, key, most - Math.min(wanted * entryBytes, most));
  const own = join(folder, key);
  const capacity = fitting(Math.min(most, SHARE_OF_FREE_DISK * freeDisk(folder) + folderBytes(own)));
  const store = new FeatureFiles(own, { images, elements, capacity: checkCapacity(capacity, entryBytes) });
  onFeatures?.({ folder: own, there: store.size, wanted, capacity, entryBytes });
  return store;
}

function checkCapacity(capacity: number, entryBytes: number): number {
  if (capacity >= 1) return capacity;
  throw new TrainingError(
    `not one image's features (${entryBytes} bytes) fit into the cache: raise its limit, or make room on the disk`,
  );
}
