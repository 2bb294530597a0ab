import { expect, test } from 'vitest';
import { Histogram } from './histogram.js';

/** Values of a normal distribution at equal steps of its quantiles, from the inverse of the logistic one. */
const bell = Array.from({ length: 100_000 }, (_, i) => {
  const p = (i + 0.5) / 100_000;
  return Math.log(p / (1 - p)) / 1.702;
});

function squaredError(values: readonly number[], { min, max }: { min: number; max: number }): number {
  const step = (max - min) / 255;
  return values.reduce((sum, value) => {
    const level = Math.min(255, Math.max(0, Math.round((value - min) / step)));
    return sum + (value - min - level * step) ** 2;
  }, 0);
}

test('a range without outliers is the whole of it', () => {
  const histogram = new Histogram();
  histogram.add(Array.from({ length: 10_000 }, (_, i) => -1 + (i / 10_000) * 4));
  const { min, max } = histogram.bestRange();
  expect(min).toBeCloseTo(-1, 1);
  expect(max).toBeCloseTo(3, 1);
});

test('tails are cut off where that lessens the error, in whatever order values come', () => {
  const whole = { min: Math.min(...bell), max: Math.max(...bell) };
  const [once, parts] = [new Histogram(), new Histogram()];
  once.add(bell);
  for (let at = 0; at < bell.length; at += 10_000) parts.add(bell.slice(at, at + 10_000));
  const best = once.bestRange();
  expect(parts.bestRange()).toEqual(best);
  expect(best.max).toBeLessThan(0.9 * whole.max);
  expect(squaredError(bell, best)).toBeLessThan(0.9 * squaredError(bell, whole));
  for (const factor of [0.7, 1.4]) {
    const other = { min: factor * best.min, max: factor * best.max };
    expect(squaredError(bell, best)).toBeLessThan(squaredError(bell, other));
  }
});

test('zero is always in the range, and alone it is one', () => {
  const positive = new Histogram();
  positive.add([3, 4, 5]);
  expect(positive.bestRange().min).toBe(0);
  const zero = new Histogram();
  zero.add([0, 0]);
  expect(zero.bestRange()).toEqual({ min: 0, max: 0 });
});
