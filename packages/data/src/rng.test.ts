import { expect, test } from 'vitest';
import { Rng } from './rng.js';

function moments(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, variance: values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length };
}

test('the same seeds give the same stream, and every seed matters', () => {
  const first = (...seeds: number[]) => new Rng(...seeds).nextUint32();
  expect(first(1, 2, 3)).toBe(first(1, 2, 3));
  const streams = [
    first(1, 2, 3),
    first(2, 2, 3),
    first(1, 3, 3),
    first(1, 2, 4),
    first(3, 2, 1),
    first(1, 2, -3),
  ];
  expect(new Set(streams).size).toBe(streams.length);
});

test('the stream is fixed for good: changing it would change every seeded run', () => {
  const rng = new Rng(0);
  expect([rng.nextUint32(), rng.nextUint32(), rng.nextUint32()]).toEqual([1428121279, 3688895547, 160942669]);
});

test('uniform, normal and beta(32, 32) have their mean and variance', () => {
  const rng = new Rng(7);
  const draw = (make: () => number) => moments(Array.from({ length: 40_000 }, make));
  const uniform = draw(() => rng.uniform(-1, 3));
  expect(uniform.mean).toBeCloseTo(1, 1);
  expect(uniform.variance).toBeCloseTo(16 / 12, 1);
  const normal = draw(() => rng.normal());
  expect(normal.mean).toBeCloseTo(0, 1);
  expect(normal.variance).toBeCloseTo(1, 1);
  const beta = draw(() => rng.beta(32, 32));
  expect(beta.mean).toBeCloseTo(0.5, 2);
  expect(beta.variance).toBeCloseTo(0.25 / 65, 3);
});

test('shuffle keeps every item and reaches every position', () => {
  const rng = new Rng(3);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4000; i++) {
    const order = rng.shuffle([0, 1, 2, 3]);
    expect([...order].sort()).toEqual([0, 1, 2, 3]);
    counts[order.indexOf(0)] += 1;
  }
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
