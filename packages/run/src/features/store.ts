/** Where features are kept between epochs. */
import type { EntryId } from './variants.js';

/** What the frozen prefix makes of one augmented image. */
export interface FeatureEntry {
  /** The cut tensors of the image, one after the other, in half precision. */
  readonly features: Uint16Array;
  /** Label rows of the detector's family: the variant's own, as it was cropped and flipped. */
  readonly labels: Float32Array;
}

export interface FeatureStore {
  /** Entries that fit; those of higher `rank` are never kept. */
  readonly capacity: number;
  has(id: EntryId): boolean;
  /**
   * Copies an entry's features into arrays that have together their length, and returns its labels; undefined if the
   * entry turns out damaged, which drops it.
   */
  read(id: EntryId, into: readonly Uint16Array[]): Promise<Float32Array | undefined>;
  /** Keeps an entry, in place of an older draw of the same variant. */
  write(id: EntryId, entry: FeatureEntry): Promise<void>;
  close(): Promise<void>;
}

/** Position of an entry among all: every image's first variant, every image's second, … */
export const rankOf = ({ index, slot }: EntryId, images: number) => slot * images + index;

/** Bytes that an entry's features take. */
export const featureBytes = (elements: number) => elements * Uint16Array.BYTES_PER_ELEMENT;

/** Keeps features in memory. */
export class MemoryFeatureStore implements FeatureStore {
  readonly capacity: number;
  readonly #images: number;
  readonly #entries = new Map<number, FeatureEntry & { readonly draw: number }>();

  constructor(images: number, capacity: number) {
    this.#images = images;
    this.capacity = capacity;
  }

  has(id: EntryId): boolean {
    return this.#entries.get(rankOf(id, this.#images))?.draw === id.draw;
  }

  async read(id: EntryId, into: readonly Uint16Array[]): Promise<Float32Array | undefined> {
    const entry = this.#entries.get(rankOf(id, this.#images));
    if (entry) copyParts(entry.features, into);
    return entry?.labels;
  }

  async write(id: EntryId, entry: FeatureEntry): Promise<void> {
    this.#entries.set(rankOf(id, this.#images), { ...entry, draw: id.draw });
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }
}

/** Cuts an entry's features into the parts that a batch wants. */
export function copyParts(features: Uint16Array, into: readonly Uint16Array[]): void {
  let offset = 0;
  for (const part of into) {
    part.set(features.subarray(offset, offset + part.length));
    offset += part.length;
  }
}
