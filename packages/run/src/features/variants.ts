/** Which augmented variant of an image an epoch trains on, so that its features can be kept. */
import { Rng } from '@froyolo/data';

export interface VariantOptions {
  /** Variants of an image that are kept at a time. */
  readonly variants: number;
  /** Share of an epoch's variants that are redrawn, 0 to 1; the others are repeated. */
  readonly refresh: number;
  readonly seed: number;
}

export interface EntryId {
  /** Image in the dataset. */
  readonly index: number;
  /** Which of the image's variants, from 0. */
  readonly slot: number;
  /** The epoch that drew it: samples are drawn from (seed, draw, index). */
  readonly draw: number;
}

/** Sets these numbers apart from all others that are drawn from the same seed. */
const STREAM = -3;

/**
 * The variant of an image in an epoch. The first `variants` epochs draw new ones, as training without a cache does;
 * then they take turns, each replaced by a new draw with probability `refresh`. It depends on nothing but the arguments.
 */
export function entryAt({ variants, refresh, seed }: VariantOptions, epoch: number, index: number): EntryId {
  let draw = epoch;
  while (draw >= variants && new Rng(seed, draw, index, STREAM).random() >= refresh) draw -= variants;
  return { index, slot: epoch % variants, draw };
}
