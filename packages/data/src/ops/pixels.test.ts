import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { difference, readGoldens, swapChannels } from '../fixtures/goldens.js';
import type { RgbImage } from '../image.js';
import { augmentHsv, hsvToRgb, rgbToHsv } from './hsv.js';
import { letterbox } from './letterbox.js';
import { resizeArea, resizeLinear } from './resize.js';
import { warpAffine } from './warp.js';

// What OpenCV 4.11 computes, HWC BGR; only HSV cares about the channel order.
const goldens = readGoldens(resolve(import.meta.dirname, '../fixtures/pixels.safetensors'));

function image(name: string): RgbImage {
  const { shape, bytes } = goldens.get(name)!;
  return { height: shape[0]!, width: shape[1]!, data: bytes };
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

test('warpAffine is within one grey level of OpenCV', () => {
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
