import { expect, test } from 'vitest';
import { hypPresets } from '../hyp.js';
import { createImage } from '../image.js';
import { Rng } from '../rng.js';
import { toNormalized } from './boxes.js';
import { copyPaste } from './copy-paste.js';
import { fillOutline, visibleBounds } from './outlines.js';
import { trainSample } from './pipeline.js';
import { randomPerspective } from './random-perspective.js';

/** A white triangle on black, with its box and outline. */
function triangle(width = 60, height = 40) {
  const outline = Float32Array.of(5, 30, 25, 30, 5, 10);
  const image = createImage(width, height);
  fillOutline(outline, width, height, (y, from, to) =>
    image.data.fill(255, (y * width + from) * 3, (y * width + to) * 3),
  );
  return { image, outline, boxes: Float32Array.of(1, 5, 10, 25, 30) };
}

const at = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) =>
  data[(y * width + x) * 3];

test("a polygon is filled where its pixels' centers are: half of its box, and nothing outside", () => {
  const { image } = triangle();
  const white = image.data.filter((value) => value === 255).length / 3;
  expect(Math.abs(white - 200)).toBeLessThanOrEqual(10);
  expect([at(image, 6, 28), at(image, 24, 11), at(image, 4, 28), at(image, 6, 31)]).toEqual([255, 0, 0, 0]);
});

test('what of a polygon can be seen has the box of its clipped shape, not of its clipped points', () => {
  expect(visibleBounds(Float32Array.of(-10, 0, 10, 20, -10, 20), 100, 100)).toEqual([0, 10, 10, 20]);
  expect(visibleBounds(Float32Array.of(-10, 0, -5, 20, -10, 20), 100, 100)).toEqual([0, 0, 0, 0]);
  expect(visibleBounds(Float32Array.of(5, 5, 20, 8, 7, 30), 100, 100)).toEqual([5, 5, 20, 30]);
});

test('an object is copied to its mirror image: pixels, box and outline', () => {
  const { image, outline, boxes } = triangle();
  const before = image.data.slice();
  const pasted = copyPaste(image, boxes, [outline], 1, new Rng(1));
  expect([...pasted.boxes]).toEqual([...boxes, 1, 35, 10, 55, 30]);
  expect(pasted.outlines.map((one) => [...one!])).toEqual([[...outline], [55, 30, 35, 30, 55, 10]]);
  for (let y = 0; y < 40; y++)
    for (let x = 0; x < 60; x++)
      expect(at(image, x, y)).toBe(Math.max(before[(y * 60 + x) * 3], before[(y * 60 + 59 - x) * 3]));
});

test('nothing is copied over more than 30% of another object, nor boxes without an outline', () => {
  const { image, outline, boxes } = triangle();
  const other = (x1: number) => Float32Array.of(...boxes, 0, x1, 10, x1 + 20, 30);
  const count = (all: Float32Array, outlines: (Float32Array | undefined)[]) =>
    copyPaste(image, all, outlines, 1, new Rng(1)).boxes.length / 5;
  // A copy lies at 35..55.
  expect(count(other(40), [outline, undefined])).toBe(2);
  expect(count(other(50), [outline, undefined])).toBe(3);
  expect(count(other(50), [undefined, undefined])).toBe(2);
});

test('the probability is the share of objects that are tried', () => {
  const boxes = Float32Array.from(Array.from({ length: 10 }, (_, i) => [0, 2, 4 * i, 5, 4 * i + 3]).flat());
  const outlines = Array.from({ length: 10 }, (_, i) => Float32Array.of(2, 4 * i, 5, 4 * i, 2, 4 * i + 3));
  const copies = (p: number) =>
    copyPaste(createImage(60, 40), boxes, outlines, p, new Rng(7)).outlines.length - 10;
  expect([0, 0.3, 0.5, 1].map(copies)).toEqual([0, 3, 5, 10]);
});

const area = (box: Float32Array) => (box[3] - box[1]) * (box[4] - box[2]);

test('an outline gives the warped object a tighter box than its corners do', () => {
  const { image, outline, boxes } = triangle();
  const ranges = { degrees: 45, translate: 0, scale: 0, shear: 0, perspective: 0 };
  let tighter = 0;
  for (let seed = 0; seed < 8; seed++) {
    const warp = (outlines?: Float32Array[]) =>
      randomPerspective(image, boxes, image, ranges, new Rng(seed), outlines).boxes;
    const [loose, tight] = [warp(), warp([outline])];
    for (const i of [1, 2]) expect(tight[i]).toBeGreaterThanOrEqual(loose[i] - 1e-3);
    for (const i of [3, 4]) expect(tight[i]).toBeLessThanOrEqual(loose[i] + 1e-3);
    if (area(tight) < 0.9 * area(loose)) tighter++;
  }
  expect(tighter).toBeGreaterThan(4);
});

test('samples with copy-paste have more objects, and are the same for a seed', async () => {
  const { image, outline, boxes } = triangle();
  const labels = toNormalized(boxes, 60, 40);
  const segments = [outline.map((value, i) => value / (i % 2 === 0 ? 60 : 40))];
  const source = {
    length: 3,
    path: (index: number) => `${index}.png`,
    labels: () => labels,
    segments: () => segments,
    originalShape: (): [number, number] => [40, 60],
    load: async () => image,
  };
  const count = async (copy_paste: number) => {
    const hyp = { ...hypPresets['scratch-low'], scale: 0, translate: 0, copy_paste };
    let rows = 0;
    for (let variant = 0; variant < 12; variant++) {
      const options = { imgsz: 60, hyp, augment: true, seed: 2, variant };
      const sample = await trainSample(source, 0, options);
      expect(await trainSample(source, 0, options)).toEqual(sample);
      rows += sample.labels.length / 5;
    }
    return rows;
  };
  expect(await count(1)).toBeGreaterThan(1.3 * (await count(0)));
});
