/** Batches of a browser dataset, made ahead of the step that uses them. */
import { type Batch, collate } from '../batch.js';
import type { Hyperparameters } from '../hyp.js';
import { chunk, planRect } from '../rect.js';
import { Rng } from '../rng.js';
import type { BrowserDataset } from './dataset.js';
import { createPool, type PoolWorkers, type SamplePool } from './pool.js';
import type { SampleTask } from './sampler.js';

interface LoaderOptions {
  /** Long side of the images in pixels. */
  readonly imgsz: number;
  readonly batchSize: number;
  /** Without them samples are made on the calling thread. */
  readonly workers?: PoolWorkers;
  /** Batches made ahead of the one in use. Default 2. */
  readonly prefetch?: number;
}

export interface TrainLoaderOptions extends LoaderOptions {
  readonly hyp: Hyperparameters;
  /** Same seed, same batches. Default 0. */
  readonly seed?: number;
  /** Mosaic, warp, color and flips. Default true. */
  readonly augment?: boolean;
}

export interface ValLoaderOptions extends LoaderOptions {
  /** Shapes are multiples of this. Default 32. */
  readonly stride?: number;
}

/** Batches of a dataset; the interface of Node's loader. */
export interface Loader {
  /** Batches in an epoch; the last may be smaller. */
  readonly length: number;
  /** The batches of epoch `n` (from 0), made ahead in the background. Breaking off early is fine. */
  epoch(n: number): AsyncGenerator<Batch, void, undefined>;
  /** Stops the workers. */
  close(): void;
}

/** Shuffled, augmented batches for training; the same images in the same order as Node's loader makes. */
export function createTrainLoader(dataset: BrowserDataset, options: TrainLoaderOptions): Loader {
  const { imgsz, batchSize, hyp, seed = 0, augment = true } = options;
  const { images, files } = dataset;
  const indices = images.map((_, index) => index);
  const pool = createPool({ images, files, imgsz, train: { hyp, seed, augment } }, options.workers);
  return startLoader(pool, options, images.length, (epoch) =>
    chunk(new Rng(seed, epoch, -1).shuffle([...indices]), batchSize).map((batch) =>
      batch.map((index) => ({ index, variant: epoch })),
    ),
  );
}

/** Letterboxed batches for validation, each image once, of similar aspect ratios in their smallest shape. */
export function createValLoader(dataset: BrowserDataset, options: ValLoaderOptions): Loader {
  const { imgsz, batchSize, stride = 32 } = options;
  const { images, files } = dataset;
  const { batches, shapes } = planRect(images, { imgsz, batchSize, stride, pad: 0.5 });
  const pool = createPool({ images, files, imgsz }, options.workers);
  return startLoader(pool, options, images.length, () =>
    batches.map((batch, i) => batch.map((index) => ({ index, variant: 0, shape: shapes[i]! }))),
  );
}

function startLoader(
  pool: SamplePool,
  { batchSize, prefetch = 2 }: LoaderOptions,
  images: number,
  plan: (epoch: number) => SampleTask[][],
): Loader {
  return {
    length: Math.ceil(images / batchSize),
    epoch: (n) => runEpoch(pool, plan(n), prefetch),
    close: () => pool.close(),
  };
}

async function* runEpoch(
  pool: SamplePool,
  batches: readonly SampleTask[][],
  prefetch: number,
): AsyncGenerator<Batch, void, undefined> {
  const ahead: Promise<Batch>[] = [];
  let next = 0;
  const fill = (count: number) => {
    while (next < batches.length && ahead.length < count) ahead.push(makeBatch(pool, batches[next++]!));
  };
  for (;;) {
    fill(prefetch + 1);
    const batch = ahead.shift();
    if (!batch) return;
    const ready = await batch;
    fill(prefetch);
    yield ready;
  }
}

function makeBatch(pool: SamplePool, tasks: readonly SampleTask[]): Promise<Batch> {
  const batch = Promise.all(tasks.map((task) => pool.run(task))).then(collate);
  // A batch that fails before anyone waits for it is not an unhandled rejection: the error shows where it is awaited.
  batch.catch(() => {});
  return batch;
}
