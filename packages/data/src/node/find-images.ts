import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, isAbsolute, join, resolve } from 'node:path';
import { DatasetError } from '../errors.js';
import { isImagePath } from './image-file.js';

/** Image paths that a split entry stands for: a folder (searched through), a text file of paths, or one image. */
export async function findImages(entry: string): Promise<string[]> {
  const info = await stat(entry).catch(() => undefined);
  if (!info)
    throw new DatasetError(
      `${entry}: no such file or folder; check "path" and the split's entry in the dataset YAML`,
    );
  if (info.isDirectory()) {
    const files = await readdir(entry, { recursive: true, withFileTypes: true });
    const paths = files.filter((file) => !file.isDirectory()).map((file) => join(file.parentPath, file.name));
    return paths.filter(isImagePath).sort(byCodePoint);
  }
  if (extname(entry).toLowerCase() === '.txt') return readList(entry);
  if (isImagePath(entry)) return [entry];
  throw new DatasetError(`${entry}: not a folder, a .txt list or an image`);
}

/** Paths in a list are relative to the list. */
async function readList(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim());
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#'));
  return paths.map((path) => (isAbsolute(path) ? path : resolve(dirname(file), path))).filter(isImagePath);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
