/** Batches of a browser dataset, made ahead of the step that uses them. */
import { type EpochPlan, inQuads, trainPlan, valPlan, WarningRecord, type WeightsOf } from '../epochs.js';
import type { Hyperparameters } from '../hyp.js';
import { type LoaderOf, loaderOver, type TrainLoaderOf } from '../loader.js';
import type { BrowserDataset } from './dataset.js';
import { createPool, type PoolWorkers, type SamplePool } from './pool.js';

interface LoaderOptions {
  /** Long side of the images in pixels. */
  readonly imgsz: number;
  readonly batchSize: number;
  /** Without workers, samples are made on the calling thread. */
  readonly workers?: PoolWorkers;
  /** Batches made ahead of the one in use. Default 2. */
  readonly prefetch?: number;
  /** Called once for each image that turns out to be damaged after the dataset was read. */
  onWarning?(warning: string): void;
}

export interface TrainLoaderOptions extends LoaderOptions {
  readonly hyp: Hyperparameters;
  /** Same seed, same batches. Default 0. */
  readonly seed?: number;
  /** Mosaic, warp, color and flips. Default true. */
  readonly augment?: boolean;
  /** Batches of similar aspect ratios in their smallest shape; no mosaic and no shuffling. Default false. */
  readonly rect?: boolean;
  /** Each batch has one of a few sizes from half to one and a half times `imgsz`. Default false. */
  readonly multiScale?: boolean;
  /** Join the images of each batch in fours of twice the side. Default false. */
  readonly quad?: boolean;
  /** How often images are drawn in an epoch. By default each comes once. */
  readonly weightsOf?: WeightsOf | undefined;
  /** Shapes are multiples of this. Default 32. */
  readonly stride?: number;
}

export interface ValLoaderOptions extends LoaderOptions {
  /** Shapes are multiples of this. Default 32. */
  readonly stride?: number;
}

/** Batches of a dataset. */
export type Loader = LoaderOf<void>;

/** Batches for training, and batches of given samples. */
export type TrainLoader = TrainLoaderOf<void>;

/** Shuffled, augmented batches for training; the same images in the same order as Node's loader makes. */
export function createTrainLoader(dataset: BrowserDataset, options: TrainLoaderOptions): TrainLoader {
  const { imgsz, hyp, seed = 0, augment = true, rect = false, stride = 32 } = options;
  const { images, files } = dataset;
  const pool = createPool({ images, files, imgsz, train: { hyp, seed, augment } }, options.workers);
  const plan = trainPlan(images, { ...options, stride, rect, seed });
  const loader = startLoader(pool, options, images.length, plan);
  return options.quad ? { ...loader, epoch: (n) => inQuads(loader.epoch(n), seed, n) } : loader;
}

/** Letterboxed batches for validation, each image once, of similar aspect ratios in their smallest shape. */
export function createValLoader(dataset: BrowserDataset, options: ValLoaderOptions): Loader {
  const { imgsz, batchSize, stride = 32 } = options;
  const { images, files } = dataset;
  const pool = createPool({ images, files, imgsz }, options.workers);
  const plan = valPlan(images, { imgsz, batchSize, stride, rect: true, pad: 0.5 });
  return startLoader(pool, options, images.length, plan);
}

function startLoader(
  pool: SamplePool,
  { batchSize, prefetch = 2, onWarning }: LoaderOptions,
  images: number,
  plan: EpochPlan,
): TrainLoader {
  const warnings = new WarningRecord([], onWarning);
  return loaderOver({ pool, plan, images, batchSize, prefetch, warnings });
}
