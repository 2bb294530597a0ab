/** Where training gets its batches from. */
import type { Batch } from '@froyolo/data';

/** Where batches come from: a loader of files, or anything else that makes them. */
export interface BatchSource<T = Batch> {
  /** Batches in an epoch. */
  readonly length: number;
  /** The batches of epoch `n`, from 0: the same ones each time it is asked, or a resumed run differs. */
  epoch(n: number): AsyncIterable<T>;
}

/** A cut tensor (see `splitPrefix` of `@froyolo/core`) of a batch, in half precision. */
export interface FeatureTensor {
  readonly name: string;
  /** Its first axis is the batch. */
  readonly shape: readonly number[];
  readonly data: Uint16Array;
}

/** What the frozen layers make of a batch, with its targets: training goes on from there. */
export interface FeatureBatch extends Pick<Batch, 'shape' | 'targets'> {
  readonly features: readonly FeatureTensor[];
}

/**
 * Batches of features. The arrays of a batch are used again: they hold it until the second batch after it is asked for.
 */
export interface FeatureSource extends BatchSource<FeatureBatch> {
  close(): Promise<void>;
}
