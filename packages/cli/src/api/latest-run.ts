/** Finds runs that can go on. */
import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defaultIn, rowsIn, SETTINGS } from '@froyolo/run/settings';
import { TrainingError } from '@froyolo/yolo';

/**
 * The `weights/last.safetensors` that was written last, of the runs in a folder.
 * @throws TrainingError when there is none
 */
export async function findLastCheckpoint(project = projectOf('train')): Promise<string> {
  const file = await latestFile(project, join('weights', 'last.safetensors'));
  if (!file)
    throw new TrainingError(
      `${project}: no run to resume; name its last.safetensors, or the folder with --project`,
    );
  return file;
}

/**
 * The folder of the latest study in a folder.
 * @throws TrainingError when there is none
 */
export async function findLastStudy(project = projectOf('compare')): Promise<string> {
  const file = await latestFile(project, 'study.json');
  if (!file) throw new TrainingError(`${project}: no study to resume; name its folder, or --project`);
  return dirname(file);
}

/** The default of `project`. */
function projectOf(command: string): string {
  const row = rowsIn(SETTINGS, command).find(({ name }) => name === 'project');
  return row ? String(defaultIn(row, command)) : '.';
}

/** Finds the file with this name that was written last, in any folder of a project. */
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
