import { expect, test } from 'vitest';
import { mosaic9 } from '../augment/mosaic-nine.js';
import { alterPixels } from '../augment/pixels.js';
import { createImage, type RgbImage } from '../image.js';
import { Rng } from '../rng.js';
import { blur, medianBlur } from './blur.js';
import { equalized, equalizeLocally } from './clahe.js';
import { toGray } from './gray.js';
import { lightnessOf } from './lab.js';

/** 48 x 40 pixels: red grows to the right, green downwards, blue both ways. */
function ramp(): RgbImage {
  const image = createImage(48, 40);
  for (let y = 0; y < 40; y++)
    for (let x = 0; x < 48; x++)
      image.data.set([(x * 5) % 256, (y * 6) % 256, ((x + y) * 3) % 256], (y * 48 + x) * 3);
  return image;
}

const at = ({ data, width }: RgbImage, y: number, x: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const sum = ({ data }: { data: Uint8Array }) => data.reduce((a, b) => a + b, 0);

// The figures are those of OpenCV 4 on the same pixels.

test('blur by mean and by median', () => {
  const mean = ramp();
  blur(mean, 5);
  expect([at(mean, 0, 0), at(mean, 10, 20), at(mean, 39, 47)]).toEqual([
    [6, 7, 7],
    [100, 60, 90],
    [229, 227, 241],
  ]);
  expect(Math.abs(sum(mean) - 697829)).toBeLessThan(100);
  const median = ramp();
  medianBlur(median, 5);
  expect([at(median, 0, 0), at(median, 10, 20), at(median, 39, 47)]).toEqual([
    [0, 0, 3],
    [100, 60, 90],
    [235, 234, 252],
  ]);
  expect(sum(median)).toBe(697902);
});

test('gray and lightness', () => {
  const image = ramp();
  expect(
    [
      [0, 0],
      [10, 20],
      [20, 33],
      [39, 47],
    ].map(([y = 0, x = 0]) => {
      const [r = 0, g = 0, b = 0] = at(image, y, x);
      return lightnessOf(r, g, b);
    }),
  ).toEqual([0, 79, 143, 230]);
  toGray(image);
  expect(at(image, 10, 20)).toEqual([75, 75, 75]);
});

test('local contrast', () => {
  const values = Uint8Array.from(
    { length: 48 * 40 },
    (_, i) => (((i % 48) * 5 + Math.floor(i / 48) * 3) % 200) + 20,
  );
  const equal = equalized(values, 48, 40, 2.5);
  const places = [
    [0, 0],
    [3, 7],
    [10, 20],
    [20, 24],
    [33, 40],
    [39, 47],
  ];
  expect(places.map(([y = 0, x = 0]) => equal[y * 48 + x])).toEqual([8, 140, 145, 178, 174, 255]);
  expect(Math.abs(sum({ data: equal }) - 282449)).toBeLessThan(300);
});

test('local contrast of the lightness of colors', () => {
  const image = createImage(192, 160);
  for (let y = 0; y < 160; y++)
    for (let x = 0; x < 192; x++) image.data.set([x, y, (x + y) >> 1], (y * 192 + x) * 3);
  equalizeLocally(image, 2.5);
  const expected = [
    [5, 5, 17, 17, 17],
    [40, 80, 105, 62, 84],
    [80, 150, 184, 111, 146],
    [150, 30, 74, 184, 121],
    [155, 185, 219, 188, 204],
  ] as const;
  // Lightness is rounded to a level on the way, there and here in other arithmetic.
  for (const [y, x, ...rgb] of expected)
    for (const [c, value] of rgb.entries())
      expect(Math.abs(Number(at(image, y, x)[c]) - value)).toBeLessThan(3);
});

test('nothing changes without a probability; each change has it', () => {
  const image = ramp();
  alterPixels(image, undefined, new Rng(1));
  alterPixels(image, 0, new Rng(1));
  expect(image).toEqual(ramp());
  const changed = Array.from({ length: 200 }, (_, seed) => {
    const one = ramp();
    alterPixels(one, 0.05, new Rng(seed));
    return sum(one) !== sum(ramp());
  }).filter(Boolean).length;
  // 1 - 0.95^4 of 200 are 37.
  expect(changed).toBeGreaterThan(20);
  expect(changed).toBeLessThan(56);
});

test('nine images around the first; their boxes move with them and end at the window', () => {
  const tiles = Array.from({ length: 9 }, (_, i) => ({
    image: createImage(64, 64, 10 * (i + 1)),
    labels: Float32Array.of(i, 0.5, 0.5, 1, 1),
  }));
  const { image, boxes } = mosaic9(tiles, 64, new Rng(5));
  expect([image.width, image.height, boxes.length / 5]).toEqual([128, 128, 9]);
  for (let row = 0; row < boxes.length; row += 5) {
    const [cls = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(row, row + 5);
    if (x2 - x1 < 2 || y2 - y1 < 2) continue;
    expect(at(image, Math.floor((y1 + y2) / 2), Math.floor((x1 + x2) / 2))[0]).toBe(10 * (cls + 1));
  }
  // All is covered: tiles of one size leave no gap.
  expect(image.data.includes(114)).toBe(false);
  expect(() => mosaic9(tiles.slice(1), 64, new Rng(5))).toThrow(RangeError);
});
