/** CRC-32 (ISO 3309), the checksum of zip archives and PNG files. */

/** Bytes that are taken at once. */
const SLICE = 8;
const POLYNOMIAL = 0xedb88320;

/** What each byte does to the sum when 0 to 7 bytes follow it, 256 values each. */
const TABLES = tables();

function tables(): Uint32Array {
  const all = new Uint32Array(SLICE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? POLYNOMIAL ^ (sum >>> 1) : sum >>> 1;
    all[byte] = sum;
  }
  for (let at = 256; at < all.length; at++) {
    const before = all[at - 256] ?? 0;
    all[at] = (all[before & 255] ?? 0) ^ (before >>> 8);
  }
  return all;
}

/**
 * The checksum of bytes, unsigned.
 * @param before the checksum of what precedes them
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sum = ~before;
  let at = 0;
  for (; at + SLICE <= bytes.length; at += SLICE)
    sum = slice(sum ^ view.getInt32(at, true), view.getInt32(at + 4, true));
  for (; at < bytes.length; at++) sum = (TABLES[(sum ^ (bytes[at] ?? 0)) & 255] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** Eight bytes as two words, the sum so far in the first. */
function slice(low: number, high: number): number {
  const after = (following: number, byte: number) => TABLES[256 * following + (byte & 255)] ?? 0;
  return (
    after(7, low) ^
    after(6, low >>> 8) ^
    after(5, low >>> 16) ^
    after(4, low >>> 24) ^
    after(3, high) ^
    after(2, high >>> 8) ^
    after(1, high >>> 16) ^
    after(0, high >>> 24)
  );
}
