/** The training step on cached features, and what it costs to fill the cache. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Executor, optimize, packValues, updateFeeds } from '@froyolo/core';
import { type Batch, hypPresets } from '@froyolo/data';
import { createFeatureSource, type FeatureStore, type SampleSource } from '@froyolo/run';
import { FeatureFiles } from '@froyolo/run/node';
import {
  askedAhead,
  buildTrainingStep,
  type Detector,
  freezeFor,
  splitStep,
  stepFeeds,
  type TrainingStepOptions,
} from '@froyolo/yolo';
import { RATES } from './training-step.js';

const BATCHES = 4;
/** More than are measured. */
const MOST_EPOCHS = 32;

export interface CachedWork {
  readonly detector: Detector;
  readonly executor: Executor;
  readonly depth: string;
  readonly batch: Batch;
  /** Seconds of the best of several repetitions. */
  bestOf(run: () => Promise<unknown>): Promise<number>;
}

function optionsOf({ detector, depth, batch }: CachedWork): TrainingStepOptions {
  const freeze = freezeFor(detector, depth);
  return { hyp: hypPresets['scratch-low'], imgsz: batch.shape[3], freeze, optimizer: 'SGD' };
}

/** The same batch over and over, as if made of different images. */
function samplesOf(batch: Batch): SampleSource {
  const [size] = batch.shape;
  const plan = Array.from({ length: BATCHES }, (_, b) =>
    Array.from({ length: size }, (_, i) => ({ index: b * size + i })),
  );
  return {
    length: BATCHES,
    images: BATCHES * size,
    plan: () => plan,
    async *load(batches) {
      for (const _ of batches) yield batch;
    },
  };
}

function sourceOf(work: CachedWork, store: FeatureStore, variants: number) {
  const { detector, executor, batch } = work;
  return createFeatureSource({
    split: splitStep(detector, optionsOf(work)),
    labelRow: detector.family.labelRow,
    executor,
    store,
    samples: samplesOf(batch),
    batchSize: batch.shape[0],
    imageShape: [batch.shape[2], batch.shape[3]],
    variants,
    refresh: 0,
    seed: 0,
  });
}

const elementsOf = (work: CachedWork) =>
  splitStep(work.detector, optionsOf(work)).cut.reduce((sum, { elements }) => sum + elements, 0);

/** Ten labels an image, as the batch of the other measurements has. */
function labelsOf({ targets }: Batch): Float32Array {
  const rows = Array.from({ length: targets.length / 6 }, (_, i) => targets.subarray(6 * i, 6 * i + 6));
  return Float32Array.from(rows.filter(([image]) => image === 0).flatMap((row) => [...row.subarray(1)]));
}

/** Reading a batch of a filled cache, gradients and update. The frozen layers are in no program of the process. */
export async function cachedStep(work: CachedWork): Promise<number> {
  const { detector, executor, batch } = work;
  const options = { ...optionsOf(work), fromFeatures: true };
  const images = BATCHES * batch.shape[0];
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-bench-'));
  const store = new FeatureFiles(folder, { images, elements: elementsOf(work), capacity: images });
  const features = Uint16Array.from({ length: elementsOf(work) }, (_, i) => (i * 40503) & 0x3bff);
  const labels = labelsOf(batch);
  for (let index = 0; index < images; index++)
    await store.write({ index, slot: 0, draw: 0 }, { features, labels });
  const step = buildTrainingStep(detector, options);
  const gradient = await executor.compile(step.gradientGraph);
  const update = await executor.compile(step.updateGraph);
  const values = await executor.createStore(packValues(step.vectors, step.initialState));
  const source = sourceOf(work, store, 1);
  const epoch = async () => {
    // As in training.
    for await (const next of askedAhead(source.epoch(0))) {
      await gradient.run(stepFeeds(next, detector, options), values);
      await update.run(updateFeeds(RATES), values);
    }
  };
  for (let n = 0; n < 5; n++) await epoch();
  const seconds = (await work.bestOf(epoch)) / BATCHES;
  await source.close();
  rmSync(folder, { recursive: true, force: true });
  return seconds;
}

/** The frozen layers alone, or with all that keeping their outputs on disk takes: seconds a batch. */
export async function filling(work: CachedWork, kept: boolean): Promise<number> {
  const { detector, executor, batch } = work;
  if (!kept) {
    const prefix = await executor.compile(optimize(splitStep(detector, optionsOf(work)).prefix));
    const images = { images: { dtype: 'uint8', shape: batch.shape, data: batch.images } as const };
    return work.bestOf(() => prefix.run(images));
  }
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-bench-'));
  const images = BATCHES * batch.shape[0];
  const capacity = images * MOST_EPOCHS;
  const store = new FeatureFiles(folder, { images, elements: elementsOf(work), capacity });
  const source = sourceOf(work, store, MOST_EPOCHS);
  let n = 0;
  try {
    // Each epoch is one of new variants; the first also compiles the frozen layers, once for a whole training.
    const seconds = await work.bestOf(async () => {
      for await (const _ of source.epoch(n));
      n++;
    });
    return seconds / BATCHES;
  } finally {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
