/** Features in the browser's own files (OPFS), so that they are there after a reload; in memory where it has none. */
import { sha256 } from '@froyolo/common';
import type { Dataset, DatasetImage } from '@froyolo/data';
import type { BrowserDataset } from '@froyolo/data/browser';
import { reasonOf } from '@froyolo/errors';
import { capacityFor } from '../feature-cache.js';
import {
  FEATURES,
  type FeatureRecords,
  JOURNAL,
  MOST_JOURNAL,
  RecordedFeatures,
} from '../features/recorded-features.js';
import { type FeatureStore, featureBytes, MemoryFeatureStore } from '../features/store.js';
import type { FeatureRequest } from '../host.js';

/** Features may take this much of a tab's memory. */
const MEMORY_BYTES = 1e9;
/** And this much of what the browser keeps, but no more than a part of what is free. */
const DISK_BYTES = 4e9;
const SHARE_OF_FREE = 0.5;

/** @param folder of the caches; without one features are kept in memory, as with `cacheIn: 'ram'` */
export async function openPageFeatures(
  request: FeatureRequest,
  folder: FileSystemDirectoryHandle | undefined,
): Promise<FeatureStore> {
  if (!folder || request.settings.cacheIn === 'ram') return inMemory(request);
  try {
    return await inFolder(request, folder);
  } catch (error) {
    request.onDamaged(`features are kept in memory, and are gone with this page: ${reasonOf(error)}`);
    return inMemory(request);
  }
}

function inMemory({ dataset, elements, settings, onFeatures }: FeatureRequest): FeatureStore {
  const { cacheLimit = MEMORY_BYTES, cacheVariants } = settings;
  const wanted = dataset.images.length * cacheVariants;
  const capacity = capacityFor(cacheLimit, elements, wanted);
  onFeatures({ there: 0, wanted, capacity, entryBytes: featureBytes(elements) });
  return new MemoryFeatureStore(dataset.images.length, capacity);
}

async function inFolder(request: FeatureRequest, folder: FileSystemDirectoryHandle): Promise<FeatureStore> {
  const { key, dataset, elements, settings, onFeatures, onDamaged } = request;
  const images = dataset.images.length;
  const wanted = images * settings.cacheVariants;
  const entryBytes = featureBytes(elements);
  const limit = settings.cacheLimit ?? DISK_BYTES;
  await makeRoom(folder, key, limit - Math.min(wanted * entryBytes, limit));
  const own = await folder.getDirectoryHandle(key, { create: true });
  const room = (await freeBytes()) * SHARE_OF_FREE + (await sizeAndTime(own)).size;
  const capacity = capacityFor(Math.min(limit, room), elements, wanted);
  const store = new RecordedFeatures(await OpfsRecords.open(own), { images, elements, capacity, onDamaged });
  onFeatures({ folder: key, there: store.size, wanted, capacity, entryBytes });
  return store;
}

/** Bytes that the browser would still keep. */
async function freeBytes(): Promise<number> {
  const { quota = 0, usage = 0 } = await navigator.storage.estimate();
  return Math.max(0, quota - usage);
}

/** What workers open a file with; TypeScript describes it only where a page has no document. */
interface SyncFile {
  read(into: ArrayBufferView, options: { at: number }): number;
  write(bytes: ArrayBufferView, options: { at: number }): number;
  getSize(): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

interface SyncFileHandle extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncFile>;
}

const canOpen = (handle: FileSystemFileHandle): handle is SyncFileHandle =>
  'createSyncAccessHandle' in handle;

async function openFile(folder: FileSystemDirectoryHandle, name: string): Promise<SyncFile> {
  const handle = await folder.getFileHandle(name, { create: true });
  if (!canOpen(handle)) throw new Error('this browser has no files for workers');
  return handle.createSyncAccessHandle();
}

/** Deletes caches that were filled longest ago until the others take no more than `bytes`. */
async function makeRoom(folder: FileSystemDirectoryHandle, key: string, bytes: number): Promise<void> {
  const others: { name: string; size: number; filled: number }[] = [];
  for await (const [name, handle] of folder.entries()) {
    if (name === key || !(handle instanceof FileSystemDirectoryHandle)) continue;
    others.push({ name, ...(await sizeAndTime(handle)) });
  }
  let taken = 0;
  for (const { name, size } of others.sort((a, b) => b.filled - a.filled)) {
    taken += size;
    // Caches in use stay.
    if (taken > bytes) await folder.removeEntry(name, { recursive: true }).catch(() => undefined);
  }
}

async function sizeAndTime(cache: FileSystemDirectoryHandle): Promise<{ size: number; filled: number }> {
  try {
    const { size, lastModified } = await (await cache.getFileHandle(FEATURES)).getFile();
    return { size, filled: lastModified };
  } catch {
    return { size: 0, filled: 0 };
  }
}

class OpfsRecords implements FeatureRecords {
  readonly name: string;
  readonly journal: string;
  readonly advice = 'delete projects that are no longer needed, and go on with the training';
  readonly #features: SyncFile;
  readonly #journal: SyncFile;

  private constructor(name: string, features: SyncFile, journal: SyncFile) {
    this.name = `${name}/${FEATURES}`;
    this.journal = `${name}/${JOURNAL}`;
    this.#features = features;
    this.#journal = journal;
  }

  /** @throws DOMException where another tab has them open, or the browser has no such files */
  static async open(folder: FileSystemDirectoryHandle): Promise<OpfsRecords> {
    const features = await openFile(folder, FEATURES);
    try {
      return new OpfsRecords(folder.name, features, await openFile(folder, JOURNAL));
    } catch (error) {
      features.close();
      throw error;
    }
  }

  async read(into: readonly Uint16Array[], at: number): Promise<number> {
    let bytes = 0;
    for (const part of into) bytes += this.#features.read(part, { at: at + bytes });
    return bytes;
  }

  async write(features: Uint16Array, at: number): Promise<number> {
    return this.#features.write(features, { at });
  }

  readJournal(): Uint8Array | undefined {
    if (this.#journal.getSize() > MOST_JOURNAL) return undefined;
    const bytes = new Uint8Array(this.#journal.getSize());
    this.#journal.read(bytes, { at: 0 });
    return bytes;
  }

  cutJournal(length: number): void {
    this.#journal.truncate(length);
  }

  addToJournal(record: Uint8Array, at: number): void {
    this.#journal.write(record, { at });
  }

  async sum(parts: readonly Uint16Array[]): Promise<number> {
    const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const { buffer, byteOffset, byteLength } of parts) {
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
      at += byteLength;
    }
    return new DataView(await crypto.subtle.digest('SHA-1', bytes)).getUint32(0, true);
  }

  close(): void {
    for (const file of [this.#features, this.#journal]) {
      file.flush();
      file.close();
    }
  }
}

/** Bytes at both ends of a file that tell it from others of its name and size: compressed pictures differ there. */
const ENDS = 4096;

/** What tells each image, its labels included, from what was at its path before. */
export function identifyPageImages({ images }: Dataset, open: readonly BrowserDataset[]): Promise<string[]> {
  return Promise.all(
    images.map((image) => identityOf(image, open.map(({ files }) => files.get(image.path)).find(Boolean))),
  );
}

async function identityOf({ path, width, height, labels }: DatasetImage, file: Blob | undefined) {
  const ends = file ? new Blob([file.slice(0, ENDS), file.slice(-ENDS)]) : new Blob();
  const own = new Blob([await ends.arrayBuffer(), labels.slice()]);
  const sum = await sha256(await own.arrayBuffer());
  return [path, file?.size, width, height, sum].join('|');
}
