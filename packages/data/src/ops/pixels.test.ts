import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { difference, readGoldens, swapChannels } from '../fixtures/goldens.js';
import type { RgbImage } from '../image.js';
import { augmentHsv, hsvToRgb, rgbToHsv } from './hsv.js';
import { letterbox } from './letterbox.js';
import { resizeArea, resizeLinear } from './resize.js';
import { invert, type Matrix3, multiply, warpAffine, warpPerspective } from './warp.js';

// What OpenCV 4.11 computes, HWC BGR; only HSV cares about the channel order.
const goldens = readGoldens(resolve(import.meta.dirname, '../fixtures/pixels.safetensors'));

function image(name: string): RgbImage {
  const { shape, bytes } = goldens.get(name)!;
  return { height: shape[0], width: shape[1], data: bytes };
}

function expectClose(actual: RgbImage, name: string, most = 0): void {
  const golden = image(name);
  expect([actual.height, actual.width]).toEqual([golden.height, golden.width]);
  expect(difference(actual.data, golden.data).most).toBeLessThanOrEqual(most);
}

test.each(['noise', 'smooth'])('resizeLinear equals OpenCV (%s)', (kind) => {
  expectClose(resizeLinear(image(`${kind}_src`), 20, 24), `${kind}_linear_20x24`);
  expectClose(resizeLinear(image(`${kind}_src`), 64, 48), `${kind}_linear_64x48`);
});

test.each(['noise', 'smooth'])('resizeArea equals OpenCV (%s)', (kind) => {
  expectClose(resizeArea(image(`${kind}_src`), 20, 24), `${kind}_area_20x24`);
});

test.each(['noise', 'smooth'])('letterbox equals OpenCV (%s)', (kind) => {
  expectClose(letterbox(image(`${kind}_src`), [64, 64]).image, `${kind}_letterbox64`);
  expectClose(letterbox(image(`${kind}_src`), [64, 64], { auto: true }).image, `${kind}_letterbox64_auto`);
});

test('warpAffine is within one gray level of OpenCV', () => {
  const M = [
    0.8999999761581421, 0.20000000298023224, 3.5, -0.15000000596046448, 1.100000023841858, -2.25,
  ] as const;
  expectClose(warpAffine(image('smooth_src'), [...M, 0, 0, 1], 50, 60), 'smooth_warpaffine_50x60', 1);
});

test('RGB to HSV and back equals OpenCV', () => {
  const source = image('smooth_src');
  const rgb = { ...source, data: swapChannels(source.data) };
  const hsv = rgbToHsv(rgb);
  expect(difference(hsv, image('smooth_hsv').data).most).toBe(0);
  const back = hsvToRgb(hsv, rgb.width, rgb.height);
  expect(difference(swapChannels(back.data), image('smooth_hsv_back_bgr').data).most).toBeLessThanOrEqual(1);
});

test('augmentHsv with gains of 1 is the round trip, and value 0 is black', () => {
  const source = image('smooth_src');
  const copy = { ...source, data: source.data.slice() };
  augmentHsv(copy, [1, 1, 1]);
  expect(copy.data).toEqual(hsvToRgb(rgbToHsv(source), source.width, source.height).data);
  augmentHsv(copy, [1, 1, 0]);
  expect(Math.max(...copy.data)).toBe(0);
});

const more: {
  perspectiveMatrix: Matrix3;
  hsvGains: [number, number, number];
} & Record<string, { width: number; height: number; data: string }> = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../fixtures/opencv.json'), 'utf8'),
);

function expectEquals(actual: RgbImage, name: string, most = 0): void {
  const { width, height, data } = more[name];
  expect([actual.width, actual.height]).toEqual([width, height]);
  expect(difference(actual.data, new Uint8Array(Buffer.from(data, 'base64'))).most).toBeLessThanOrEqual(most);
}

function crop(source: RgbImage, width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    data.set(source.data.subarray(y * source.width * 3, (y * source.width + width) * 3), y * width * 3);
  }
  return { width, height, data };
}

test('whole-factor shrinking and growing by area equal OpenCV', () => {
  const noise = image('noise_src');
  expectEquals(resizeArea(crop(noise, 51, 36), 17, 12), 'area_third');
  expectEquals(resizeLinear(crop(noise, 52, 36), 26, 18), 'linear_half');
  expectEquals(resizeArea(noise, 70, 50), 'area_grow');
});

test('warpPerspective is within one gray level of OpenCV', () => {
  expectEquals(warpPerspective(image('smooth_src'), more.perspectiveMatrix, 50, 40), 'perspective', 1);
});

test('augmentHsv is within one gray level of OpenCV', () => {
  const source = image('smooth_src');
  const rgb = { ...source, data: swapChannels(source.data) };
  augmentHsv(rgb, more.hsvGains);
  expectEquals({ ...rgb, data: swapChannels(rgb.data) }, 'hsv_augmented', 1);
});

test('a matrix times its inverse is the identity, and a singular one is refused', () => {
  const identity = multiply(more.perspectiveMatrix, invert(more.perspectiveMatrix));
  for (const [i, value] of identity.entries()) expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 10);
  expect(() => invert([1, 2, 0, 2, 4, 0, 0, 0, 1])).toThrow('invertible');
});

test('sizes that are not positive integers are refused', () => {
  expect(() => resizeLinear(image('noise_src'), 0, 4)).toThrow('positive integers');
  expect(() => resizeArea(image('noise_src'), 3.5, 4)).toThrow('positive integers');
});
