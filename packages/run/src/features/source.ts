/** Batches of features: from the store where they are kept, else through the frozen prefix and into the store. */

import type { LabelRow } from '@froyolo/boxes';
import { type Executor, optimize, type Program, type SplitGraph, type Tensor } from '@froyolo/core';
import type { Batch, RowLayout } from '@froyolo/data';
import { type FeatureBatch, type FeatureSource, type FeatureTensor, imageFeed } from '@froyolo/yolo';
import { copyParts, type FeatureEntry, type FeatureStore, rankOf } from './store.js';
import { type EntryId, entryAt, type VariantOptions } from './variants.js';

/** One sample to make: which image, and the number that its augmentation is drawn from. */
export interface SampleRequest {
  readonly index: number;
  readonly variant: number;
}

/** Makes augmented images: a loader of files, or anything else that does. All have one shape. */
export interface SampleSource {
  /** Batches in an epoch. */
  readonly length: number;
  /** Images in the dataset. */
  readonly images: number;
  /** Which images form the batches of an epoch. */
  plan(epoch: number): readonly (readonly { readonly index: number }[])[];
  /** Makes batches, one for each list of requests, in their order. */
  load(batches: readonly (readonly SampleRequest[])[]): AsyncIterable<Batch>;
}

export interface FeatureSourceOptions extends VariantOptions {
  /** As `splitStep` gives it. */
  readonly split: Pick<SplitGraph, 'prefix' | 'cut'>;
  /** Layout of the labels: that of the detector's family. */
  readonly labelRow: LabelRow;
  readonly executor: Executor;
  readonly samples: SampleSource;
  readonly store: FeatureStore;
  /** Images that go through the prefix at once. */
  readonly batchSize: number;
  /** Height and width of the augmented images. */
  readonly imageShape: readonly [height: number, width: number];
  /** After each batch through the prefix: how many of the epoch's images that aren't kept have been made. */
  onFill?(event: FillEvent): void;
}

export interface FillEvent {
  readonly epoch: number;
  readonly done: number;
  readonly total: number;
}

/** @returns a source that owns the store: closing it closes both */
export function createFeatureSource(options: FeatureSourceOptions): FeatureSource {
  return new CachedFeatures(options);
}

class CachedFeatures implements FeatureSource {
  readonly #options: FeatureSourceOptions;
  #program: Promise<Program> | undefined;
  readonly #sets: Uint16Array[][] = [];
  #taken = 0;

  constructor(options: FeatureSourceOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#options.samples.length;
  }

  async *epoch(n: number): AsyncGenerator<FeatureBatch, void, undefined> {
    const plan = this.#plan(n);
    const missing = this.#missing(plan);
    const waiting = new Set(missing.map(keyOf));
    const made = new Map<string, FeatureEntry>();
    const making = this.#make(missing, n);
    try {
      for (const ids of plan) {
        while (ids.some((id) => waiting.has(keyOf(id)) && !made.has(keyOf(id)))) {
          const next = await making.next();
          if (next.done) throw new RangeError('the samples ended before the batch that needs them');
          for (const [id, entry] of next.value) made.set(keyOf(id), entry);
        }
        yield await this.#collect(ids, made, n);
        for (const id of ids) made.delete(keyOf(id));
      }
    } finally {
      await making.return();
    }
  }

  async close(): Promise<void> {
    await (await this.#program)?.dispose();
    await this.#options.store.close();
  }

  /** Variants that don't fit in the store are redrawn every time: they cost the same. */
  #plan(epoch: number): EntryId[][] {
    const { samples } = this.#options;
    return samples.plan(epoch).map((batch) =>
      batch.map(({ index }) => {
        const id = entryAt(this.#options, epoch, index);
        return this.#isKept(id) ? id : { ...id, draw: epoch };
      }),
    );
  }

  #isKept(id: EntryId): boolean {
    return rankOf(id, this.#options.samples.images) < this.#options.store.capacity;
  }

  #missing(plan: readonly (readonly EntryId[])[]): EntryId[] {
    return plan.flat().filter((id) => !this.#options.store.has(id));
  }

  /** Runs missing entries through the prefix, in whole batches however few each batch of the epoch lacks. */
  async *#make(
    missing: readonly EntryId[],
    epoch: number,
  ): AsyncGenerator<[EntryId, FeatureEntry][], void, undefined> {
    if (missing.length === 0) return;
    const { batchSize, samples, split, executor, store } = this.#options;
    this.#program ??= executor.compile(optimize(split.prefix));
    const program = await this.#program;
    const chunks = Array.from({ length: Math.ceil(missing.length / batchSize) }, (_, i) =>
      missing.slice(i * batchSize, (i + 1) * batchSize),
    );
    const requests = chunks.map((ids) => ids.map(({ index, draw }) => ({ index, variant: draw })));
    let next = 0;
    let writing: Promise<unknown> = Promise.resolve();
    try {
      for await (const batch of samples.load(requests)) {
        const ids = chunks[next++];
        const cut = await program.run({ images: imageFeed(batch.images, batch.shape) });
        const made = this.#entriesOf(batch, cut).map(
          (entry, i) => [ids[i], entry] as [EntryId, FeatureEntry],
        );
        // Entries are written while the batches after them are made.
        await writing;
        writing = Promise.all(
          made.filter(([id]) => this.#isKept(id)).map(([id, entry]) => store.write(id, entry)),
        );
        writing.catch(() => undefined);
        const done = Math.min(next * batchSize, missing.length);
        this.#options.onFill?.({ epoch, done, total: missing.length });
        yield made;
      }
    } finally {
      await writing;
    }
  }

  #entriesOf(batch: Batch, cut: Readonly<Record<string, Tensor>>): FeatureEntry[] {
    const parts = this.#options.split.cut;
    const elements = parts.reduce((sum, part) => sum + part.elements, 0);
    const labels = labelsByImage(batch, this.#options.labelRow);
    return labels.map((rows, i) => {
      const features = new Uint16Array(elements);
      let offset = 0;
      for (const { name, elements: size } of parts) {
        features.set((cut[name].data as Uint16Array).subarray(i * size, (i + 1) * size), offset);
        offset += size;
      }
      return { features, labels: rows };
    });
  }

  /** A set of arrays for a batch; megabytes for each batch anew would wait for the garbage collector. */
  #arrays(batchSize: number): FeatureTensor[] {
    const { cut } = this.#options.split;
    const set = (this.#sets[this.#taken] ??= cut.map(() => new Uint16Array()));
    this.#taken = (this.#taken + 1) % SETS;
    return cut.map(({ name, shape, elements }, i) => {
      const length = batchSize * elements;
      if (set[i].length < length) set[i] = new Uint16Array(length);
      return {
        name,
        shape: [batchSize, ...(shape.slice(1) as number[])],
        data: set[i].subarray(0, length),
      };
    });
  }

  /** Kept entries that turn out damaged are made again. */
  async #collect(
    ids: readonly EntryId[],
    made: ReadonlyMap<string, FeatureEntry>,
    epoch: number,
  ): Promise<FeatureBatch> {
    const { split, store, imageShape, labelRow } = this.#options;
    const features = this.#arrays(ids.length);
    const partsOf = (i: number) =>
      features.map(({ data }, part) => {
        const { elements } = split.cut[part];
        return data.subarray(i * elements, (i + 1) * elements);
      });
    const found = await Promise.all(
      ids.map(async (id, i) => made.get(keyOf(id)) ?? { labels: await store.read(id, partsOf(i)) }),
    );
    const damaged = ids.filter((_, i) => found[i]?.labels === undefined);
    const again = new Map<string, FeatureEntry>();
    for await (const entries of this.#make(damaged, epoch))
      for (const [id, entry] of entries) again.set(keyOf(id), entry);
    const labels = ids.map((id, i) => {
      const entry = made.get(keyOf(id)) ?? again.get(keyOf(id));
      if (entry) copyParts(entry.features, partsOf(i));
      return entry?.labels ?? found[i]?.labels ?? NO_LABELS;
    });
    return { features, shape: [ids.length, 3, ...imageShape], targets: targetsOf(labels, labelRow) };
  }
}

/** Number of array sets: one for the batch in use, one for the next. */
const SETS = 2;

const NO_LABELS = new Float32Array();

const keyOf = ({ index, slot, draw }: EntryId) => `${index}/${slot}/${draw}`;

/** A target is the position of its image in the batch, then the label. */
const targetWidth = ({ width }: Pick<RowLayout, 'width'>) => 1 + width;

function labelsByImage(
  { shape: [count], targets }: Batch,
  labelRow: Pick<RowLayout, 'width'>,
): Float32Array[] {
  const rows: number[][] = Array.from({ length: count }, () => []);
  const width = targetWidth(labelRow);
  for (let i = 0; i < targets.length; i += width)
    rows[targets[i]].push(...targets.subarray(i + 1, i + width));
  return rows.map((values) => Float32Array.from(values));
}

function targetsOf(labels: readonly Float32Array[], labelRow: Pick<RowLayout, 'width'>): Float32Array {
  const width = targetWidth(labelRow);
  const rows = labels.reduce((sum, { length }) => sum + length / labelRow.width, 0);
  const targets = new Float32Array(rows * width);
  let row = 0;
  labels.forEach((values, image) => {
    for (let i = 0; i < values.length; i += labelRow.width, row++) {
      targets[row * width] = image;
      targets.set(values.subarray(i, i + labelRow.width), row * width + 1);
    }
  });
  return targets;
}
