/** Measures what layers to be whitened read: see `optim/whitening` of `@froyolo/core`. */
import { type Executor, measureWhitening, type Store, type Tensor, whiteningOf } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import type { BatchSource, FeatureBatch } from '../batches/sources.js';
import { inputFeeds } from './feeds.js';
import type { TrainingStep, TrainingStepOptions } from './step-graph.js';

/** Batches that are measured. */
const BATCHES = 8;

/** Whitening by name in the store; nothing where none is asked for, or all of it is known. */
export async function whiteningFor(
  { moments }: Pick<TrainingStep, 'moments'>,
  executor: Executor,
  { hyp: { whiten } }: Pick<TrainingStepOptions, 'hyp'>,
  batches: BatchSource<Batch | FeatureBatch>,
  store: Store,
  known: ReadonlyMap<string, Tensor> = new Map(),
): Promise<ReadonlyMap<string, Tensor>> {
  if (!moments || whiten === undefined) return new Map();
  if (moments.layers.every((layer) => known.has(whiteningOf(layer).name))) return new Map();
  return measureWhitening(executor, moments, feedsOf(batches), whiten, store);
}

async function* feedsOf(batches: BatchSource<Batch | FeatureBatch>) {
  let left = BATCHES;
  for await (const batch of batches.epoch(0)) {
    yield inputFeeds(batch);
    if (--left === 0) return;
  }
}
