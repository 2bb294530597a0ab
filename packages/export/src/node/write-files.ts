/** Exports as files. */
import { dirname, join, parse, resolve } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import type { ExportedFile } from '../export-model.js';

/**
 * Writes an export's files beside the weights, or into `folder`.
 * @param weights what was exported; it is never replaced
 * @returns the paths, in the order of the files
 */
export async function writeExport(
  files: readonly ExportedFile[],
  weights: string,
  folder: string = dirname(weights),
): Promise<string[]> {
  const paths = files.map(({ path }) => join(folder, path)).map((path) => besides(path, weights));
  for (const [index, { bytes }] of files.entries()) await writeAtomic(paths[index] ?? '', bytes);
  return paths;
}

/** `best_exported.pt` where the path is that of the weights, `best.pt`. */
function besides(path: string, weights: string): string {
  if (resolve(path) !== resolve(weights)) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}_exported${ext}`);
}
