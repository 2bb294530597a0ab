import { expect, test } from 'vitest';
import { syntheticImage } from '../fixtures/pictures.js';
import { hypPresets } from '../hyp.js';
import { createImage } from '../image.js';
import { flipHorizontal, flipVertical } from '../ops/flip.js';
import { Rng } from '../rng.js';
import { toNormalized, toPixels } from './boxes.js';
import { mixup, mosaic4 } from './mosaic.js';
import { type ImageSource, trainSample } from './pipeline.js';
import { randomPerspective, warpBoxes } from './random-perspective.js';

/** White rectangles on black, labeled exactly: what a transform does to pixels must be what it does to boxes. */
function rectangleImage(width: number, height: number, box: [number, number, number, number]) {
  const image = createImage(width, height);
  const [x1, y1, x2, y2] = box;
  for (let y = y1; y < y2; y++) image.data.fill(255, (y * width + x1) * 3, (y * width + x2) * 3);
  const labels = toNormalized(Float32Array.of(0, ...box), width, height);
  return { image, labels };
}

/** The extent of bright pixels. */
function brightBox({ width, height, data }: { width: number; height: number; data: Uint8Array }) {
  const box = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 3] < 180) continue;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
    }
  }
  return box;
}

const still = { degrees: 0, translate: 0, scale: 0, shear: 0, perspective: 0 };

test('boxes follow pixels through rotation, zoom, shear, shift and perspective', () => {
  const { image } = rectangleImage(200, 160, [70, 60, 130, 110]);
  for (let seed = 0; seed < 20; seed++) {
    const ranges = { degrees: 15, translate: 0.1, scale: 0.4, shear: 5, perspective: seed % 2 ? 0.0004 : 0 };
    const boxes = Float32Array.of(0, 70, 60, 130, 110);
    const warped = randomPerspective(image, boxes, { width: 200, height: 160 }, ranges, new Rng(seed));
    const seen = brightBox(warped.image);
    for (const [i, value] of seen.entries()) expect(Math.abs(value - warped.boxes[i + 1])).toBeLessThan(2.5);
  }
});

test('with all ranges 0 the warp is a centered crop of the mosaic canvas', () => {
  const image = syntheticImage(80, 80);
  const { image: out } = randomPerspective(
    image,
    new Float32Array(),
    { width: 40, height: 40 },
    still,
    new Rng(1),
  );
  for (let y = 0; y < 40; y++) {
    const row = image.data.subarray(((y + 20) * 80 + 20) * 3, ((y + 20) * 80 + 60) * 3);
    expect(out.data.subarray(y * 120, (y + 1) * 120)).toEqual(row);
  }
});

test('boxes that shrink to 2 px, lose nine tenths, or become slivers are dropped', () => {
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1] as const;
  const keep = (box: number[]) => warpBoxes(Float32Array.of(1, ...box), identity, 1, 500, 100).length === 5;
  expect(keep([10, 10, 30, 30])).toBe(true);
  expect(keep([10, 10, 12, 30])).toBe(false);
  expect(keep([-90, 10, 9, 30])).toBe(false);
  expect(keep([-80, 10, 20, 30])).toBe(true);
  expect(keep([10, 10, 410, 13])).toBe(false);
});

test('a mosaic keeps the pixels of each image at its place, and its boxes with them', () => {
  const tiles = [0, 1, 2, 3].map(() => rectangleImage(64, 48, [16, 12, 40, 36]));
  for (let seed = 0; seed < 10; seed++) {
    const { image, boxes } = mosaic4(tiles, 64, new Rng(seed));
    expect([image.width, image.height, boxes.length]).toEqual([128, 128, 20]);
    for (let i = 0; i < 4; i++) {
      const [x1, y1, x2, y2] = [...boxes.subarray(i * 5 + 1, i * 5 + 5)].map(Math.round) as [
        number,
        number,
        number,
        number,
      ];
      if (x2 - x1 < 1 || y2 - y1 < 1) continue;
      expect(image.data[(y1 * 128 + x1) * 3]).toBe(255);
      expect(image.data[((y2 - 1) * 128 + x2 - 1) * 3]).toBe(255);
    }
  }
});

test('mixup blends, flips are their own inverse', () => {
  const image = createImage(4, 2, 100);
  mixup(image, createImage(4, 2, 200), 0.25);
  expect(image.data[0]).toBe(175);
  const original = syntheticImage(7, 5);
  const copy = { ...original, data: original.data.slice() };
  flipHorizontal(copy);
  expect(copy.data.subarray(0, 3)).toEqual(original.data.subarray(18, 21));
  flipHorizontal(copy);
  flipVertical(copy);
  expect(copy.data.subarray(0, 21)).toEqual(original.data.subarray(84, 105));
  flipVertical(copy);
  expect(copy.data).toEqual(original.data);
});

test('pixel and normalized boxes are inverses inside the image', () => {
  const labels = Float32Array.of(2, 0.5, 0.4, 0.2, 0.3);
  const back = toNormalized(toPixels(labels, 320, 240), 320, 240);
  for (const [i, value] of back.entries()) expect(value).toBeCloseTo(labels[i], 6);
});

const tiles = [0, 1, 2, 3, 4].map((i) => rectangleImage(64, 48, [8 + i, 4, 40, 40 - i]));
const pristine = tiles.map(({ image }) => image.data.slice());
const source: ImageSource = {
  length: tiles.length,
  path: (index) => `${index}.png`,
  labels: (index) => tiles[index].labels,
  originalShape: () => [48, 64],
  load: async (index) => tiles[index].image,
};

test.each(Object.keys(hypPresets) as (keyof typeof hypPresets)[])(
  '%s samples are seeded and valid',
  async (preset) => {
    const options = {
      imgsz: 64,
      hyp: { ...hypPresets[preset], flipud: 0.5 },
      augment: true,
      seed: 5,
      variant: 0,
    };
    const streams = new Set<string>();
    for (let index = 0; index < 5; index++) {
      for (let variant = 0; variant < 6; variant++) {
        const sample = await trainSample(source, index, { ...options, variant });
        expect(sample).toEqual(await trainSample(source, index, { ...options, variant }));
        expect([sample.height, sample.width, sample.planes.length]).toEqual([64, 64, 3 * 64 * 64]);
        for (let i = 0; i < sample.labels.length; i += 5) {
          const [, cx, cy, w, h] = sample.labels.subarray(i, i + 5) as unknown as number[];
          expect(Math.min(cx - w / 2, cy - h / 2)).toBeGreaterThanOrEqual(-1e-6);
          expect(Math.max(cx + w / 2, cy + h / 2)).toBeLessThanOrEqual(1 + 1e-6);
        }
        streams.add(sample.planes.join());
      }
    }
    // "no-augmentation" still flips top and bottom here; the others never repeat.
    expect(streams.size).toBe(preset === 'no-augmentation' ? 10 : 30);
    for (const [i, { image }] of tiles.entries()) expect(image.data).toEqual(pristine[i]);
  },
);
