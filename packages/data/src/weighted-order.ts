import type { Rng } from './rng.js';

/**
 * Draws as many places as there are weights, with repetition, each as likely as its weight says. Without any positive
 * weight all are equally likely.
 */
export function drawWeighted(weights: readonly number[], rng: Rng): number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  if (!(total > 0)) return weights.map(() => rng.integer(weights.length));
  const ends: number[] = [];
  let sum = 0;
  for (const weight of weights) ends.push((sum += weight));
  return weights.map(() => firstAbove(ends, rng.random() * sum));
}

/** Place of the first of ascending values that is above another. */
function firstAbove(values: readonly number[], limit: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(values[middle]) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
