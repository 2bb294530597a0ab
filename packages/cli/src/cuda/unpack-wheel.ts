/** Takes libraries out of wheels, which are zip archives. */
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { removeUnfinished, temporaryName } from '@froyolo/common/node';
import { reasonOf } from '@froyolo/errors';
import { type Entry, openPromise } from 'yauzl';
import { CommandError } from '../errors.js';

export interface Unpacking {
  /** Files that must be in it, by name; they are put side by side. */
  readonly files: readonly string[];
  /** Folders that are taken as they are, below the folder of the wheel's package. */
  readonly folders?: readonly string[];
}

/**
 * Unpacks some of a wheel, its licenses always, to a folder, which is there only when it is complete.
 * @throws CommandError where the wheel is damaged or has not what is expected
 */
export async function unpackWheel(wheel: string, folder: string, wanted: Unpacking): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await removeUnfinished(dirname(folder), basename(folder));
  const temporary = temporaryName(folder);
  try {
    const found = await unpack(wheel, temporary, wanted).catch((error: unknown) => {
      throw new CommandError(`${wheel}: can't be unpacked: ${reasonOf(error)}`, { cause: error });
    });
    const missing = wanted.files.filter((name) => !found.has(name));
    if (missing.length > 0) throw new CommandError(`${wheel} has no ${missing.join(', ')}`);
    await rename(temporary, folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function unpack(wheel: string, folder: string, wanted: Unpacking): Promise<Set<string>> {
  const archive = await openPromise(wheel);
  const found = new Set<string>();
  try {
    for await (const entry of archive.eachEntry()) {
      const place = placeOf(entry, wanted);
      if (place === undefined) continue;
      const path = join(folder, place);
      await mkdir(dirname(path), { recursive: true });
      await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(path));
      found.add(place);
    }
  } finally {
    archive.close();
  }
  return found;
}

/** Where an entry goes, relative to the folder; nothing for one that isn't wanted. */
function placeOf({ fileName }: Entry, { files, folders = [] }: Unpacking): string | undefined {
  if (fileName.endsWith('/')) return undefined;
  const name = basename(fileName);
  if (files.includes(name)) return name;
  if (/\.dist-info\/.*(licen[cs]e|notice)[^/]*$/i.test(fileName)) return join('licenses', name);
  const below = normalize(fileName.slice(fileName.indexOf('/') + 1));
  return folders.some((folder) => below.startsWith(`${folder}/`)) ? below : undefined;
}
