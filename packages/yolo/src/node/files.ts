/** Files of a run: written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes to a temporary name beside the file, then renames: a reader sees the old content or the new. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/**
 * A folder for a run: `project/name`, or `project/name2`, `name3`, … where that is taken.
 * @param existOk use `project/name` even if it is there
 */
export function runFolder(project: string, name: string, existOk = false): string {
  let folder = join(project, name);
  for (let n = 2; !existOk && existsSync(folder); n++) folder = join(project, `${name}${n}`);
  return folder;
}
