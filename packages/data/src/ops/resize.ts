import { roundHalfEven } from '@froyolo/common';
import { createImage, type RgbImage } from '../image.js';

// The arithmetic follows OpenCV's 8-bit resize so that pixels agree with models trained through it: taps are
// 11-bit fixed point, and the vertical pass drops 4 bits of the row sums before it multiplies.
const COEFFICIENT_ONE = 2048;

interface Taps {
  /** Index of the first source element for each output element. */
  readonly at: Int32Array;
  /** Index of the second one. */
  readonly next: Int32Array;
  /** Weight of the first, of 2048. */
  readonly w0: Int32Array;
  /** Weight of the second, of 2048. */
  readonly w1: Int32Array;
}

/**
 * Bilinear resize with half-pixel centers, as OpenCV's INTER_LINEAR on 8-bit images (which, like it, averages 2 x 2
 * blocks when both sides are exactly halved).
 */
export function resizeLinear(image: RgbImage, width: number, height: number): RgbImage {
  checkSize(width, height);
  if (width === image.width && height === image.height) return { ...image, data: image.data.slice() };
  if (image.width === width * 2 && image.height === height * 2) return resizeBlocks(image, width, height);
  return resizeTaps(image, linearTaps(image.width, width), linearTaps(image.height, height), width, height);
}

/**
 * Resize by pixel area, as OpenCV's INTER_AREA on 8-bit images: each output pixel is the mean of the source area it
 * covers. Where a side grows it is a bilinear resize, as there.
 */
export function resizeArea(image: RgbImage, width: number, height: number): RgbImage {
  checkSize(width, height);
  if (width === image.width && height === image.height) return { ...image, data: image.data.slice() };
  if (width > image.width || height > image.height) {
    return resizeTaps(image, growTaps(image.width, width), growTaps(image.height, height), width, height);
  }
  if (image.width % width === 0 && image.height % height === 0) return resizeBlocks(image, width, height);
  return resizeCover(image, width, height);
}

function checkSize(width: number, height: number): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`can't resize to ${width}x${height}: both sides must be positive integers`);
  }
}

function linearTaps(from: number, to: number): Taps {
  const scale = 1 / (to / from);
  return taps(from, to, (i) => {
    const x = Math.fround((i + 0.5) * scale - 0.5);
    const at = Math.floor(x);
    return [at, Math.fround(x - at)];
  });
}

function growTaps(from: number, to: number): Taps {
  const inverse = to / from;
  const scale = 1 / inverse;
  return taps(from, to, (i) => {
    const at = Math.floor(i * scale);
    const x = Math.fround(i + 1 - (at + 1) * inverse);
    return [at, x <= 0 ? 0 : x - Math.floor(x)];
  });
}

function taps(from: number, to: number, position: (i: number) => [at: number, fraction: number]): Taps {
  const result: Taps = {
    at: new Int32Array(to),
    next: new Int32Array(to),
    w0: new Int32Array(to),
    w1: new Int32Array(to),
  };
  for (let i = 0; i < to; i++) {
    const [at, fraction] = position(i);
    result.at[i] = Math.min(Math.max(at, 0), from - 1);
    result.next[i] = Math.min(Math.max(at + 1, 0), from - 1);
    result.w0[i] = roundHalfEven(Math.fround(1 - fraction) * COEFFICIENT_ONE);
    result.w1[i] = roundHalfEven(fraction * COEFFICIENT_ONE);
  }
  return result;
}

function resizeTaps(image: RgbImage, xs: Taps, ys: Taps, width: number, height: number): RgbImage {
  const out = createImage(width, height);
  const stride = width * 3;
  let upper = new Int32Array(stride);
  let lower = new Int32Array(stride);
  let upperRow = -1;
  let lowerRow = -1;
  for (let y = 0; y < height; y++) {
    const y0 = ys.at[y];
    const y1 = ys.next[y];
    if (y0 !== upperRow) {
      if (y0 === lowerRow) {
        [upper, lower] = [lower, upper];
        lowerRow = -1;
      } else {
        stretchRow(image, y0, xs, upper);
      }
      upperRow = y0;
    }
    if (y1 !== lowerRow) {
      if (y1 === y0) lower.set(upper);
      else stretchRow(image, y1, xs, lower);
      lowerRow = y1;
    }
    mergeRows(upper, lower, ys.w0[y], ys.w1[y], out.data, y * stride);
  }
  return out;
}

/** One row stretched to the output width; values are 11-bit fixed point, kept without the 4 lowest bits. */
function stretchRow(image: RgbImage, row: number, xs: Taps, out: Int32Array): void {
  const { data } = image;
  const base = row * image.width * 3;
  const { at, next, w0, w1 } = xs;
  const n = at.length;
  for (let x = 0, o = 0; x < n; x++, o += 3) {
    const p = base + at[x] * 3;
    const q = base + next[x] * 3;
    const a = w0[x];
    const b = w1[x];
    out[o] = (data[p] * a + data[q] * b) >> 4;
    out[o + 1] = (data[p + 1] * a + data[q + 1] * b) >> 4;
    out[o + 2] = (data[p + 2] * a + data[q + 2] * b) >> 4;
  }
}

function mergeRows(upper: Int32Array, lower: Int32Array, a: number, b: number, out: Uint8Array, at: number) {
  const n = upper.length;
  for (let i = 0; i < n; i++) {
    out[at + i] = (((upper[i] * a) >> 16) + ((lower[i] * b) >> 16) + 2) >> 2;
  }
}

/** Shrinks by whole factors: the mean of each block. */
function resizeBlocks(image: RgbImage, width: number, height: number): RgbImage {
  const fx = image.width / width;
  const fy = image.height / height;
  if (fx === 2 && fy === 2) return halve(image, width, height);
  const out = createImage(width, height);
  const scale = Math.fround(1 / (fx * fy));
  const stride = image.width * 3;
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++, o++) {
        const start = y * fy * stride + x * fx * 3 + c;
        let sum = 0;
        for (let v = 0, row = start; v < fy; v++, row += stride) {
          for (let u = 0, p = row; u < fx; u++, p += 3) sum += image.data[p];
        }
        out.data[o] = roundHalfEven(sum * scale);
      }
    }
  }
  return out;
}

function halve(image: RgbImage, width: number, height: number): RgbImage {
  const out = createImage(width, height);
  const { data } = image;
  const stride = image.width * 3;
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0, p = y * 2 * stride; x < width; x++, p += 6) {
      for (let c = p; c < p + 3; c++, o++) {
        out.data[o] = (data[c] + data[c + 3] + data[c + stride] + data[c + stride + 3] + 2) >> 2;
      }
    }
  }
  return out;
}

interface Cover {
  /** Source elements touched by each output element, `first[i]`..`first[i + 1]` of `at` and `weight`. */
  readonly first: Int32Array;
  readonly at: number[];
  readonly weight: number[];
}

function cover(from: number, to: number): Cover {
  const scale = 1 / (to / from);
  const result: Cover = { first: new Int32Array(to + 1), at: [], weight: [] };
  const add = (at: number, weight: number) => {
    result.at.push(at);
    result.weight.push(Math.fround(weight));
  };
  for (let i = 0; i < to; i++) {
    const start = i * scale;
    const end = start + scale;
    const cell = Math.min(scale, from - start);
    const last = Math.min(Math.floor(end), from - 1);
    const first = Math.min(Math.ceil(start), last);
    if (first - start > 1e-3) add(first - 1, (first - start) / cell);
    for (let s = first; s < last; s++) add(s, 1 / cell);
    if (end - last > 1e-3) add(last, Math.min(Math.min(end - last, 1), cell) / cell);
    result.first[i + 1] = result.at.length;
  }
  return result;
}

function resizeCover(image: RgbImage, width: number, height: number): RgbImage {
  const xs = cover(image.width, width);
  const ys = cover(image.height, height);
  const out = createImage(width, height);
  const row = new Float32Array(width * 3);
  const sum = new Float32Array(width * 3);
  for (let y = 0; y < height; y++) {
    sum.fill(0);
    for (let k = ys.first[y]; k < ys.first[y + 1]; k++) {
      coverRow(image, ys.at[k], xs, row);
      const weight = ys.weight[k];
      for (let i = 0; i < sum.length; i++) sum[i] += row[i] * weight;
    }
    for (let i = 0; i < sum.length; i++) out.data[y * width * 3 + i] = Math.min(255, roundHalfEven(sum[i]));
  }
  return out;
}

function coverRow(image: RgbImage, y: number, xs: Cover, out: Float32Array): void {
  const base = y * image.width * 3;
  const n = xs.first.length - 1;
  for (let x = 0; x < n; x++) {
    let r = 0;
    let g = 0;
    let b = 0;
    for (let k = xs.first[x]; k < xs.first[x + 1]; k++) {
      const p = base + xs.at[k] * 3;
      const weight = xs.weight[k];
      r += image.data[p] * weight;
      g += image.data[p + 1] * weight;
      b += image.data[p + 2] * weight;
    }
    out[x * 3] = r;
    out[x * 3 + 1] = g;
    out[x * 3 + 2] = b;
  }
}
