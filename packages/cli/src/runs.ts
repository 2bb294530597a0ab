/** Finds runs that can go on. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from './errors.js';

/**
 * The `weights/last.safetensors` that was written last, of the runs in a folder.
 * @throws CommandError when there is none
 */
export async function findLastCheckpoint(project: string): Promise<string> {
  const runs = await readdir(project).catch(() => []);
  const found = await Promise.all(
    runs.map(async (run) => {
      const file = join(project, run, 'weights', 'last.safetensors');
      const written = (await stat(file).catch(() => undefined))?.mtimeMs;
      return written === undefined ? [] : [{ file, written }];
    }),
  );
  const latest = found.flat().sort((a, b) => b.written - a.written)[0];
  if (!latest)
    throw new CommandError(
      `${project}: no run to resume; name its last.safetensors, or the folder with --project`,
    );
  return latest.file;
}
