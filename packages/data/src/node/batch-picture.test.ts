import { expect, test } from 'vitest';
import type { Batch } from '../batch.js';
import { classColor } from '../palette.js';
import { batchPicture } from './batch-picture.js';

/** Images of one gray each: 10 for the first, 20 for the second, … */
function grays(count: number, height: number, width: number, targets: number[] = []): Batch {
  const images = new Uint8Array(count * 3 * height * width);
  for (let i = 0; i < count; i++)
    images.fill(10 * (i + 1), i * 3 * height * width, (i + 1) * 3 * height * width);
  const meta = Array.from({ length: count }, (_, index) => ({
    index,
    originalShape: [height, width] as [number, number],
    ratio: [1, 1] as [number, number],
    pad: [0, 0] as [number, number],
  }));
  const paths = meta.map(({ index }) => `${index}.jpg`);
  return { images, shape: [count, 3, height, width], targets: Float32Array.from(targets), paths, meta };
}

test('images stand in rows, at most sixteen', async () => {
  const picture = await batchPicture(grays(20, 30, 40), []);
  expect([picture.width, picture.height]).toEqual([160, 120]);
  const at = (x: number, y: number) => picture.data[(y * 160 + x) * 3];
  expect([at(20, 15), at(60, 15), at(20, 45), at(140, 105)]).toEqual([10, 20, 50, 160]);
  const three = await batchPicture(grays(3, 30, 40), []);
  expect([three.width, three.height, three.data[(45 * 80 + 60) * 3]]).toEqual([80, 60, 114]);
});

test('boxes of the targets are drawn on their image, in the color of their class', async () => {
  const picture = await batchPicture(grays(2, 100, 100, [1, 3, 0.5, 0.5, 0.4, 0.4]), ['a', 'b', 'c', 'd']);
  // A line of one pixel around x = 130 lies half on each of two pixels.
  const at = (50 * 200 + 130) * 3;
  [1, 3, 5].forEach((start, channel) => {
    const value = Number.parseInt(classColor(3).slice(start, start + 2), 16);
    expect(Math.abs(picture.data[at + channel] - (value + 20) / 2)).toBeLessThan(12);
  });
  expect(picture.data[(50 * 200 + 30) * 3]).toBe(10);
});

test('a large batch is made smaller', async () => {
  const { width, height } = await batchPicture(grays(16, 600, 800), []);
  expect([width, height]).toEqual([1920, 1440]);
});
