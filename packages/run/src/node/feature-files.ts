/** Features on disk: the two files of a cache in a folder. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readFileSync,
  readv,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { TrainingError } from '@froyolo/yolo';
import {
  FEATURES,
  type FeatureRecords,
  JOURNAL,
  MOST_JOURNAL,
  RecordedFeatures,
  type RecordedFeaturesOptions,
} from '../features/recorded-features.js';
import { makeCacheFolder } from './feature-folders.js';
import { lockFolder } from './folder-lock.js';

const readParts = promisify(readv);
const writeBytes = promisify(write);

/** Keeps features in two files of a folder, which it locks against other processes. */
export class FeatureFiles extends RecordedFeatures {
  /**
   * Opens a folder, with the entries of an earlier run.
   * @throws TrainingError when another process uses it
   */
  constructor(folder: string, options: RecordedFeaturesOptions) {
    super(new FolderRecords(folder), options);
  }
}

class FolderRecords implements FeatureRecords {
  readonly name: string;
  readonly journal: string;
  readonly advice = '--cache-dir takes another place, --resume goes on with the run';
  readonly #features: number;
  readonly #journal: number;
  readonly #unlock: () => void;

  constructor(folder: string) {
    makeCacheFolder(folder);
    this.name = join(folder, FEATURES);
    this.#unlock = lockFolder(folder, 'wait until it has ended, or name another folder for the cache');
    this.journal = join(folder, JOURNAL);
    try {
      this.#features = openToWrite(this.name);
      this.#journal = openToWrite(this.journal);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  async read(into: readonly Uint16Array[], at: number): Promise<number> {
    return (await readParts(this.#features, into, at)).bytesRead;
  }

  async write(features: Uint16Array, at: number): Promise<number> {
    return (await writeBytes(this.#features, features, 0, features.byteLength, at)).bytesWritten;
  }

  readJournal(): Uint8Array | undefined {
    return fstatSync(this.#journal).size <= MOST_JOURNAL ? readFileSync(this.#journal) : undefined;
  }

  cutJournal(length: number): void {
    ftruncateSync(this.#journal, length);
    const now = new Date();
    futimesSync(this.#journal, now, now);
  }

  addToJournal(record: Uint8Array, at: number): void {
    writeSync(this.#journal, record, 0, record.length, at);
  }

  sum(parts: readonly Uint16Array[]): number {
    const hash = createHash('sha1');
    for (const part of parts) hash.update(part);
    return hash.digest().readUInt32LE();
  }

  close(): void {
    closeSync(this.#features);
    closeSync(this.#journal);
    this.#unlock();
  }
}

/**
 * Opens a file for reading and writing at any place; a missing one is made.
 * @throws TrainingError where something else is in its place: reading a pipe would wait for ever
 */
function openToWrite(file: string): number {
  const info = statSync(file, { throwIfNoEntry: false });
  if (info && !info.isFile())
    throw new TrainingError(
      `${file}: it is ${info.isDirectory() ? 'a folder' : 'a pipe, a socket or a device'}, where cached features are to be: move it away, or name another folder (--cache-dir)`,
    );
  return openSync(file, constants.O_RDWR | constants.O_CREAT);
}
