/**
 * Records of a feature cache's journal: index, slot, draw, rows of labels, a checksum of the features (each 4 bytes), the
 * labels as float32, and a checksum of all that. Little-endian.
 */
import { fnv1a } from '@froyolo/common';
import type { EntryId } from './variants.js';

/** The draw of a record that says its entry is about to be overwritten. */
export const DROPPED = -1;

const HEAD = 20;
const LABEL = 5;
const WORD = 4;
/** More labels than any image has: a record that claims more is damaged, not cut off. */
const MAX_ROWS = 2 ** 16;

export interface JournalRecord {
  readonly id: EntryId;
  readonly labels: Float32Array;
  /** Checksum of the features. */
  readonly sum: number;
}

export function encodeRecord({ id: { index, slot, draw }, labels, sum }: JournalRecord): Uint8Array {
  const bytes = new Uint8Array(HEAD + labels.byteLength + WORD);
  const view = new DataView(bytes.buffer);
  [index, slot, draw, labels.length / LABEL, sum | 0].forEach((value, i) => {
    view.setInt32(i * WORD, value, true);
  });
  labels.forEach((value, i) => {
    view.setFloat32(HEAD + i * WORD, value, true);
  });
  view.setUint32(bytes.length - WORD, fnv1a(bytes.subarray(0, bytes.length - WORD)), true);
  return bytes;
}

/**
 * The records up to the first that isn't whole, and their length in bytes. A kill leaves a part of a record at the end;
 * where what follows is something else, the journal is damaged.
 */
export function readJournal(bytes: Uint8Array): {
  readonly records: JournalRecord[];
  readonly length: number;
  readonly isDamaged: boolean;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: JournalRecord[] = [];
  let start = 0;
  for (;;) {
    const record = recordAt(view, bytes, start);
    if (!record) return { records, length: start, isDamaged: !isCutAt(view, start) };
    records.push(record);
    start += HEAD + record.labels.byteLength + WORD;
  }
}

/** Whether the bytes from here on are none, or may be the beginning of a record. */
function isCutAt(view: DataView, start: number): boolean {
  const left = view.byteLength - start;
  if (left < HEAD) return true;
  const rows = view.getInt32(start + 3 * WORD, true);
  return rows >= 0 && rows <= MAX_ROWS && left < HEAD + rows * LABEL * WORD + WORD;
}

function recordAt(view: DataView, bytes: Uint8Array, start: number): JournalRecord | undefined {
  if (start + HEAD + WORD > bytes.length) return undefined;
  const word = (i: number) => view.getInt32(start + i * WORD, true);
  const [index, slot, draw, rows] = [word(0), word(1), word(2), word(3)];
  const end = start + HEAD + rows * LABEL * WORD;
  if (rows < 0 || end + WORD > bytes.length) return undefined;
  if (view.getUint32(end, true) !== fnv1a(bytes.subarray(start, end))) return undefined;
  const labels = Float32Array.from({ length: rows * LABEL }, (_, i) =>
    view.getFloat32(start + HEAD + i * WORD, true),
  );
  return { id: { index, slot, draw }, labels, sum: word(4) >>> 0 };
}
