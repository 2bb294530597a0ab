/** Loaders: batches of a dataset, independent of how images are decoded. Node and browsers have one each. */
import type { Batch } from './batch.js';
import { type EpochPlan, makeBatches, type SamplePool, type WarningRecord } from './epochs.js';
import type { SampleTask } from './sampler.js';

/** Batches of a dataset; `Closed` is the result of closing. */
export interface LoaderOf<Closed> {
  /** Batches in an epoch; the last may be smaller. */
  readonly length: number;
  /** Requests that couldn't be met, such as a cache that doesn't fit; images that turn out to be damaged are added. */
  readonly warnings: readonly string[];
  /** The batches of epoch `n` (from 0), made ahead in the background. Breaking off early is fine. */
  epoch(n: number): AsyncGenerator<Batch, void, undefined>;
  /** Stops the workers. */
  close(): Closed;
}

/** Batches for training, and batches of given samples. */
export interface TrainLoaderOf<Closed> extends LoaderOf<Closed> {
  /** The samples of each batch of epoch `n`. */
  plan(n: number): SampleTask[][];
  /** Makes a batch of each list of samples, in their order, ahead in the background. */
  load(batches: readonly (readonly SampleTask[])[]): AsyncGenerator<Batch, void, undefined>;
}

interface LoaderParts<Closed> {
  readonly pool: SamplePool & { close(): Closed };
  readonly plan: EpochPlan;
  /** Images of the dataset. */
  readonly images: number;
  readonly batchSize: number;
  /** Batches made ahead of the one in use. */
  readonly prefetch: number;
  readonly warnings: WarningRecord;
}

/** A loader of the batches that `plan` lists, made by `pool`. */
export function loaderOver<Closed>(parts: LoaderParts<Closed>): TrainLoaderOf<Closed> {
  const { pool, plan, images, batchSize, prefetch, warnings } = parts;
  const load: TrainLoaderOf<Closed>['load'] = (batches) => makeBatches(pool, batches, prefetch, warnings.add);
  return {
    length: Math.ceil(images / batchSize),
    warnings: warnings.all,
    plan,
    load,
    epoch: (n) => load(plan(n)),
    close: () => pool.close(),
  };
}
