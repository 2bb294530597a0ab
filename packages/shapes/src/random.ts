import { mulberry32 } from '@froyolo/common';

/** A stream of random numbers that the seed alone decides. */
export interface Random {
  /** Uniform in `[low, high)`. */
  uniform(low: number, high: number): number;
  /** Whole number in `[low, high]`. */
  integer(low: number, high: number): number;
  /** One of the items, each as likely as the others. */
  pick<T>(items: readonly T[]): T;
  /** True with the given probability. */
  chance(probability: number): boolean;
}

/** Scrambles an integer into 32 well-mixed bits (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A seeded generator. The same keys in the same order give the same stream, so that image 7
 * of a dataset looks the same however many images are asked for.
 */
export function createRandom(...keys: number[]): Random {
  const next = mulberry32(keys.reduce((hash, key) => mix(hash + 0x9e3779b9 + mix(key)), 0));
  return {
    uniform: (low, high) => low + (high - low) * next(),
    integer: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (items) => items[Math.floor(next() * items.length)],
    chance: (probability) => next() < probability,
  };
}
