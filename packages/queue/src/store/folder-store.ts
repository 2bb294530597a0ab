/** A folder that every machine sees, such as a network share, as a store. */
import { open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder, removeUnfinished, streamAtomic } from '@froyolo/common/node';
import { describeSystemError, isSystemError } from '@froyolo/errors';
import { StoreError } from '../errors.js';
import type { Content, Store } from './store.js';

/** A file that was not written to for this time is not being written any more. */
const IDLE_MS = 10 * 60_000;

export class FolderStore implements Store {
  readonly shown: string;

  private constructor(folder: string) {
    this.shown = folder;
  }

  /** @throws StoreError if the folder can't be made or listed */
  static async open(folder: string): Promise<FolderStore> {
    try {
      makeFolder(join(folder, 'objects'));
    } catch (error) {
      throw new StoreError(`the store ${folder} can't be used: ${words(error)}`, { cause: error });
    }
    return new FolderStore(folder);
  }

  async sizeOf(key: string): Promise<number | undefined> {
    const info = await stat(this.#path(key)).catch(onMissing(undefined));
    return info?.isFile() ? info.size : undefined;
  }

  async read(key: string): Promise<Readable> {
    const file = await open(this.#path(key)).catch((error: unknown) => {
      throw new StoreError(`${this.#path(key)} can't be read from the store: ${words(error)}`, {
        cause: error,
      });
    });
    return file.createReadStream();
  }

  write(key: string, content: Content): Promise<void> {
    return streamAtomic(this.#path(key), (sink) => pipeline(content.open(), sink));
  }

  async list(folder: string): Promise<string[]> {
    const names = await readdir(this.#path(folder)).catch(onMissing([]));
    return names.filter((name) => !name.endsWith('.part')).map((name) => `${folder}${name}`);
  }

  async remove(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => rm(this.#path(key), { force: true })));
    const folders = new Set(keys.map((key) => dirname(this.#path(key))));
    for (const folder of folders) {
      await removeUnfinished(folder, undefined, IDLE_MS);
      await removeEmpty(folder);
    }
  }

  async tidy(): Promise<void> {
    for (const parent of [this.#path('objects'), this.#path('runs')]) {
      for (const name of await readdir(parent).catch(onMissing([]))) {
        const folder = join(parent, name);
        const isIdle = Date.now() - (await stat(folder)).mtimeMs > IDLE_MS;
        await removeUnfinished(folder, undefined, IDLE_MS);
        // A recent one may be about to be written to.
        if (isIdle) await removeEmpty(folder);
      }
    }
  }

  close(): void {}

  #path(key: string): string {
    return join(this.shown, ...key.split('/'));
  }
}

/** Removes a folder; one that isn't empty stays. */
const removeEmpty = (folder: string) => rmdir(folder).catch(() => undefined);

function onMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (isSystemError(error) && error.code === 'ENOENT') return otherwise;
    throw error;
  };
}

const words = (error: unknown) => (isSystemError(error) ? describeSystemError(error) : String(error));
