/** What a worker fetched from the store, kept for later runs, in a folder that several workers may share. */
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { removeUnfinished, temporaryName, writeAtomic } from '@froyolo/common/node';
import { DATA_YAML } from '../pack/dataset.js';
import { unpack } from '../pack/unpack.js';
import type { Blob, NamedBlob } from '../protocol.js';
import { objectKey, type Store } from '../store/store.js';
import { fetchVerified, readVerified, sumOfFile } from '../store/sums.js';
import { sumOfFolder } from './folder-sum.js';

/** What was not written to for this time is not being fetched any more. */
const IDLE_MS = 10 * 60_000;

export class Cache {
  readonly #store: Store;
  readonly #folder: string;
  /** By their sums: each is checked once, and fetched once, by this process. */
  readonly #ready = new Map<string, Promise<string>>();

  constructor(store: Store, folder: string) {
    this.#store = store;
    this.#folder = folder;
  }

  /** The YAML of a dataset. */
  dataset(blob: Blob): Promise<string> {
    return this.#once(blob.sha256, () => this.#dataset(blob));
  }

  /** A file under its own name. */
  file({ name, ...blob }: NamedBlob): Promise<string> {
    return this.#once(`${blob.sha256}/${name}`, async () => {
      const path = join(this.#folder, 'files', blob.sha256, name);
      const there = await sumOfFile(path).catch(() => undefined);
      if (there?.sha256 !== blob.sha256) await fetchVerified(this.#store, objectKey(blob.sha256), blob, path);
      return path;
    });
  }

  /** Where runs of this worker keep their folders. */
  get runs(): string {
    return join(this.#folder, 'runs');
  }

  /** Removes what workers left that were killed while they fetched. */
  async tidy(): Promise<void> {
    await removeUnfinished(join(this.#folder, 'datasets'), undefined, IDLE_MS);
    const files = join(this.#folder, 'files');
    for (const name of await readdir(files).catch(() => []))
      await removeUnfinished(join(files, name), undefined, IDLE_MS);
  }

  #once(key: string, work: () => Promise<string>): Promise<string> {
    const known = this.#ready.get(key);
    if (known) return known;
    const ready = work();
    this.#ready.set(key, ready);
    // What failed is tried again by the next run.
    ready.catch(() => this.#ready.delete(key));
    return ready;
  }

  async #dataset(blob: Blob): Promise<string> {
    const folder = join(this.#folder, 'datasets', blob.sha256);
    const yaml = join(folder, 'files', DATA_YAML);
    if (await isWhole(folder)) return yaml;
    const temporary = temporaryName(folder);
    try {
      await mkdir(join(temporary, 'files'), { recursive: true });
      await readVerified(this.#store, objectKey(blob.sha256), blob, (archive) =>
        unpack(archive, join(temporary, 'files')),
      );
      await writeAtomic(sumFile(temporary), await sumOfFolder(join(temporary, 'files')));
      await mkdir(dirname(folder), { recursive: true });
      await replace(temporary, folder);
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return yaml;
  }
}

const sumFile = (folder: string) => join(folder, 'sum');

/** Whether the unpacked files are unchanged; files that a training adds beside them don't count. */
async function isWhole(folder: string): Promise<boolean> {
  const expected = await readFile(sumFile(folder), 'utf8').catch(() => undefined);
  if (expected === undefined) return false;
  return expected === (await sumOfFolder(join(folder, 'files')).catch(() => undefined));
}

/** Another worker may have put the same folder there meanwhile. */
async function replace(from: string, to: string): Promise<void> {
  if (await isWhole(to)) return;
  await rm(to, { recursive: true, force: true });
  await rename(from, to).catch(async (error: unknown) => {
    if (!(await isWhole(to))) throw error;
  });
}
