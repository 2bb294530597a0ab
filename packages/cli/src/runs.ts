/** Finds runs that can go on. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandError } from './errors.js';

/**
 * The `weights/last.safetensors` that was written last, of the runs in a folder.
 * @throws CommandError when there is none
 */
export async function findLastCheckpoint(project: string): Promise<string> {
  const file = await latestFile(project, join('weights', 'last.safetensors'));
  if (!file)
    throw new CommandError(
      `${project}: no run to resume; name its last.safetensors, or the folder with --project`,
    );
  return file;
}

/**
 * The folder of the study that was begun last, of those in a folder.
 * @throws CommandError when there is none
 */
export async function findLastStudy(project: string): Promise<string> {
  const file = await latestFile(project, 'study.json');
  if (!file) throw new CommandError(`${project}: no study to resume; name its folder, or --project`);
  return dirname(file);
}

/** Of the folders in a folder, the file of a name that was written last. */
async function latestFile(project: string, name: string): Promise<string | undefined> {
  const folders = await readdir(project).catch(() => []);
  const found = await Promise.all(
    folders.map(async (folder) => {
      const file = join(project, folder, name);
      const written = (await stat(file).catch(() => undefined))?.mtimeMs;
      return written === undefined ? [] : [{ file, written }];
    }),
  );
  return found.flat().sort((a, b) => b.written - a.written)[0]?.file;
}
