/** Reads what a Linux library needs: the names in its dynamic section. */
import { type FileHandle, open } from 'node:fs/promises';

const PROGRAM_HEADERS_AT = 0x20;
const LOAD = 1;
const DYNAMIC = 2;
const NEEDED = 1;
const STRING_TABLE = 5;
const STRING_BYTES = 10;
/** Far more than any library has. */
const MOST_BYTES = 1 << 20;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** Names of the libraries that a library is linked with; empty for what isn't a 64-bit library of Linux. */
export async function neededLibraries(path: string): Promise<string[]> {
  const file = await open(path);
  try {
    const header = await bytesAt(file, 0, 64);
    if (header.length < 64 || header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1)
      return [];
    const segments = await readSegments(file, header);
    const dynamic = segments.find(({ type }) => type === DYNAMIC);
    return dynamic ? await readNames(file, dynamic, segments) : [];
  } finally {
    await file.close();
  }
}

async function readSegments(file: FileHandle, header: Buffer): Promise<Segment[]> {
  const at = Number(header.readBigUInt64LE(PROGRAM_HEADERS_AT));
  const [size, count] = [header.readUInt16LE(54), header.readUInt16LE(56)];
  const table = await bytesAt(file, at, size * count);
  return Array.from({ length: Math.floor(table.length / size) }, (_, i) => {
    const entry = table.subarray(i * size);
    const long = (place: number) => Number(entry.readBigUInt64LE(place));
    return { type: entry.readUInt32LE(0), offset: long(8), address: long(16), size: long(32) };
  });
}

async function readNames(file: FileHandle, dynamic: Segment, segments: readonly Segment[]) {
  const table = await bytesAt(file, dynamic.offset, dynamic.size);
  const entries = Array.from({ length: Math.floor(table.length / 16) }, (_, i) => ({
    tag: Number(table.readBigInt64LE(i * 16)),
    value: Number(table.readBigUInt64LE(i * 16 + 8)),
  }));
  const entryOf = (wanted: number) => entries.find(({ tag }) => tag === wanted)?.value ?? 0;
  const text = await bytesAt(file, offsetOf(entryOf(STRING_TABLE), segments), entryOf(STRING_BYTES));
  return entries
    .filter(({ tag }) => tag === NEEDED)
    .map(({ value }) => text.toString('latin1', value, Math.max(value, text.indexOf(0, value))));
}

/** Addresses in memory are those of the segments that are loaded. */
function offsetOf(address: number, segments: readonly Segment[]): number {
  const own = segments.find(
    (segment) =>
      segment.type === LOAD && address >= segment.address && address < segment.address + segment.size,
  );
  return own ? address - own.address + own.offset : address;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.min(length, MOST_BYTES));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}
