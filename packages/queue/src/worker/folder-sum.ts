import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { sumOfFile } from '../store/sums.js';

/** Written by a training beside the labels, with the cache of their content. */
const ADDED = /\.froyolo-|^\./;

/** A checksum of the names and contents of the files in a folder, without those that a training adds. */
export async function sumOfFolder(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (file) =>
        !relative(folder, file)
          .split(/[\\/]/)
          .some((part) => ADDED.test(part)),
    )
    .sort();
  const hash = createHash('sha256');
  for (const file of files) {
    const { sha256 } = await sumOfFile(file);
    hash.update(`${relative(folder, file).replaceAll('\\', '/')}\0${sha256}\n`);
  }
  return hash.digest('hex');
}
