/** The folders of feature caches side by side: how much they take, and which goes first. */
import { existsSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@froyolo/common/node';
import { reasonOf } from '@froyolo/errors';
import { TrainingError } from '@froyolo/yolo';
import { FEATURES, JOURNAL } from '../features/recorded-features.js';
import { holderOf } from './folder-lock.js';

/** A key, as `featureKey` makes it: no other folder is touched. */
const KEY = /^[0-9a-f]{32}$/;

/** Deletes caches that were written longest ago until the others take no more than `bytes`; one in use stays. */
export function makeRoom(folder: string, key: string, bytes: number): void {
  makeCacheFolder(folder);
  const others = readdirSync(folder)
    .filter((name) => KEY.test(name) && name !== key && existsSync(join(folder, name, JOURNAL)))
    .map((name) => join(folder, name))
    .filter((path) => holderOf(path) === undefined)
    .sort((a, b) => lastUse(b) - lastUse(a));
  let taken = 0;
  for (const path of others) {
    taken += folderBytes(path);
    if (taken > bytes) rmSync(path, { recursive: true, force: true });
  }
}

/** @throws TrainingError where a file is in its place, or it can't be made */
export function makeCacheFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new TrainingError(
      `${folder}: features can't be cached there: ${reasonOf(error)}; name another folder (--cache-dir)`,
      { cause: error },
    );
  }
}

const lastUse = (folder: string) => statSync(join(folder, JOURNAL)).mtimeMs;

/** Bytes of a cache's features; 0 without any. */
export function folderBytes(folder: string): number {
  return statSync(join(folder, FEATURES), { throwIfNoEntry: false })?.size ?? 0;
}

/** Bytes that can still be written to the disk of a folder. */
export function freeDisk(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
