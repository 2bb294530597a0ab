/** The reference's numbers of training and detecting. */
import { readFileSync } from 'node:fs';
import type { Batch } from '@froyolo/data';
import { sharedArrays, sharedJson, sharedPath } from '@froyolo/testing';
import { readSafetensors, type TensorData } from '@froyolo/weights';

export const goldenJson = <T>(name: string): T => sharedJson(name) as T;

/** All tensors of a file. */
export function goldenTensors(name: string): ReadonlyMap<string, TensorData> {
  return readSafetensors(readFileSync(sharedPath(`goldens/${name}.safetensors`))).tensors;
}

/** Four images at 320 px with their targets. */
export function goldenBatch(): Batch {
  const arrays = sharedArrays('batch');
  return {
    images: Uint8Array.from(arrays('images').data),
    shape: [4, 3, 320, 320],
    targets: Float32Array.from(arrays('targets').data),
    paths: [],
    meta: [],
  };
}
