/** How well a mean of few runs is known. */

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Quantiles .975 of Student's t distribution with 1, 2, … degrees of freedom. */
const T_QUANTILES = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
];
/** Cornish and Fisher's expansion around the normal quantile, good to .002 beyond the table. */
const NORMAL_QUANTILE = 1.96;
const beyondTable = (freedom: number) =>
  NORMAL_QUANTILE + (NORMAL_QUANTILE ** 3 + NORMAL_QUANTILE) / (4 * freedom);

/** Mean and 95% interval of independent values; an interval of no width for one value. */
export function intervalOf(values: readonly number[]): Interval {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count < 2) return { mean, low: mean, high: mean };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const quantile = T_QUANTILES[count - 2] ?? beyondTable(count - 1);
  const half = quantile * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
}
