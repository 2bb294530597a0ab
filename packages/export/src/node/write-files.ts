/** Exports as files. */
import { basename, dirname, join, resolve } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { ExportError } from '../errors.js';
import type { ExportedFile } from '../export-model.js';

/**
 * Writes an export's files beside the weights, or into `folder`.
 * @param weights what was exported; a file of that name is never replaced
 * @returns the paths, in the order of the files
 */
export async function writeExport(
  files: readonly ExportedFile[],
  weights: string,
  folder: string = dirname(weights),
): Promise<string[]> {
  const paths = files.map(({ path }) => join(folder, path));
  const same = paths.find((path) => resolve(path) === resolve(weights));
  if (same !== undefined)
    throw new ExportError(
      `${basename(same)} would replace the weights that are exported: name another folder`,
    );
  for (const [index, { bytes }] of files.entries()) await writeAtomic(paths[index] ?? '', bytes);
  return paths;
}
