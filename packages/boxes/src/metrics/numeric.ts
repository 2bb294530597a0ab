/** Curves: interpolation, area, smoothing. */

export function linspace(start: number, end: number, count: number): Float64Array {
  const step = (end - start) / (count - 1);
  return Float64Array.from({ length: count }, (_, i) => (i === count - 1 ? end : start + i * step));
}

/**
 * Values at `x` of the lines through the points (`xs` ascending, `ys`); constant beyond the ends, `left` before the
 * first. Fast where `x` is sorted, either way: each search starts where the last one ended.
 */
export function interpolate(
  x: ArrayLike<number>,
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  left = ys[0],
): Float64Array {
  const last = xs.length - 1;
  let i = 0;
  return Float64Array.from(x, (at) => {
    if (at < xs[0]) return left;
    if (at > xs[last]) return ys[last];
    while (i > 0 && xs[i] > at) i--;
    while (i < last && xs[i + 1] <= at) i++;
    if (i === last || xs[i] === at) return ys[i];
    return ys[i] + ((ys[i + 1] - ys[i]) / (xs[i + 1] - xs[i])) * (at - xs[i]);
  });
}

/** Area under the lines through the points. */
export function trapezoidArea(ys: ArrayLike<number>, xs: ArrayLike<number>): number {
  let area = 0;
  for (let i = 1; i < xs.length; i++) area += ((xs[i] - xs[i - 1]) * (ys[i] + ys[i - 1])) / 2;
  return area;
}

/** Moving average over a fraction of the length; the ends are repeated beyond themselves. */
export function smooth(ys: ArrayLike<number>, fraction: number): Float64Array {
  const window = Math.floor(Math.round(ys.length * fraction * 2) / 2) + 1;
  const half = Math.floor(window / 2);
  const at = (i: number) => ys[Math.min(Math.max(i, 0), ys.length - 1)];
  const length = ys.length + 2 * half - window + 1;
  return Float64Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let k = 0; k < window; k++) sum += at(i + k - half) / window;
    return sum;
  });
}
