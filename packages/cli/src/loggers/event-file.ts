/**
 * TensorBoard's event files: records of TFRecord (length, data, and a checksum of each), each a protocol buffer `Event`. No
 * package on npm writes them without TensorFlow's native library, so the few fields that scalars need are written here.
 */

/** CRC-32C (Castagnoli), the bits of each byte from the lowest. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ Number(TABLE[(crc ^ byte) & 255]);
  return (crc ^ 0xffffffff) >>> 0;
}

/** So that the checksum of data that holds checksums is none of them. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** A record of some bytes. */
function record(data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + data.length + 4);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(masked(crc32c(bytes.subarray(0, 8))), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return bytes;
}

/** Kinds of fields of protocol buffers. */
const WIRE = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** Numbers of the fields in `event.proto` and `summary.proto`. */
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) | 128);
  return Buffer.from([...bytes, left]);
}

const key = (field: number, wire: number) => varint(field * 8 + wire);

function lengthed(field: number, data: Uint8Array): Buffer {
  return Buffer.concat([key(field, WIRE.bytes), varint(data.length), data]);
}

function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([key(field, WIRE.fixed64), bytes]);
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([key(field, WIRE.fixed32), bytes]);
}

/** The record that a file begins with. @param seconds since 1970 */
export function versionRecord(seconds: number): Buffer {
  const version = lengthed(EVENT.fileVersion, Buffer.from('brain.Event:2'));
  return record(Buffer.concat([double(EVENT.wallTime, seconds), version]));
}

/** Scalars of a step. @param seconds since 1970 */
export function scalarsRecord(
  seconds: number,
  step: number,
  scalars: Readonly<Record<string, number>>,
): Buffer {
  const values = Object.entries(scalars).map(([tag, value]) =>
    lengthed(
      SUMMARY_VALUE,
      Buffer.concat([lengthed(VALUE.tag, Buffer.from(tag)), float(VALUE.simpleValue, value)]),
    ),
  );
  const stepField = Buffer.concat([key(EVENT.step, WIRE.varint), varint(step)]);
  const summary = lengthed(EVENT.summary, Buffer.concat(values));
  return record(Buffer.concat([double(EVENT.wallTime, seconds), stepField, summary]));
}
