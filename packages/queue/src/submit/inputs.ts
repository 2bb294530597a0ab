/** What a run needs of this machine: brought into the store once, however many runs need it. */
import { createReadStream, existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { TrainOptions } from '@froyolo/run/settings';
import { resolveWeights } from '@froyolo/weights/node';
import { packDataset } from '../pack/dataset.js';
import { type ArmJob, type Blob, FILE_SETTINGS, type FileSetting, type NamedBlob } from '../protocol.js';
import { type Content, objectKey, type Store } from '../store/store.js';
import { sumOfFile } from '../store/sums.js';

export type Inputs = Pick<ArmJob, 'dataset' | 'files'>;

export class InputPacker {
  readonly #store: Store;
  readonly #done = new Map<string, Promise<Blob>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Packs what the settings name, unless the store has it. */
  async pack(settings: TrainOptions): Promise<Inputs> {
    const dataset = await this.#once(`data:${resolve(settings.data)}`, () => packDataset(settings.data));
    const files: Partial<Record<FileSetting, NamedBlob>> = {};
    for (const setting of FILE_SETTINGS) {
      const path = await pathOf(setting, settings);
      if (path === undefined) continue;
      const blob = await this.#once(path, () => contentOfFile(path));
      files[setting] = { ...blob, name: plainName(path) };
    }
    return { dataset, files };
  }

  #once(key: string, content: () => Promise<Content & Blob>): Promise<Blob> {
    const known = this.#done.get(key);
    if (known) return known;
    const blob = content().then((found) => this.#put(found));
    this.#done.set(key, blob);
    blob.catch(() => this.#done.delete(key));
    return blob;
  }

  async #put({ sha256, bytes, open }: Content & Blob): Promise<Blob> {
    const key = objectKey(sha256);
    if ((await this.#store.sizeOf(key)) !== bytes) await this.#store.write(key, { bytes, open });
    return { sha256, bytes };
  }
}

/** The file of a setting; undefined if it is a name that every machine knows, or empty. */
async function pathOf(setting: FileSetting, settings: TrainOptions): Promise<string | undefined> {
  const value = settings[setting];
  if (typeof value !== 'string' || value === '') return undefined;
  if (setting === 'weights') return resolveWeights(value);
  return existsSync(value) ? resolve(value) : undefined;
}

async function contentOfFile(path: string): Promise<Content & Blob> {
  return { ...(await sumOfFile(path)), open: () => createReadStream(path) };
}

/** Only the ending means something. */
const plainName = (path: string) =>
  basename(path)
    .replace(/[^\w.-]/g, '_')
    .replace(/^\./, '_')
    .slice(-100);
