/**
 * Contrast limited adaptive histogram equalization (Zuiderveld, Graphics Gems IV, 1994) of the lightness, as OpenCV
 * computes it: 8 x 8 tiles, each with a curve of its own, and between the centers of tiles a mix of their curves.
 */
import { roundHalfEven } from '@froyolo/common';
import type { RgbImage } from '../image.js';
import { lightnessOf, withLightness } from './lab.js';

const TILES = 8;
const LEVELS = 256;

/** Evens out local contrast, in place. @param limit how much larger than the mean a level's count may be, before it is cut */
export function equalizeLocally(image: RgbImage, limit: number): void {
  const { width, height, data } = image;
  const lightness = new Uint8Array(width * height);
  for (let i = 0; i < lightness.length; i++)
    lightness[i] = lightnessOf(Number(data[3 * i]), Number(data[3 * i + 1]), Number(data[3 * i + 2]));
  const equal = equalized(lightness, width, height, limit);
  for (let i = 0; i < equal.length; i++) {
    const [r, g, b] = data.subarray(3 * i, 3 * i + 3);
    data.set(withLightness(Number(equal[i]), Number(r), Number(g), Number(b)), 3 * i);
  }
}

/** The same of one channel, `[height, width]`. */
export function equalized(values: Uint8Array, width: number, height: number, limit: number): Uint8Array {
  const size = { width: Math.ceil(width / TILES), height: Math.ceil(height / TILES) };
  const curves = Array.from({ length: TILES * TILES }, (_, tile) =>
    curveOf(histogram(values, width, height, tile, size), size.width * size.height, limit),
  );
  const columns = mixes(width, size.width);
  return Uint8Array.from(values, (value, i) => {
    const across = columns[i % width];
    const down = mixOf(Math.floor(i / width), size.height);
    if (!across) return value;
    const at = (row: number, column: number) => Number(curves[row * TILES + column]?.[value]);
    const upper = at(down.from, across.from) * (1 - across.weight) + at(down.from, across.to) * across.weight;
    const lower = at(down.to, across.from) * (1 - across.weight) + at(down.to, across.to) * across.weight;
    return roundHalfEven(upper * (1 - down.weight) + lower * down.weight);
  });
}

/** Counts of the levels in a tile; beyond the edge the image is mirrored at the edge's pixel. */
function histogram(
  values: Uint8Array,
  width: number,
  height: number,
  tile: number,
  size: { readonly width: number; readonly height: number },
): Uint32Array {
  const counts = new Uint32Array(LEVELS);
  const [left, top] = [(tile % TILES) * size.width, Math.floor(tile / TILES) * size.height];
  for (let y = top; y < top + size.height; y++)
    for (let x = left; x < left + size.width; x++) {
      const value = Number(values[mirrored(y, height) * width + mirrored(x, width)]);
      counts[value] = Number(counts[value]) + 1;
    }
  return counts;
}

function mirrored(place: number, length: number): number {
  if (place < length) return place;
  return Math.max(0, 2 * (length - 1) - place);
}

/** New levels: the share of pixels up to each, after what exceeds the limit was dealt to all levels. */
function curveOf(counts: Uint32Array, area: number, limit: number): Uint8Array {
  const most = Math.max(1, Math.floor((limit * area) / LEVELS));
  let excess = 0;
  const cut = counts.map((count) => {
    excess += Math.max(0, count - most);
    return Math.min(count, most);
  });
  const each = Math.floor(excess / LEVELS);
  let rest = excess % LEVELS;
  const step = Math.max(1, Math.floor(LEVELS / Math.max(rest, 1)));
  const dealt = cut.map((count, level) => {
    const extra = rest > 0 && level % step === 0 ? 1 : 0;
    rest -= extra;
    return count + each + extra;
  });
  let sum = 0;
  return Uint8Array.from(dealt, (count) => {
    sum += count;
    return Math.min(LEVELS - 1, roundHalfEven((sum * (LEVELS - 1)) / area));
  });
}

/** The two tiles whose centers are around a place, and how near it is to the second. */
interface Mix {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

function mixOf(place: number, size: number): Mix {
  const at = place / size - 0.5;
  const from = Math.floor(at);
  return { from: Math.max(from, 0), to: Math.min(from + 1, TILES - 1), weight: at - from };
}

const mixes = (length: number, size: number): Mix[] =>
  Array.from({ length }, (_, place) => mixOf(place, size));
