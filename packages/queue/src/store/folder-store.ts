/** A folder that every machine sees, such as a network share, as a store. */
import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describeSystemError, isSystemError } from '@froyolo/errors';
import { StoreError } from '../errors.js';
import type { Content, Store } from './store.js';

const UNFINISHED = /\.[0-9a-f]{8}\.part$/;

export class FolderStore implements Store {
  readonly shown: string;

  private constructor(folder: string) {
    this.shown = folder;
  }

  /** @throws StoreError where the folder can't be made or listed */
  static async open(folder: string): Promise<FolderStore> {
    try {
      await mkdir(join(folder, 'objects'), { recursive: true });
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

  async write(key: string, content: Content): Promise<void> {
    const path = this.#path(key);
    const temporary = `${path}.${randomUUID().slice(0, 8)}.part`;
    await mkdir(dirname(path), { recursive: true });
    const file = await open(temporary, 'wx');
    try {
      // The stream closes the file, after it has been flushed to the disk.
      await pipeline(content.open(), file.createWriteStream({ flush: true }));
      await rename(temporary, path);
    } catch (error) {
      await file.close();
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async list(folder: string): Promise<string[]> {
    const names = await readdir(this.#path(folder)).catch(onMissing([]));
    return names.filter((name) => !UNFINISHED.test(name)).map((name) => `${folder}${name}`);
  }

  async remove(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => rm(this.#path(key), { force: true })));
    // Empty folders are of no use to anybody; one that isn't empty stays.
    const folders = new Set(keys.map((key) => dirname(this.#path(key))));
    await Promise.all([...folders].map((folder) => rmdir(folder).catch(() => undefined)));
  }

  close(): void {}

  #path(key: string): string {
    return join(this.shown, ...key.split('/'));
  }
}

function onMissing<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (isSystemError(error) && error.code === 'ENOENT') return otherwise;
    throw error;
  };
}

const words = (error: unknown) => (isSystemError(error) ? describeSystemError(error) : String(error));
