import { crc32 } from '@froyolo/common';
import { inflateSync } from 'fflate';
import { CheckpointError, DAMAGED, SUSPICIOUS } from './errors.js';

/** A zip archive in memory: names in the order of its directory, contents read on demand. */
export interface ZipArchive {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Uncompressed size in bytes, as the directory claims and `read` enforces. */
  size(name: string): number;
  /** Contents of an entry, whose checksum is right; for a stored entry a view of the file. */
  read(name: string): Uint8Array;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressed: number;
  readonly size: number;
  readonly header: number;
  /** Where the contents start; set when the local header has been checked. */
  start: number;
  /** Whether the contents were read before and had the right checksum, or nothing in the archive has one. */
  isChecked: boolean;
}

const MAX_ENTRIES = 200_000;
const MAX_NAME_BYTES = 1024;
const END = 0x06054b50;
const END64_LOCATOR = 0x07064b50;
const END64 = 0x06064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Opens a zip archive (PKWARE APPNOTE 6.3: stored and deflated entries, zip64) without trusting it. Every entry must lie
 * within the file, none may overlap another, and all inflated data together may take at most 64 MiB plus 16 times the
 * file. Throws a `CheckpointError`.
 */
export function openZip(bytes: Uint8Array): ZipArchive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = readDirectory(bytes, view);
  placeEntries(view, entries.values());
  forgiveMissingSums([...entries.values()]);
  let inflateBudget = 64 * 2 ** 20 + 16 * bytes.length;
  const entry = (name: string): Entry => {
    const found = entries.get(name);
    if (!found) throw new CheckpointError(`The archive has no "${name}"`, 'zip directory', DAMAGED);
    return found;
  };
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    size: (name) => entry(name).size,
    read(name) {
      const found = entry(name);
      const raw = bytes.subarray(found.start, found.start + found.compressed);
      if (found.method === STORED) return checked(raw, found);
      inflateBudget -= found.size;
      if (inflateBudget < 0) throw broken(`Entry "${name}" inflates to too much`, found.header, SUSPICIOUS);
      return inflate(raw, found);
    },
  };
}

function broken(what: string, offset: number, advice = DAMAGED): CheckpointError {
  return new CheckpointError(what, `zip archive, byte ${offset}`, advice);
}

/** Where the central directory is and how many entries it has. */
function findDirectory(view: DataView): { offset: number; size: number; count: number; end: number } {
  // The end record is 22 bytes plus a comment of at most 65535.
  const lowest = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= lowest; at--) {
    if (view.getUint32(at, true) !== END) continue;
    const count = view.getUint16(at + 10, true);
    const size = view.getUint32(at + 12, true);
    const offset = view.getUint32(at + 16, true);
    if (count !== 0xffff && size !== 0xffffffff && offset !== 0xffffffff)
      return { offset, size, count, end: at };
    return findDirectory64(view, at);
  }
  throw broken('The zip archive has no directory at its end', view.byteLength);
}

function findDirectory64(view: DataView, end: number): ReturnType<typeof findDirectory> {
  const locator = end - 20;
  if (locator < 0 || view.getUint32(locator, true) !== END64_LOCATOR) {
    throw broken('The zip64 locator is missing', end);
  }
  const at = readUint64(view, locator + 8);
  if (at + 56 > locator || view.getUint32(at, true) !== END64) {
    throw broken('The zip64 end record is missing', locator);
  }
  return {
    offset: readUint64(view, at + 48),
    size: readUint64(view, at + 40),
    count: readUint64(view, at + 32),
    end: at,
  };
}

function readUint64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken(`A size of ${value} bytes`, at, SUSPICIOUS);
  return Number(value);
}

function readDirectory(bytes: Uint8Array, view: DataView): Map<string, Entry> {
  const { offset, size, count, end } = findDirectory(view);
  // A directory record is at least 46 bytes, which bounds the count before anything is allocated for it.
  if (offset + size > end || count * 46 > size)
    throw broken('The zip directory does not fit the file', offset);
  if (count > MAX_ENTRIES) throw broken(`The archive claims ${count} entries`, offset, SUSPICIOUS);
  const entries = new Map<string, Entry>();
  const limit = offset + size;
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (at + 46 > limit || view.getUint32(at, true) !== CENTRAL)
      throw broken('A directory record is missing', at);
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + 46 + nameLength + extraLength + view.getUint16(at + 32, true);
    if (next > limit || nameLength > MAX_NAME_BYTES) throw broken('A directory record is too long', at);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (entries.has(name)) throw broken(`Entry "${name}" appears twice`, at, SUSPICIOUS);
    if (view.getUint16(at + 8, true) & 1)
      throw broken(`Entry "${name}" is encrypted`, at, 'Save it without a password.');
    entries.set(name, readEntry(view, at, name, at + 46 + nameLength, extraLength));
    at = next;
  }
  return entries;
}

function readEntry(view: DataView, at: number, name: string, extra: number, extraLength: number): Entry {
  let size = view.getUint32(at + 24, true);
  let compressed = view.getUint32(at + 20, true);
  let header = view.getUint32(at + 42, true);
  // The zip64 extra field holds, in this order, only those of the three that don't fit 32 bits.
  let field = zip64Field(view, extra, extraLength);
  const wide = (value: number): number => {
    if (value !== 0xffffffff) return value;
    if (!field || field.at + 8 > field.end) throw broken(`Entry "${name}" lacks its zip64 sizes`, at);
    const read = readUint64(view, field.at);
    field = { at: field.at + 8, end: field.end };
    return read;
  };
  size = wide(size);
  compressed = wide(compressed);
  header = wide(header);
  const method = view.getUint16(at + 10, true);
  if (method !== STORED && method !== DEFLATED) {
    throw broken(`Entry "${name}" uses compression method ${method}`, at, 'Save it stored or deflated.');
  }
  // 1032 is the most that deflate can shrink.
  if (method === STORED ? size !== compressed : size > compressed * 1032) {
    throw broken(`Entry "${name}" claims ${size} bytes from ${compressed}`, at, SUSPICIOUS);
  }
  return {
    name,
    method,
    crc: view.getUint32(at + 16, true),
    compressed,
    size,
    header,
    start: 0,
    isChecked: false,
  };
}

function zip64Field(view: DataView, start: number, length: number): { at: number; end: number } | undefined {
  for (let at = start; at + 4 <= start + length; ) {
    const next = at + 4 + view.getUint16(at + 2, true);
    if (next > start + length) return undefined;
    if (view.getUint16(at, true) === 1) return { at: at + 4, end: next };
    at = next;
  }
  return undefined;
}

/** Checks each local header, sets where its contents start, and refuses overlaps. */
function placeEntries(view: DataView, entries: Iterable<Entry>): void {
  let free = 0;
  for (const entry of [...entries].sort((a, b) => a.header - b.header)) {
    const { header, name } = entry;
    if (header < free) throw broken(`Entry "${name}" overlaps the one before it`, header, SUSPICIOUS);
    if (header + 30 > view.byteLength || view.getUint32(header, true) !== LOCAL) {
      throw broken(`Entry "${name}" has no header`, header);
    }
    entry.start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    free = entry.start + entry.compressed;
    if (free > view.byteLength) throw broken(`Entry "${name}" runs past the end of the file`, header);
  }
}

/** PyTorch can be told to compute no checksums; it writes zeros then. */
function forgiveMissingSums(entries: readonly Entry[]): void {
  if (entries.every(({ crc }) => crc === 0)) for (const entry of entries) entry.isChecked = true;
}

function inflate(raw: Uint8Array, entry: Entry): Uint8Array {
  let out: Uint8Array;
  try {
    out = inflateSync(raw, { out: new Uint8Array(entry.size) });
  } catch (cause) {
    throw new CheckpointError(
      `Entry "${entry.name}" can't be inflated`,
      `zip archive, byte ${entry.start}`,
      DAMAGED,
      {
        cause,
      },
    );
  }
  return checked(out, entry);
}

function checked(contents: Uint8Array, entry: Entry): Uint8Array {
  const isRight = entry.isChecked || crc32(contents) === entry.crc;
  if (contents.length !== entry.size || !isRight)
    throw broken(`Entry "${entry.name}" fails its checksum (CRC-32)`, entry.start);
  entry.isChecked = true;
  return contents;
}
