/** Values of the loss terms, for logs and results. */
import type { Tensor } from '@froyolo/core';

/** The terms of a loss by name, each times its gain, as means over images. */
export type Losses = Readonly<Record<string, number>>;

export const noLosses = (terms: readonly string[]): Losses =>
  Object.fromEntries(terms.map((term) => [term, 0]));

/** The mean of `count` values and one more. */
export function runningMean(mean: Losses, value: Losses, count: number): Losses {
  return Object.fromEntries(
    Object.entries(value).map(([term, one]) => [term, ((mean[term] ?? 0) * count + one) / (count + 1)]),
  );
}

/** Picks the terms out of a program's outputs. */
export function lossesIn(outputs: Readonly<Record<string, Tensor>>, terms: readonly string[]): Losses {
  return Object.fromEntries(terms.map((term) => [term, outputs[term].data[0]]));
}
