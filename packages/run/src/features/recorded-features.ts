/**
 * Features in a file of equal records, one for each image's variant, and a journal that says which of them hold what. A
 * record is announced in the journal only once it is written, so a process that is killed loses at most those that it was
 * writing. Where both files lie is for `FeatureRecords` to know.
 */
import { reasonOf } from '@froyolo/errors';
import { TrainingError } from '@froyolo/yolo';
import { DROPPED, encodeRecord, type JournalRecord, readJournal } from './journal.js';
import { type FeatureEntry, type FeatureStore, featureBytes, rankOf } from './store.js';
import type { EntryId } from './variants.js';

/** Names of a cache's files. */
export const FEATURES = 'features.bin';
export const JOURNAL = 'entries.bin';

/** Bytes of a journal that are read: entries of millions of images. */
export const MOST_JOURNAL = 2 ** 30;

/** The two files of a cache. They are one process's own while they are open. */
export interface FeatureRecords {
  /** The file of features, and the journal, for messages. */
  readonly name: string;
  readonly journal: string;
  /** What to do where they can't be written. */
  readonly advice: string;
  /** Reads into arrays one after the other. @returns bytes that were there */
  read(into: readonly Uint16Array[], at: number): Promise<number>;
  /** @returns bytes that were written */
  write(features: Uint16Array, at: number): Promise<number>;
  /** @returns undefined if it is larger than `MOST_JOURNAL` */
  readJournal(): Uint8Array | undefined;
  /** Cuts what lies beyond off the journal, and marks the cache as used. */
  cutJournal(length: number): void;
  addToJournal(record: Uint8Array, at: number): void;
  /** A checksum of arrays one after the other, as if they were one: the first four bytes of their SHA-1. */
  sum(parts: readonly Uint16Array[]): number | Promise<number>;
  close(): void;
}

export interface RecordedFeaturesOptions {
  readonly images: number;
  /** Values of an entry. */
  readonly elements: number;
  readonly capacity: number;
  /** An entry turned out damaged; in words. */
  onDamaged?(text: string): void;
}

interface Kept {
  readonly draw: number;
  readonly labels: Float32Array;
  readonly sum: number;
  /** Whether this process wrote the features or has read them whole: their checksum is compared once. */
  readonly isSound?: boolean;
}

export class RecordedFeatures implements FeatureStore {
  readonly capacity: number;
  readonly #records: FeatureRecords;
  readonly #options: RecordedFeaturesOptions;
  #journalLength = 0;
  /** Entries by rank. */
  readonly #kept: Map<number, Kept>;

  /** Begins with what an earlier run left in the records. */
  constructor(records: FeatureRecords, options: RecordedFeaturesOptions) {
    this.#records = records;
    this.#options = options;
    this.capacity = options.capacity;
    try {
      this.#kept = this.#readJournal();
    } catch (error) {
      records.close();
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
    const bytes = await this.#records.read(into, rank * this.#bytes);
    if (entry && bytes === this.#bytes && (entry.isSound || (await this.#records.sum(into)) === entry.sum)) {
      if (!entry.isSound) this.#kept.set(rank, { ...entry, isSound: true });
      return entry.labels;
    }
    this.#drop(id);
    const where = `entry of image ${id.index}, variant ${id.slot}`;
    this.#options.onDamaged?.(`${this.#records.name}: the ${where} is damaged; it is made again`);
    return undefined;
  }

  async write(id: EntryId, { features, labels }: FeatureEntry): Promise<void> {
    const rank = this.#rank(id);
    if (this.#kept.has(rank)) this.#drop(id);
    const sum = await this.#records.sum([features]);
    const { name, advice } = this.#records;
    try {
      const bytes = await this.#records.write(features, rank * this.#bytes);
      if (bytes < this.#bytes) throw new Error('it could not be written whole: is the disk full?');
      this.#announce({ id, labels, sum });
    } catch (error) {
      throw new TrainingError(`${name}: features can't be cached: ${reasonOf(error)}; ${advice}`, {
        cause: error,
      });
    }
    this.#kept.set(rank, { draw: id.draw, labels, sum, isSound: true });
  }

  async close(): Promise<void> {
    this.#records.close();
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
    this.#records.addToJournal(record, this.#journalLength);
    this.#journalLength += record.length;
  }

  /** Cuts off everything from the first incomplete record on; new records follow the last complete one. */
  #readJournal(): Map<number, Kept> {
    const bytes = this.#records.readJournal();
    const { records, length, isDamaged } = readJournal(bytes ?? new Uint8Array());
    if (isDamaged || !bytes)
      this.#options.onDamaged?.(
        `${this.#records.journal}: is damaged behind ${records.length} entries; what was cached after them is made again`,
      );
    this.#records.cutJournal(length);
    this.#journalLength = length;
    const kept = new Map<number, Kept>();
    for (const { id, labels, sum } of records) {
      if (id.draw === DROPPED) kept.delete(this.#rank(id));
      else kept.set(this.#rank(id), { draw: id.draw, labels, sum });
    }
    return kept;
  }
}
