/** Reads untrusted files: bounded, never a pipe or a device, with reasons in words. */
import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';

export { reasonOf } from '@froyolo/errors';

import { DataError } from '../errors.js';
import { mebibytes } from '../limits.js';
import { decodeText } from '../text.js';

/** The code of an error of the operating system, such as ENOENT. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Whether nothing is at the path that the error is about. */
export function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/**
 * The bytes of a regular file of at most `limit` bytes; a pipe, a device or a larger file is refused before it is read.
 * @throws DataError without the path (callers add it), or an error of the operating system
 */
export async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  await checkRegular(path, limit);
  // Opening a pipe would wait for a writer.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const bytes = await file.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } finally {
    await file.close();
  }
}

/** {@link readBounded} as text of any Unicode encoding. */
export async function readTextBounded(path: string, limit: number): Promise<string> {
  return decodeText(await readBounded(path, limit));
}

/** Refuses what {@link readBounded} refuses. */
export async function checkRegular(path: string, limit: number): Promise<void> {
  const info = await stat(path);
  if (info.isDirectory()) throw new DataError('it is a folder, not a file');
  if (!info.isFile()) throw new DataError('it is a pipe, a socket or a device, not a file');
  if (info.size > limit)
    throw new DataError(`it has ${mebibytes(info.size)}; at most ${mebibytes(limit)} are read`);
}
