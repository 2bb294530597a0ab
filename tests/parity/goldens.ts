/** The reference's numbers, where this machine has them. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Batch } from '@froyolo/data';
import { readSafetensors, type TensorData } from '@froyolo/weights';

const SHARED = resolve(import.meta.dirname, '../../../shared');

export const noGoldens = !existsSync(resolve(SHARED, 'goldens'));
/** For titles of what is skipped without them. */
export const why = noGoldens ? ' (skipped: ../shared is missing)' : '';

export const sharedPath = (path: string) => resolve(SHARED, path);

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(sharedPath(`goldens/${name}.json`), 'utf8')) as T;
}

export function goldenTensors(name: string): ReadonlyMap<string, TensorData> {
  return readSafetensors(readFileSync(sharedPath(`goldens/${name}.safetensors`))).tensors;
}

/** Four images at 320 px with their targets. */
export function goldenBatch(): Batch {
  const tensors = goldenTensors('batch');
  return {
    images: tensors.get('images')!.data as Uint8Array,
    shape: [4, 3, 320, 320],
    targets: tensors.get('targets')!.data as Float32Array,
    paths: [],
    meta: [],
  };
}

export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! ** 2;
  return Math.sqrt(sum);
}

/** Largest difference as a fraction of the largest magnitude. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return difference / scale;
}
