/** Where a run puts its files. */
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@froyolo/common/node';
import { reasonOf } from '@froyolo/errors';
import { SettingsError } from '../settings/index.js';
import { codeOf } from './error-code.js';

/**
 * Makes the folder of a run: `project/name`, or `project/name2`, `name3`, … where that is taken. Making it claims it: of
 * several processes that start at the same time each gets its own.
 * @param existOk use `project/name` even if it is there
 * @throws SettingsError if it can't be made
 */
export function claimRunFolder(project: string, name: string, existOk = false): string {
  try {
    return claim(project || '.', name, existOk);
  } catch (error) {
    const reason = codeOf(error) === 'EEXIST' ? 'it is a file, not a folder' : reasonOf(error);
    throw new SettingsError('project', `${join(project, name)} can't be made: ${reason}`);
  }
}

function claim(project: string, name: string, existOk: boolean): string {
  makeFolder(project);
  // Numbers follow the folder's own name, also where a slash ends it or no name is given.
  const first = join(project, name).replace(/(?<=[^\\/])[\\/]+$/, '');
  for (let n = 1; ; n++) {
    const folder = n === 1 ? first : `${first}${n}`;
    if (existOk || isClaimed(folder)) {
      makeFolder(folder);
      return folder;
    }
  }
}

/** Whether this process made the folder; false if it was there before. */
function isClaimed(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A name with a slash is a path: its parents are made first.
    if (codeOf(error) !== 'ENOENT') throw error;
    const parent = join(folder, '..');
    if (existsSync(parent)) throw error;
    makeFolder(parent);
    return isClaimed(folder);
  }
}

/**
 * Does work that fills a claimed folder; if it fails and the folder is still empty, the folder is removed.
 * @param folder undefined if nothing is written
 */
export async function fillingFolder<T>(folder: string | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (folder !== undefined) removeIfEmpty(folder);
    throw error;
  }
}

/** Removes an empty folder. @returns whether it is gone; a failure to remove it is no error */
export function removeIfEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
