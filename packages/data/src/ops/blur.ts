/** Blurs over square neighborhoods, in place. */
import type { RgbImage } from '../image.js';

/** Mean of `side` x `side` pixels; beyond the edge the image is mirrored at the edge's pixel. */
export function blur(image: RgbImage, side: number): void {
  const { width, height, data } = image;
  const original = data.slice();
  const columns = mirrored(width, side);
  const rows = mirrored(height, side);
  const sums = new Uint32Array(width * 3);
  for (const [y, lines] of rows.entries()) {
    sums.fill(0);
    for (const line of lines) {
      const start = line * width * 3;
      for (let i = 0; i < sums.length; i++) sums[i] = Number(sums[i]) + Number(original[start + i]);
    }
    for (const [x, neighbors] of columns.entries())
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (const neighbor of neighbors) sum += Number(sums[neighbor * 3 + c]);
        data[(y * width + x) * 3 + c] = Math.round(sum / (side * side));
      }
  }
}

/** Median of `side` x `side` pixels, each channel by itself; beyond the edge its pixels are repeated. */
export function medianBlur(image: RgbImage, side: number): void {
  const { width, height, data } = image;
  const original = data.slice();
  const columns = repeated(width, side);
  const rows = repeated(height, side);
  const window = new Uint8Array(side * side);
  for (const [y, lines] of rows.entries())
    for (const [x, neighbors] of columns.entries())
      for (let c = 0; c < 3; c++) {
        let count = 0;
        for (const line of lines)
          for (const neighbor of neighbors)
            window[count++] = Number(original[(line * width + neighbor) * 3 + c]);
        window.sort();
        data[(y * width + x) * 3 + c] = Number(window[window.length >> 1]);
      }
}

/** Places of a neighborhood around each place of a line, with what stands for those beyond its ends. */
function neighborhoods(length: number, side: number, inside: (place: number) => number): number[][] {
  const reach = side >> 1;
  return Array.from({ length }, (_, at) => Array.from({ length: side }, (_, i) => inside(at + i - reach)));
}

const repeated = (length: number, side: number) =>
  neighborhoods(length, side, (place) => Math.min(Math.max(place, 0), length - 1));

const mirrored = (length: number, side: number) =>
  neighborhoods(length, side, (place) => {
    if (length === 1) return 0;
    const period = 2 * (length - 1);
    const within = ((place % period) + period) % period;
    return Math.min(within, period - within);
  });
