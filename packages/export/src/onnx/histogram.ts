/** How often values occur, and the range in which 8 bits tell them best. */

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** Bins on either side of zero. */
const BINS = 2048;
/** Ends of ranges that are tried, on either side of zero. */
const CANDIDATES = 128;
const LEVELS = 255;

/** Counts of values in bins of equal width around zero; the width doubles when a value lies outside. */
export class Histogram {
  readonly #counts = new Float64Array(2 * BINS);
  #width = 2 ** -20;
  #min = 0;
  #max = 0;

  add(values: ArrayLike<number>): void {
    const counts = this.#counts;
    this.#cover(values);
    const scale = 1 / this.#width;
    for (let i = 0; i < values.length; i++) {
      const bin = Math.floor((values[i] ?? 0) * scale) + BINS;
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }

  #cover(values: ArrayLike<number>): void {
    let [min, max] = [this.#min, this.#max];
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (value < min) min = value;
      if (value > max) max = value;
    }
    [this.#min, this.#max] = [min, max];
    while (max >= BINS * this.#width || min < -BINS * this.#width) this.#widen();
  }

  #widen(): void {
    const before = this.#counts.slice();
    this.#counts.fill(0);
    for (let bin = 0; bin < before.length; bin++) {
      const to = Math.floor((bin - BINS) / 2) + BINS;
      this.#counts[to] = (this.#counts[to] ?? 0) + (before[bin] ?? 0);
    }
    this.#width *= 2;
  }

  /**
   * The range whose 256 levels have the least squared error over all values: what is rounded inside of it and what is cut
   * off outside.
   */
  bestRange(): Range {
    const sums = this.#sums();
    let best: Range = { min: this.#min, max: this.#max };
    let least = Number.POSITIVE_INFINITY;
    for (const min of ends(this.#min))
      for (const max of ends(this.#max)) {
        const error = this.#error(sums, min, max);
        if (error >= least) continue;
        least = error;
        best = { min, max };
      }
    return best;
  }

  /** Sums from the lowest bin on: counts, counts · value, counts · value². */
  #sums(): Sums {
    const [n, x, xx] = [0, 1, 2].map(() => new Float64Array(2 * BINS + 1));
    const sums = { n: n ?? new Float64Array(0), x: x ?? new Float64Array(0), xx: xx ?? new Float64Array(0) };
    this.#counts.forEach((count, bin) => {
      const value = (bin - BINS + 0.5) * this.#width;
      sums.n[bin + 1] = (sums.n[bin] ?? 0) + count;
      sums.x[bin + 1] = (sums.x[bin] ?? 0) + count * value;
      sums.xx[bin + 1] = (sums.xx[bin] ?? 0) + count * value * value;
    });
    return sums;
  }

  #error(sums: Sums, min: number, max: number): number {
    const step = (max - min) / LEVELS;
    const [low, high] = [min, max].map((end) => Math.round(end / this.#width) + BINS);
    const [from, to] = [Math.max(0, low ?? 0), Math.min(2 * BINS, high ?? 0)];
    const inside = (sums.n[to] ?? 0) - (sums.n[from] ?? 0);
    return (inside * step * step) / 12 + beyond(sums, 0, from, min) + beyond(sums, to, 2 * BINS, max);
  }
}

type Sums = Readonly<Record<'n' | 'x' | 'xx', Float64Array>>;

/** Σ (value − end)² over the bins. */
function beyond({ n, x, xx }: Sums, from: number, to: number, end: number): number {
  const part = (sums: Float64Array) => (sums[to] ?? 0) - (sums[from] ?? 0);
  return Math.max(0, part(xx) - 2 * end * part(x) + end * end * part(n));
}

function ends(farthest: number): number[] {
  if (farthest === 0) return [0];
  return Array.from({ length: CANDIDATES }, (_, i) => (farthest * (i + 1)) / CANDIDATES);
}
