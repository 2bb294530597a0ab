import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A path and what is to be there. */
export type FileContent = readonly [path: string, content: string | Uint8Array];

/** A name beside `path` that no other process writes to. */
export function temporaryName(path: string): string {
  return `${path}.${randomUUID().slice(0, 8)}.part`;
}

/**
 * Writes a file so that readers see the old content or the new, never a part: to a name of its own beside it, flushed to
 * the disk, then renamed. Makes missing folders; the temporary file is removed when writing fails.
 */
export function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  return writeTogether([[path, content]]);
}

/**
 * Writes files that belong together: all of them to temporary names first, then each is renamed, in their order. A full
 * disk leaves every old one in place. Whoever is killed between two renames has the first files and not the last, so the one
 * that says that the others are there comes last.
 */
export async function writeTogether(files: readonly FileContent[]): Promise<void> {
  const parts = files.map(([path, content]) => ({
    ...{ path, content },
    temporary: temporaryName(path),
  }));
  try {
    for (const { temporary, content } of parts) await writeFlushed(temporary, content);
    for (const { temporary, path } of parts) await rename(temporary, path);
  } catch (error) {
    for (const { temporary } of parts) await rm(temporary, { force: true });
    throw error;
  }
}

async function writeFlushed(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
