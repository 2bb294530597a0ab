import { availableParallelism, freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { removeUnfinished, writeAtomic } from '@froyolo/common/node';
import { type EpochPlan, inQuads, trainPlan, valPlan, WarningRecord, type WeightsOf } from '../epochs.js';
import { type Hyperparameters, hypPresets } from '../hyp.js';
import { type LoaderOf, loaderOver, type TrainLoaderOf } from '../loader.js';
import type { Dataset } from './dataset.js';
import { reasonOf } from './files.js';
import { createRamCache, type ImageCache } from './image-cache.js';
import { createPool, LoaderError } from './pool.js';

const SMALL_CACHE_BYTES = 256 * 2 ** 20;

/** Options of both loaders. */
interface LoaderOptions {
  /** Long side of the images in pixels. Default 640. */
  imgsz?: number;
  /** Images a batch. Default 16. */
  batchSize?: number;
  /** Threads that decode and augment; 0 does it on the calling thread. Default one less than there are cores, 1 to 8. */
  workers?: number;
  /**
   * Keep decoded, resized images in memory (as many as fit) or on disk. By default only the first 256 MiB of them are
   * kept in memory: a mosaic needs four images for each one it makes.
   */
  cache?: 'ram' | 'disk' | undefined;
  /** Where `cache: 'disk'` writes. Default `.froyolo-images` beside the first image's folder. */
  cacheDir?: string;
  /** Batches made ahead of the one in use. Default 2. */
  prefetch?: number;
  /** Shapes are multiples of this. Default 32. */
  stride?: number;
  /** Is told, once for each, which images turned out to be damaged after the dataset was read. */
  onWarning?(warning: string): void;
}

/** Options of {@link createTrainLoader}. */
export interface TrainLoaderOptions extends LoaderOptions {
  /** Default the preset scratch-low. */
  hyp?: Hyperparameters;
  /** Same seed, same batches. Default 0. */
  seed?: number;
  /** Mosaic, warp, color and flips. Default true; without it images are only letterboxed. */
  augment?: boolean;
  /** Batches of similar aspect ratios in their smallest shape; no mosaic and no shuffling. Default false. */
  rect?: boolean;
  /** Draw only this many augmentations per image and repeat them, so that features can be cached. Default a new one each epoch. */
  variants?: number;
  /** Each batch has one of a few sizes from half to one and a half times `imgsz`. Default false. */
  multiScale?: boolean;
  /** Join the images of each batch in fours of twice the side. Default false. */
  quad?: boolean;
  /** How often images are drawn in an epoch. By default each comes once. */
  weightsOf?: WeightsOf | undefined;
}

/** Options of {@link createValLoader}. */
export interface ValLoaderOptions extends LoaderOptions {
  /** Batches of similar aspect ratios in their smallest shape. Default true. */
  rect?: boolean;
  /** Padding added to rectangular shapes, in strides. Default 0.5. */
  pad?: number;
}

/** Batches of a dataset. */
export type Loader = LoaderOf<Promise<void>>;

/** Batches for training, and those that someone else puts together. */
export type TrainLoader = TrainLoaderOf<Promise<void>>;

/** Shuffled, augmented batches for training. The same seed gives identical batches whatever the worker count. */
export async function createTrainLoader(
  dataset: Dataset,
  options: TrainLoaderOptions = {},
): Promise<TrainLoader> {
  const {
    seed = 0,
    augment = true,
    rect = false,
    hyp = hypPresets['scratch-low'],
    quad: _,
    ...rest
  } = options;
  const common = withDefaults(rest);
  const plan = trainPlan(dataset.images, { ...rest, ...common, rect, seed });
  const loader = await startLoader(dataset, common, { hyp, seed, augment }, plan);
  return options.quad ? { ...loader, epoch: (n) => inQuads(loader.epoch(n), seed, n) } : loader;
}

/** Letterboxed batches for validation, each image once, in the same order every time. */
export async function createValLoader(dataset: Dataset, options: ValLoaderOptions = {}): Promise<Loader> {
  const { rect = true, pad = 0.5 } = options;
  const common = withDefaults(options);
  return startLoader(dataset, common, undefined, valPlan(dataset.images, { ...common, rect, pad }));
}

type CommonOptions = ReturnType<typeof withDefaults>;

function withDefaults(options: LoaderOptions) {
  const common = {
    imgsz: options.imgsz ?? 640,
    batchSize: options.batchSize ?? 16,
    workers: options.workers ?? Math.min(8, Math.max(1, availableParallelism() - 1)),
    prefetch: options.prefetch ?? 2,
    stride: options.stride ?? 32,
    cache: options.cache,
    cacheDir: options.cacheDir,
    onWarning: options.onWarning,
  };
  for (const key of ['imgsz', 'batchSize', 'stride', 'prefetch'] as const) {
    if (!(Number.isInteger(common[key]) && common[key] > 0)) {
      throw new LoaderError(`${key} must be a positive integer, got ${common[key]}`);
    }
  }
  if (!(Number.isInteger(common.workers) && common.workers >= 0)) {
    throw new LoaderError(`workers must be 0 or more, got ${common.workers}`);
  }
  return common;
}

async function startLoader(
  dataset: Dataset,
  options: CommonOptions,
  train: { hyp: Hyperparameters; seed: number; augment: boolean } | undefined,
  plan: EpochPlan,
): Promise<TrainLoader> {
  const found = train ? polygonWarnings(dataset, train) : [];
  const cache = await openCache(dataset, options, found);
  const warnings = new WarningRecord(found, options.onWarning);
  const { images } = dataset;
  const setup = { images, imgsz: options.imgsz, cache, ...(train ? { train } : {}) };
  const pool = createPool(setup, options.workers);
  const { batchSize, prefetch } = options;
  return loaderOver({ pool, plan, images: images.length, batchSize, prefetch, warnings });
}

/** Copy-paste cuts objects out by their polygons. */
function polygonWarnings({ images }: Dataset, { hyp, augment }: { hyp: Hyperparameters; augment: boolean }) {
  if (!augment || hyp.copy_paste === 0 || images.some(({ segments }) => segments)) return [];
  return [`copy_paste is ${hyp.copy_paste} and has no effect: no label of the training images is a polygon`];
}

async function openCache(
  { images }: Dataset,
  { cache, cacheDir, imgsz }: CommonOptions,
  warnings: string[],
): Promise<ImageCache> {
  if (cache === 'disk') {
    const folder = cacheDir ?? join(dirname(dirname(images[0].path)), '.froyolo-images');
    try {
      await removeUnfinished(folder);
      await writeAtomic(join(folder, 'README.txt'), 'Decoded images kept by froyolo. Safe to delete.\n');
      return { kind: 'disk', folder };
    } catch (error) {
      warnings.push(`${folder}: images are not cached on disk: ${reasonOf(error)}`);
    }
  }
  const ram = createRamCache(images, imgsz, cache === 'ram' ? freemem() : SMALL_CACHE_BYTES);
  if (cache === 'ram' && ram.pixels.length < images.length) {
    warnings.push(
      `only ${ram.pixels.length} of ${images.length} images at ${imgsz} px fit into free memory and are cached`,
    );
  }
  return ram;
}
