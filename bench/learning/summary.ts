/** Sums runs up: curves over time, a table, and how many images a recipe needs. */
import type { ArmResult, Point } from './arms.js';

/** Where the table looks, in seconds. */
export const TABLE_SECONDS = [15, 30, 60, 120, 300, 600] as const;

export interface Spread {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** Best mAP50-95 up to a time; 0 before the first validation. */
export function bestBy(points: readonly Point[], seconds: number): number {
  return Math.max(0, ...points.filter((point) => point.seconds <= seconds).map(({ mAP50_95 }) => mAP50_95));
}

/** Runs of the same dataset, size and recipe, by their name. */
export function groupRuns(results: readonly ArmResult[]): Map<string, ArmResult[]> {
  const groups = new Map<string, ArmResult[]>();
  for (const result of results) {
    const key = [result.dataset, result.images, result.recipe].join('|');
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  return groups;
}

/** Mean of runs at a time, and the lowest and the highest of them. Undefined if none was that long. */
export function spreadAt(runs: readonly ArmResult[], seconds: number): Spread | undefined {
  if (!runs.some((run) => run.points.some((point) => point.seconds <= seconds))) return undefined;
  const values = runs.map(({ points }) => bestBy(points, seconds));
  return {
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    low: Math.min(...values),
    high: Math.max(...values),
    runs: values.length,
  };
}

export interface CurvePoint extends Spread {
  readonly seconds: number;
}

/** A band over time: a point wherever some run validated. */
export function curveOf(runs: readonly ArmResult[]): CurvePoint[] {
  const times = [...new Set(runs.flatMap(({ points }) => points.map(({ seconds }) => seconds)))].sort(
    (a, b) => a - b,
  );
  return times.flatMap((seconds) => {
    const spread = spreadAt(runs, seconds);
    return spread ? [{ seconds, ...spread }] : [];
  });
}

/**
 * Images that a recipe needs for a mean of its runs' best mAP50-95: between two sizes by a straight line over the logarithm
 * of the number of images. Undefined if no size gets there.
 * @param sizes images and the mean, in any order
 */
export function imagesNeeded(
  sizes: readonly { readonly images: number; readonly mean: number }[],
  wanted: number,
): number | undefined {
  const sorted = [...sizes].sort((a, b) => a.images - b.images);
  const index = sorted.findIndex(({ mean }) => mean >= wanted);
  const [before, reached] = [sorted[index - 1], sorted[index]];
  if (!reached) return undefined;
  if (!before) return reached.images;
  const part = (wanted - before.mean) / (reached.mean - before.mean);
  return Math.round(before.images * (reached.images / before.images) ** part);
}
