/** The structure of PNG files: checksums reveal damage that decoders notice late. */
import { crc32 } from '@froyolo/common';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum around a chunk's data. */
const CHUNK_BYTES = 12;

/**
 * Why a PNG is damaged or cut short, or undefined: every chunk's checksum is compared, up to the end marker. What follows
 * the marker is ignored, as decoders do.
 */
export function pngProblem(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasPixels = false;
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= bytes.length; ) {
    const end = at + CHUNK_BYTES + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (end > bytes.length) return 'the PNG is cut short';
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
      return `the PNG is damaged: its ${printableType(type)} chunk at byte ${at} has another checksum`;
    if (type === 'IEND') return hasPixels ? undefined : 'the PNG has no pixels';
    hasPixels ||= type === 'IDAT';
    at = end;
  }
  return 'the PNG is cut short';
}

const printableType = (type: string) => type.replace(/[^a-z]/gi, '?');
