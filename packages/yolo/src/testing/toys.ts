/** A network and a dataset small enough to train in a second: bright and dark squares on noise. */
import { type Batch, Rng } from '@froyolo/data';
import type { BatchSource } from '../batches/sources.js';

export const TOY_IMGSZ = 64;
export const TOY_NAMES = ['bright', 'dark'];

/** Strides 8 and 16, two levels. */
export const TOY_ARCHITECTURE = `nc: 2
depth_multiple: 1.0
width_multiple: 1.0
anchors:
  - [12,12, 16,16]
  - [24,24, 32,32]
backbone:
  - [-1, 1, Conv, [8, 6, 2, 2]]
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 1, C3, [16]]
  - [-1, 1, Conv, [16, 3, 2]]
head:
  - [-1, 1, Conv, [32, 3, 2]]
  - [[3, 4], 1, Detect, [nc, anchors]]
`;

/** `count` images in batches of `batchSize`, the same whenever an epoch is asked for. */
export function toySource(count: number, batchSize: number, seed = 0): BatchSource {
  const length = Math.ceil(count / batchSize);
  return {
    length,
    async *epoch(n) {
      for (let b = 0; b < length; b++)
        yield toyBatch(Math.min(batchSize, count - b * batchSize), new Rng(seed, n, b));
    },
  };
}

function toyBatch(size: number, rng: Rng): Batch {
  const area = TOY_IMGSZ ** 2;
  const images = new Uint8Array(size * 3 * area);
  for (let i = 0; i < images.length; i++) images[i] = 90 + 60 * rng.random();
  const targets: number[] = [];
  for (let image = 0; image < size; image++) {
    const classId = rng.random() < 0.5 ? 0 : 1;
    const side = 12 + Math.floor(rng.random() * 20);
    const [x, y] = [0, 0].map(() => Math.floor(rng.random() * (TOY_IMGSZ - side))) as [number, number];
    for (let c = 0; c < 3; c++)
      for (let row = y; row < y + side; row++) {
        const start = (image * 3 + c) * area + row * TOY_IMGSZ + x;
        images.fill(classId === 0 ? 250 : 5, start, start + side);
      }
    targets.push(image, classId, ...[x + side / 2, y + side / 2, side, side].map((v) => v / TOY_IMGSZ));
  }
  return {
    images,
    shape: [size, 3, TOY_IMGSZ, TOY_IMGSZ],
    targets: Float32Array.from(targets),
    paths: Array.from({ length: size }, (_, i) => `toy-${i}`),
    meta: Array.from({ length: size }, (_, index) => ({
      index,
      originalShape: [TOY_IMGSZ, TOY_IMGSZ],
      ratio: [1, 1],
      pad: [0, 0],
    })),
  };
}

/** One sample to make: which image, and the number that it is drawn from. */
interface SampleRequest {
  readonly index: number;
  readonly variant: number;
}

/** Makes samples as the feature cache asks for them. */
interface SampleSource extends BatchSource {
  readonly images: number;
  plan(epoch: number): readonly (readonly { readonly index: number }[])[];
  load(batches: readonly (readonly SampleRequest[])[]): AsyncIterable<Batch>;
}

/** A dataset of `images` images, each redrawn for every variant; its epochs begin at another image each. */
export function toySamples(images: number, batchSize: number, seed = 0): SampleSource {
  const length = Math.ceil(images / batchSize);
  const plan = (epoch: number) => {
    const order = Array.from({ length: images }, (_, i) => ({ index: (i + 3 * epoch) % images }));
    return Array.from({ length }, (_, b) => order.slice(b * batchSize, (b + 1) * batchSize));
  };
  async function* load(batches: readonly (readonly SampleRequest[])[]) {
    for (const requests of batches)
      yield joined(requests.map(({ index, variant }) => toyBatch(1, new Rng(seed, variant, index))));
  }
  return {
    length,
    images,
    plan,
    load,
    epoch: (n) => load(plan(n).map((batch) => batch.map((task) => ({ ...task, variant: n })))),
  };
}

function joined(singles: readonly Batch[]): Batch {
  const images = new Uint8Array(singles.length * singles[0].images.length);
  const targets: number[] = [];
  singles.forEach((single, i) => {
    images.set(single.images, i * single.images.length);
    for (let k = 0; k < single.targets.length; k += 6)
      targets.push(i, ...single.targets.subarray(k + 1, k + 6));
  });
  return {
    images,
    shape: [singles.length, 3, TOY_IMGSZ, TOY_IMGSZ],
    targets: Float32Array.from(targets),
    paths: singles.flatMap(({ paths }) => paths),
    meta: singles.flatMap(({ meta }) => meta),
  };
}
