import { crc32 } from '@froyolo/common';
import { deflateSync } from 'fflate';

/** How an entry of a test archive departs from a plain stored one. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  /** Uncompressed size to claim instead of the true one. */
  readonly claimedSize?: number;
  /** Put 0xffffffff into the 32-bit fields and the truth into a zip64 extra field. */
  readonly zip64?: boolean;
  /** Checksum to claim instead of the true one. */
  readonly claimedCrc?: number;
  /** Local header offset to claim instead of the true one. */
  readonly claimedOffset?: number;
}

/** Little-endian bytes of `[width in bytes, value]` fields. */
export function fields(...values: readonly (readonly [width: 1 | 2 | 4 | 8, value: number])[]): Uint8Array {
  return concat(
    values.map(([width, value]) => {
      const out = new Uint8Array(8);
      new DataView(out.buffer).setBigUint64(0, BigInt(value), true);
      return out.subarray(0, width);
    }),
  );
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A zip archive for tests, honest unless told otherwise. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array {
  const locals: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const entry of entries) {
    const name = new TextEncoder().encode(entry.name);
    const packed = entry.deflate ? deflateSync(entry.data) : entry.data;
    const size = entry.claimedSize ?? entry.data.length;
    const offset = entry.claimedOffset ?? at;
    const extra = entry.zip64
      ? fields([2, 1], [2, 24], [8, size], [8, packed.length], [8, offset])
      : new Uint8Array(0);
    const narrow = (value: number) => (entry.zip64 ? 0xffffffff : value);
    const common = concat([
      fields([2, 20], [2, 0], [2, entry.deflate ? 8 : 0], [4, 0], [4, entry.claimedCrc ?? crc32(entry.data)]),
      fields([4, narrow(packed.length)], [4, narrow(size)], [2, name.length]),
    ]);
    const local = concat([fields([4, 0x04034b50]), common, fields([2, 0]), name, packed]);
    locals.push(local);
    directory.push(
      fields([4, 0x02014b50], [2, 20]),
      common,
      fields([2, extra.length], [2, 0], [2, 0], [2, 0], [4, 0], [4, narrow(offset)]),
      name,
      extra,
    );
    at += local.length;
  }
  const central = concat(directory);
  const end = fields(
    [4, 0x06054b50],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, central.length],
    [4, at],
    [2, 0],
  );
  return concat([...locals, central, end]);
}
