/** Opened checkpoints, shared by projects. */
import { sha256 } from '@froyolo/common';
import { library } from './database.js';
import type { OpenedWeights } from './types.js';

/** All checkpoints, the last opened one first. */
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

/** A key that is always the same for the same file: a hash of its bytes. */
export const weightsKey = (bytes: ArrayBuffer): Promise<string> => sha256(bytes);
