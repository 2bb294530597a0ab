/** Opened checkpoints, shared by projects. */
import { sha256 } from '@froyolo/common';
import { library } from './database.js';
import type { OpenedWeights } from './types.js';

/** The last opened first. */
export async function listWeights(): Promise<OpenedWeights[]> {
  const all = await (await library()).getAll('weights');
  return all.sort((a, b) => b.opened - a.opened);
}

export async function saveWeights(weights: OpenedWeights): Promise<void> {
  await (await library()).put('weights', weights);
}

export async function readWeights(id: string): Promise<OpenedWeights | undefined> {
  return (await library()).get('weights', id);
}

/** A key that the same file always has: what its bytes hash to. */
export const weightsKey = (bytes: ArrayBuffer): Promise<string> => sha256(bytes);
