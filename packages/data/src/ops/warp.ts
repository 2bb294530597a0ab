import { createImage, PAD_VALUE, type RgbImage } from '../image.js';

/** Row-major 3 x 3 matrix. */
export type Matrix3 = readonly [number, number, number, number, number, number, number, number, number];

// As in OpenCV's 8-bit bilinear remap: source positions are rounded to 1/32 pixel, affine ones are summed in 1/1024.
const FRACTION_BITS = 5;
const FRACTION = 1 << FRACTION_BITS;
const AFFINE_ONE = 1024;

/** `a` times `b`: the map that applies `b` first. */
export function multiply(a: Matrix3, b: Matrix3): Matrix3 {
  const at = (row: number, column: number) =>
    a[row * 3] * b[column] + a[row * 3 + 1] * b[3 + column] + a[row * 3 + 2] * b[6 + column];
  return [at(0, 0), at(0, 1), at(0, 2), at(1, 0), at(1, 1), at(1, 2), at(2, 0), at(2, 1), at(2, 2)];
}

/** The inverse; throws a RangeError when there is none. */
export function invert(m: Matrix3): Matrix3 {
  const [a, b, c, d, e, f, g, h, i] = m;
  const A = e * i - f * h;
  const B = f * g - d * i;
  const C = d * h - e * g;
  const det = a * A + b * B + c * C;
  if (!(Math.abs(det) > 0)) throw new RangeError('a warp matrix must be invertible');
  return [
    A / det,
    (c * h - b * i) / det,
    (b * f - c * e) / det,
    B / det,
    (a * i - c * g) / det,
    (c * d - a * f) / det,
    C / det,
    (b * g - a * h) / det,
    (a * e - b * d) / det,
  ];
}

/** Warps by the affine map `m` (source to output, last row 0 0 1); outside the source is `fill`. */
export function warpAffine(
  image: RgbImage,
  m: Matrix3,
  width: number,
  height: number,
  fill = PAD_VALUE,
): RgbImage {
  const inverse = invert(m);
  const out = createImage(width, height, fill);
  const dx = new Int32Array(width);
  const dy = new Int32Array(width);
  for (let x = 0; x < width; x++) {
    dx[x] = Math.round(inverse[0] * x * AFFINE_ONE);
    dy[x] = Math.round(inverse[3] * x * AFFINE_ONE);
  }
  const half = AFFINE_ONE / FRACTION / 2;
  for (let y = 0; y < height; y++) {
    const x0 = Math.round((inverse[1] * y + inverse[2]) * AFFINE_ONE) + half;
    const y0 = Math.round((inverse[4] * y + inverse[5]) * AFFINE_ONE) + half;
    for (let x = 0, o = y * width * 3; x < width; x++, o += 3) {
      sample(image, (x0 + dx[x]) >> FRACTION_BITS, (y0 + dy[x]) >> FRACTION_BITS, fill, out.data, o);
    }
  }
  return out;
}

/** Warps by the projective map `m` (source to output); outside the source is `fill`. */
export function warpPerspective(
  image: RgbImage,
  m: Matrix3,
  width: number,
  height: number,
  fill = PAD_VALUE,
): RgbImage {
  const [a, b, c, d, e, f, g, h, i] = invert(m);
  const out = createImage(width, height, fill);
  for (let y = 0, o = 0; y < height; y++) {
    for (let x = 0; x < width; x++, o += 3) {
      const w = g * x + h * y + i;
      const scale = w === 0 ? 0 : FRACTION / w;
      const sx = Math.round((a * x + b * y + c) * scale);
      const sy = Math.round((d * x + e * y + f) * scale);
      sample(image, sx, sy, fill, out.data, o);
    }
  }
  return out;
}

/** Writes the bilinear sample at (`sx`, `sy`), in 1/32 pixels, to `out[o .. o + 2]`. */
function sample(image: RgbImage, sx: number, sy: number, fill: number, out: Uint8Array, o: number): void {
  const { width, height, data } = image;
  const x = sx >> FRACTION_BITS;
  const y = sy >> FRACTION_BITS;
  if (x < -1 || y < -1 || x >= width || y >= height) return;
  const fx = sx & (FRACTION - 1);
  const fy = sy & (FRACTION - 1);
  const w11 = fx * fy;
  const w10 = (FRACTION - fx) * fy;
  const w01 = fx * (FRACTION - fy);
  const w00 = (FRACTION - fx) * (FRACTION - fy);
  const p = (y * width + x) * 3;
  const q = p + width * 3;
  if (x >= 0 && y >= 0 && x < width - 1 && y < height - 1) {
    out[o] = (data[p] * w00 + data[p + 3] * w01 + data[q] * w10 + data[q + 3] * w11 + 512) >> 10;
    out[o + 1] = (data[p + 1] * w00 + data[p + 4] * w01 + data[q + 1] * w10 + data[q + 4] * w11 + 512) >> 10;
    out[o + 2] = (data[p + 2] * w00 + data[p + 5] * w01 + data[q + 2] * w10 + data[q + 5] * w11 + 512) >> 10;
    return;
  }
  const left = x >= 0;
  const right = x < width - 1;
  const top = y >= 0;
  const bottom = y < height - 1;
  for (let c = 0; c < 3; c++) {
    const v00 = top && left ? data[p + c] : fill;
    const v01 = top && right ? data[p + 3 + c] : fill;
    const v10 = bottom && left ? data[q + c] : fill;
    const v11 = bottom && right ? data[q + 3 + c] : fill;
    out[o + c] = (v00 * w00 + v01 * w01 + v10 * w10 + v11 * w11 + 512) >> 10;
  }
}
