import { expect, test } from 'vitest';
import type { Batch } from '../batch.js';
import { Rng } from '../rng.js';
import { quadBatch } from './quad.js';

/** Images of 2 x 2 pixels of one value each, with a box in the middle of class `i`. */
function batchOf(count: number): Batch {
  return {
    images: Uint8Array.from({ length: count * 12 }, (_, i) => 10 * (1 + Math.floor(i / 12))),
    shape: [count, 3, 2, 2],
    targets: Float32Array.from(Array.from({ length: count }, (_, i) => [i, i, 0.5, 0.5, 0.5, 0.25]).flat()),
    paths: Array.from({ length: count }, (_, i) => `${i}.jpg`),
    meta: Array.from({ length: count }, (_, index) => ({
      index,
      originalShape: [2, 2],
      ratio: [1, 1],
      pad: [0, 0],
    })),
  };
}

/** A generator whose first number decides as wanted. */
function deciding(scaled: boolean): Rng {
  for (let seed = 0; ; seed++) if (new Rng(seed).random() < 0.5 === scaled) return new Rng(seed);
}

test('four images side by side: the second below the first, the others to the right', () => {
  const { images, shape, targets, paths } = quadBatch(batchOf(4), deciding(false));
  expect(shape).toEqual([1, 3, 4, 4]);
  expect([...images.subarray(0, 16)]).toEqual([
    10, 10, 30, 30, 10, 10, 30, 30, 20, 20, 40, 40, 20, 20, 40, 40,
  ]);
  expect([...targets]).toEqual([
    ...[0, 0, 0.25, 0.25, 0.25, 0.125],
    ...[0, 1, 0.25, 0.75, 0.25, 0.125],
    ...[0, 2, 0.75, 0.25, 0.25, 0.125],
    ...[0, 3, 0.75, 0.75, 0.25, 0.125],
  ]);
  expect(paths).toEqual(['0.jpg']);
});

test('or the first at twice its side, with its own labels', () => {
  const batch = batchOf(4);
  batch.images.set([0, 100, 0, 100]);
  const { images, targets } = quadBatch(batch, deciding(true));
  expect([...images.subarray(0, 4)]).toEqual([0, 25, 75, 100]);
  expect([...targets]).toEqual([0, 0, 0.5, 0.5, 0.5, 0.25]);
});

test('a last group of fewer than four is its first image', () => {
  const { shape, targets } = quadBatch(batchOf(6), deciding(false));
  expect(shape).toEqual([2, 3, 4, 4]);
  expect([...targets.slice(-6)]).toEqual([1, 4, 0.5, 0.5, 0.5, 0.25]);
});
