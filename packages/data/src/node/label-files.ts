import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { LabelError } from '../errors.js';
import { labelPathOf } from '../labels.js';
import { LIMITS } from '../limits.js';
import { isMissing, readTextBounded, reasonOf } from './files.js';

/** Label files of images on a disk. */
export class DiskLabels {
  /** Names of the files in a folder, also by their looser spelling. */
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, string>>>();

  /** The label file of an image, whose name may be in capitals (`.TXT`); undefined without one. */
  async find(image: string): Promise<string | undefined> {
    const file = labelPathOf(image);
    const folder = dirname(file);
    const listed = this.#folders.get(folder) ?? namesIn(folder);
    this.#folders.set(folder, listed);
    const names = await listed;
    const exact = basename(file);
    const name = names.get(exact) ?? names.get(loosely(exact));
    return name === undefined ? undefined : join(folder, name);
  }

  /** @throws LabelError when the file can't be read */
  read(file: string): Promise<string> {
    return readTextBounded(file, LIMITS.labelBytes).catch((error: unknown) => {
      throw new LabelError(file, undefined, `can't be read: ${reasonOf(error)}`);
    });
  }
}

/** Without capitals, and with accents in one spelling: a Mac takes them apart. */
const loosely = (name: string) => name.normalize('NFC').toLowerCase();

async function namesIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw new LabelError(folder, undefined, `can't be listed: ${reasonOf(error)}`);
  });
  return new Map([
    ...names.map((name) => [loosely(name), name] as const),
    ...names.map((name) => [name, name] as const),
  ]);
}
