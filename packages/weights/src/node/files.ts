import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
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
    bytes = await readFile(path);
  } catch (cause) {
    throw new CheckpointError("The file can't be read", path, `${reason(cause)}.`, { cause });
  }
  return loadCheckpoint(bytes, path);
}

/** A name beside `path` that no other process writes to. */
export function temporaryName(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`;
}

/**
 * Writes a file so that `path` holds either its former contents or all of the new: to a temporary name beside it, flushed,
 * then renamed. Makes missing folders. The temporary file is removed when writing fails, and the file system's error thrown.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryName(path);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
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
