import type { RgbImage } from '../image.js';

// 12-bit reciprocals, as OpenCV's 8-bit RGB to HSV uses them: saturation in 0..255, hue in 0..179 (2 degrees each).
const SHIFT = 12;
const HALF = 1 << (SHIFT - 1);
const SATURATION = new Int32Array(256);
const HUE = new Int32Array(256);
for (let i = 1; i < 256; i++) {
  SATURATION[i] = Math.round((255 << SHIFT) / i);
  HUE[i] = Math.round((180 << SHIFT) / (6 * i));
}

/** Hue (0..179), saturation and value (0..255) of each pixel, interleaved. */
export function rgbToHsv(image: RgbImage): Uint8Array {
  const out = new Uint8Array(image.data.length);
  for (let p = 0; p < out.length; p += 3) {
    const hsv = pixelToHsv(image.data[p], image.data[p + 1], image.data[p + 2]);
    out[p] = hsv >> 16;
    out[p + 1] = (hsv >> 8) & 255;
    out[p + 2] = hsv & 255;
  }
  return out;
}

/** The inverse of {@link rgbToHsv} up to rounding. */
export function hsvToRgb(hsv: Uint8Array, width: number, height: number): RgbImage {
  const data = new Uint8Array(hsv.length);
  for (let p = 0; p < hsv.length; p += 3) writeRgb(hsv[p], hsv[p + 1], hsv[p + 2], data, p);
  return { width, height, data };
}

/**
 * Multiplies hue (around the circle), saturation and value (cut at 255) by the three gains through look-up tables, in
 * place. Gains are 1 +- the hyperparameters hsv_h, hsv_s, hsv_v.
 */
export function augmentHsv(image: RgbImage, gains: readonly [number, number, number]): void {
  const hues = new Uint8Array(256);
  const saturations = new Uint8Array(256);
  const values = new Uint8Array(256);
  for (let i = 0; i < 256; i++) {
    hues[i] = (i * gains[0]) % 180;
    saturations[i] = Math.min(255, i * gains[1]);
    values[i] = Math.min(255, i * gains[2]);
  }
  const { data } = image;
  for (let p = 0; p < data.length; p += 3) {
    const hsv = pixelToHsv(data[p], data[p + 1], data[p + 2]);
    writeRgb(hues[hsv >> 16], saturations[(hsv >> 8) & 255], values[hsv & 255], data, p);
  }
}

/** h << 16 | s << 8 | v */
function pixelToHsv(r: number, g: number, b: number): number {
  const v = Math.max(r, g, b);
  const least = Math.min(r, g, b);
  const range = v - least;
  const s = (range * SATURATION[v] + HALF) >> SHIFT;
  const sector = v === r ? g - b : v === g ? b - r + 2 * range : r - g + 4 * range;
  const h = (sector * HUE[range] + HALF) >> SHIFT;
  return ((h < 0 ? h + 180 : h) << 16) | (s << 8) | v;
}

function writeRgb(h: number, s: number, v: number, out: Uint8Array, p: number): void {
  const sector = (h / 30) | 0;
  const fraction = h / 30 - sector;
  const saturation = s / 255;
  const low = v * (1 - saturation) + 0.5;
  const falling = v * (1 - saturation * fraction) + 0.5;
  const rising = v * (1 - saturation * (1 - fraction)) + 0.5;
  switch (sector) {
    case 0:
      write(out, p, v, rising, low);
      break;
    case 1:
      write(out, p, falling, v, low);
      break;
    case 2:
      write(out, p, low, v, rising);
      break;
    case 3:
      write(out, p, low, falling, v);
      break;
    case 4:
      write(out, p, rising, low, v);
      break;
    default:
      write(out, p, v, low, falling);
  }
}

function write(out: Uint8Array, p: number, r: number, g: number, b: number): void {
  out[p] = r;
  out[p + 1] = g;
  out[p + 2] = b;
}
