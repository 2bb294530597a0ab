import { fnv1a, mulberry32 } from '@froyolo/common';

/** A stream of numbers in [0, 1) that depends on the seed and a name alone. */
export function randomOf(seed: number, name: string): () => number {
  return mulberry32(fnv1a(new TextEncoder().encode(name)) ^ Math.imul(seed, 0x9e3779b1));
}
