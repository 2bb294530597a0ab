import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { makeFolder } from './make-folder.js';
import { temporaryName } from './unfinished.js';

/** A path and its new content. */
export type FileContent = readonly [path: string, content: string | Uint8Array];

/**
 * Writes a file so that readers see the old content or the new, never a part: to a name of its own beside it, flushed to
 * the disk, then renamed. Makes missing folders; the temporary file is removed when writing fails.
 */
export function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  return writeTogether([[path, content]]);
}

/**
 * Writes files that belong together: all of them to temporary names first, then each is renamed, in their order. A full
 * disk leaves every old one in place. A process that is killed between two renames has replaced only the first files, so the
 * file that refers to the others must come last.
 */
export async function writeTogether(files: readonly FileContent[]): Promise<void> {
  const parts = files.map(([path, content]) => ({
    path,
    content,
    temporary: temporaryName(path),
  }));
  try {
    for (const { temporary, content, path } of parts)
      await writeFlushed(temporary, content).catch((error: unknown) => {
        throw naming(path, error);
      });
    for (const { temporary, path } of parts) await rename(temporary, path);
  } catch (error) {
    for (const { temporary } of parts) await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes a file from a stream so that it appears whole, flushed to the disk. Makes missing folders; the temporary file is
 * removed when writing fails.
 * @param fill writes to the stream until all is written, or fails
 */
export async function streamAtomic(path: string, fill: (sink: Writable) => Promise<unknown>): Promise<void> {
  const temporary = temporaryName(path);
  makeFolder(dirname(path));
  // Opened before the stream: one that fails while it opens its file would make it after it is removed.
  const file = await open(temporary, 'wx');
  try {
    await fill(file.createWriteStream({ flush: true }));
    await rename(temporary, path);
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
}

/** An error of the operating system with the file that was to be written; writing itself doesn't know it. */
function naming(path: string, error: unknown): unknown {
  return error instanceof Error && 'code' in error ? Object.assign(error, { path }) : error;
}

async function writeFlushed(path: string, content: string | Uint8Array): Promise<void> {
  makeFolder(dirname(path));
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
