/** Folders that appear whole or not at all: they are filled under another name and renamed. */
import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isRunning, makeFolder } from '@froyolo/common/node';
import { DatasetError } from '../errors.js';
import { isMissing, reasonOf } from './files.js';

/** Names of the folders that this process fills. */
const own = new Set<string>();

export interface StagingOptions {
  /** Entries that the folder may have, to be replaced. Default: it must be empty or missing. */
  readonly replace?: readonly string[];
}

/**
 * Calls `fill` with an empty folder that becomes `folder` on success and vanishes on failure. Removes what a killed earlier
 * call left behind.
 * @throws DatasetError when `folder` holds anything that isn't to be replaced
 */
export async function fillFolder<T>(
  folder: string,
  { replace }: StagingOptions,
  fill: (staging: string) => Promise<T>,
): Promise<T> {
  const target = resolve(folder);
  const present = await namesIn(target);
  if (present.length > 0 && !replace) throw new DatasetError(notEmpty(folder, present));
  await removeLeftovers(target);
  const staging = `${target}.${process.pid}-${randomBytes(3).toString('hex')}.part`;
  own.add(staging);
  try {
    makeFolder(staging);
    const result = await fill(staging);
    await moveInto(staging, target, replace ?? []);
    return result;
  } finally {
    await rm(staging, { recursive: true, force: true });
    own.delete(staging);
  }
}

function notEmpty(folder: string, present: readonly string[]): string {
  const some = present.slice(0, 3).join(', ') + (present.length > 3 ? ', …' : '');
  return `${folder}: holds ${some} already; name another folder, or replace what is in it (--exist-ok)`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw new DatasetError(`${folder}: can't be used as a folder: ${reasonOf(error)}`);
  }
}

/** Folders of processes that don't run any more. */
async function removeLeftovers(target: string): Promise<void> {
  const pattern = /\.(\d+)-[\da-f]{6}\.part$/;
  const siblings = await readdir(dirname(target)).catch(() => []);
  for (const name of siblings.filter((one) => one.startsWith(`${basename(target)}.`))) {
    const path = join(dirname(target), name);
    const pid = Number(pattern.exec(name)?.[1]);
    if (pid > 0 && !own.has(path) && !isAlive(pid)) await rm(path, { recursive: true, force: true });
  }
}

const isAlive = (pid: number) => pid !== process.pid && isRunning(pid);

async function moveInto(staging: string, target: string, replace: readonly string[]): Promise<void> {
  for (const name of replace) await rm(join(target, name), { recursive: true, force: true });
  await rmdir(target).catch(() => {});
  const left = await namesIn(target);
  if (left.length === 0) return rename(staging, target);
  if (replace.length === 0) throw new DatasetError(notEmpty(target, left));
  for (const name of await readdir(staging)) await rename(join(staging, name), join(target, name));
}
