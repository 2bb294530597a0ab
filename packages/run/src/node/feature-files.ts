/**
 * Features on disk: a file of equal records, one for each image's variant, and a journal that says which of them hold
 * what. A record is announced in the journal only once it is written, so a process that is killed loses at most those
 * that it was writing.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readFileSync,
  readv,
  write,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '@froyolo/errors';
import { TrainingError } from '@froyolo/yolo';
import { type FeatureEntry, type FeatureStore, featureBytes, rankOf } from '../features/store.js';
import type { EntryId } from '../features/variants.js';
import { DROPPED, encodeRecord, featureSum, type JournalRecord, readJournal } from './feature-journal.js';
import { lockFolder } from './folder-lock.js';

export interface FeatureFilesOptions {
  readonly images: number;
  /** Values of an entry. */
  readonly elements: number;
  readonly capacity: number;
  /** An entry turned out damaged; in words. */
  onDamaged?(text: string): void;
}

export const FEATURES = 'features.bin';
export const JOURNAL = 'entries.bin';

interface Kept {
  readonly draw: number;
  readonly labels: Float32Array;
  readonly sum: number;
  /** Whether this process wrote the features or has read them whole: their checksum is compared once. */
  readonly isSound?: boolean;
}

/** Bytes of a journal that are read: entries of millions of images. */
const MOST_JOURNAL = 2 ** 30;

const readParts = promisify(readv);
const writeBytes = promisify(write);

/** Keeps features in two files of a folder, which it locks against other processes. */
export class FeatureFiles implements FeatureStore {
  readonly capacity: number;
  readonly #folder: string;
  readonly #options: FeatureFilesOptions;
  readonly #features: number;
  readonly #journal: number;
  #journalLength = 0;
  readonly #unlock: () => void;
  /** Entries by rank. */
  readonly #kept: Map<number, Kept>;

  /**
   * Opens a folder, with the entries of an earlier run.
   * @throws TrainingError when another process uses it
   */
  constructor(folder: string, options: FeatureFilesOptions) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#unlock = lockFolder(folder, 'wait until it has ended, or name another folder for the cache');
    this.#options = options;
    this.capacity = options.capacity;
    try {
      this.#features = openToWrite(join(folder, FEATURES));
      this.#journal = openToWrite(join(folder, JOURNAL));
      this.#kept = this.#readJournal();
      const now = new Date();
      futimesSync(this.#journal, now, now);
    } catch (error) {
      this.#unlock();
      throw error;
    }
  }

  /** Entries that are there. */
  get size(): number {
    return this.#kept.size;
  }

  has(id: EntryId): boolean {
    return this.#kept.get(this.#rank(id))?.draw === id.draw;
  }

  async read(id: EntryId, into: readonly Uint16Array[]): Promise<Float32Array | undefined> {
    const rank = this.#rank(id);
    const entry = this.#kept.get(rank);
    const { bytesRead } = await readParts(this.#features, into, rank * this.#bytes);
    if (entry && bytesRead === this.#bytes && (entry.isSound || featureSum(into) === entry.sum)) {
      if (!entry.isSound) this.#kept.set(rank, { ...entry, isSound: true });
      return entry.labels;
    }
    this.#drop(id);
    const where = `entry of image ${id.index}, variant ${id.slot}`;
    this.#options.onDamaged?.(`${join(this.#folder, FEATURES)}: the ${where} is damaged; it is made again`);
    return undefined;
  }

  async write(id: EntryId, { features, labels }: FeatureEntry): Promise<void> {
    const rank = this.#rank(id);
    if (this.#kept.has(rank)) this.#drop(id);
    const sum = featureSum([features]);
    try {
      const at = rank * this.#bytes;
      const { bytesWritten } = await writeBytes(this.#features, features, 0, features.byteLength, at);
      if (bytesWritten < this.#bytes) throw new Error('it could not be written whole: is the disk full?');
      this.#announce({ id, labels, sum });
    } catch (error) {
      throw new TrainingError(
        `${join(this.#folder, FEATURES)}: features can't be cached: ${reasonOf(error)}; --cache-dir takes another place, --resume goes on with the run`,
        { cause: error },
      );
    }
    this.#kept.set(rank, { draw: id.draw, labels, sum, isSound: true });
  }

  async close(): Promise<void> {
    closeSync(this.#features);
    closeSync(this.#journal);
    this.#unlock();
  }

  get #bytes(): number {
    return featureBytes(this.#options.elements);
  }

  #rank(id: EntryId): number {
    return rankOf(id, this.#options.images);
  }

  #drop(id: EntryId): void {
    this.#announce({ id: { ...id, draw: DROPPED }, labels: new Float32Array(), sum: 0 });
    this.#kept.delete(this.#rank(id));
  }

  #announce(entry: JournalRecord): void {
    const record = encodeRecord(entry);
    writeSync(this.#journal, record, 0, record.length, this.#journalLength);
    this.#journalLength += record.length;
  }

  /** What is no whole record is cut off, with all behind it; new records follow the last whole one. */
  #readJournal(): Map<number, Kept> {
    const isReadable = fstatSync(this.#journal).size <= MOST_JOURNAL;
    const { records, length, isDamaged } = readJournal(
      isReadable ? readFileSync(this.#journal) : new Uint8Array(),
    );
    if (isDamaged || !isReadable)
      this.#options.onDamaged?.(
        `${join(this.#folder, JOURNAL)}: is damaged behind ${records.length} entries; what was cached after them is made again`,
      );
    ftruncateSync(this.#journal, length);
    this.#journalLength = length;
    const kept = new Map<number, Kept>();
    for (const { id, labels, sum } of records) {
      if (id.draw === DROPPED) kept.delete(this.#rank(id));
      else kept.set(this.#rank(id), { draw: id.draw, labels, sum });
    }
    return kept;
  }
}

/** Opens a file for reading and writing at any place; a missing one is made. */
function openToWrite(file: string): number {
  return openSync(file, constants.O_RDWR | constants.O_CREAT);
}
