import { readFile, stat } from 'node:fs/promises';
import { reasonOf } from '@froyolo/errors';
import type { Checkpoint } from '../checkpoint.js';
import { CheckpointError } from '../errors.js';
import { loadCheckpoint } from '../load.js';

/**
 * Reads a checkpoint file, PyTorch or safetensors. Throws a `CheckpointError` naming the file when it can't be opened or
 * isn't one.
 */
export async function readCheckpointFile(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    const info = await stat(path);
    // Reading a pipe would wait for a writer, a device might never end.
    if (!info.isFile() && !info.isDirectory())
      throw new Error('it is a pipe, a socket or a device, not a file');
    bytes = await readFile(path);
  } catch (cause) {
    throw new CheckpointError("The file can't be read", path, `${reason(cause)}.`, { cause });
  }
  return loadCheckpoint(bytes, path);
}

/** Whether `path` is a regular file. */
export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ?? false;
}

/** What an error says, with the cause that Node's `fetch` hides behind "fetch failed". */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${reason(error.cause)}` : reasonOf(error);
}
