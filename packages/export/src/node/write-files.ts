/** Exports as files. */
import { basename, dirname, join, parse, resolve } from 'node:path';
import { removeUnfinished, writeAtomic } from '@froyolo/common/node';
import type { ExportedFile } from '../export-model.js';

/**
 * Writes an export's files beside the weights, or into `folder`; what a killed export left of them is removed.
 * @param weights what was exported; it is never replaced
 * @returns the paths, in the order of the files
 */
export async function writeExport(
  files: readonly ExportedFile[],
  weights: string,
  folder: string = dirname(weights),
): Promise<string[]> {
  const paths = files.map(({ path }) => join(folder, path)).map((path) => besides(path, weights));
  for (const [index, { bytes }] of files.entries()) {
    const path = paths[index] ?? '';
    await removeUnfinished(dirname(path), basename(path));
    await writeAtomic(path, bytes);
  }
  return paths;
}

/** `best_exported.pt` where the path is that of the weights, `best.pt`. */
function besides(path: string, weights: string): string {
  if (resolve(path) !== resolve(weights)) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}_exported${ext}`);
}
