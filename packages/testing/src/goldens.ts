/** Goldens: arrays and JSON of fixtures, and of `shared/goldens` beside the repository. */
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { noShared, sharedNote, sharedPath } from './shared.js';

/** For `describe.skipIf` and its title. */
export const noGoldens = noShared('goldens');
export const goldensTitle = sharedNote('goldens');

export interface GoldenArray {
  readonly shape: readonly number[];
  /** Float64 holds every number that the files have. */
  readonly data: Float64Array;
}

export const sharedArrays = (name: string) => readArrays(goldenUrl(`${name}.safetensors`));
export const sharedJson = (name: string): unknown => readJson(goldenUrl(`${name}.json`));

const goldenUrl = (file: string) => pathToFileURL(sharedPath(`goldens/${file}`));

export const readJson = (url: URL): unknown => JSON.parse(readFileSync(url, 'utf8'));

const READERS: Record<string, [bytes: number, read: (view: DataView, at: number) => number]> = {
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F64: [8, (view, at) => view.getFloat64(at, true)],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  U8: [1, (view, at) => view.getUint8(at)],
  BOOL: [1, (view, at) => view.getUint8(at)],
};

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** The arrays of a safetensors file, by name; asking for one that does not exist fails. */
export function readArrays(url: URL): (name: string) => GoldenArray {
  const bytes = readFileSync(url);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<string, HeaderEntry>;
  return (name) => {
    const entry = header[name];
    const reader = entry && READERS[entry.dtype];
    if (!entry || !reader) throw new Error(`${fileURLToPath(url)} has no array "${name}" of a known type`);
    const [size, read] = reader;
    const [start, end] = entry.data_offsets;
    const data = Float64Array.from({ length: (end - start) / size }, (_, i) =>
      read(view, 8 + headerLength + start + i * size),
    );
    return { shape: entry.shape, data };
  };
}

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum);
}

/** Largest difference, as a fraction of the largest magnitude expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length)
    throw new Error(`${actual.length} values where ${expected.length} are expected`);
  let [difference, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    scale = Math.max(scale, Math.abs(expected[i]));
    if (Number.isNaN(actual[i])) return Number.NaN;
  }
  return scale === 0 ? difference : difference / scale;
}
