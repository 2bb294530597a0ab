/**
 * The checksum of a checkpoint, in its own metadata: `crc32` comes first there, as eight hexadecimal digits of the CRC-32 of
 * the whole file with zeros in their place.
 */
import { crc32 } from '@froyolo/common';
import { CheckpointError } from './errors.js';

const FIELD = 'crc32';
const ZEROS = '00000000';
/** Bytes before the digits: the header's length, and how a header with this metadata begins. */
const DIGITS_AT = 8 + `{"__metadata__":{"${FIELD}":"`.length;

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** The metadata to write first, before the checksum is known. */
export const UNSEALED: Readonly<Record<string, string>> = { [FIELD]: ZEROS };

/** Writes the checksum into the bytes of a file whose metadata begins with {@link UNSEALED}. */
export function seal(bytes: Uint8Array): Uint8Array {
  bytes.set(bytesOf(checksumOf(bytes)), DIGITS_AT);
  return bytes;
}

/**
 * Compares a file with its checksum; one that has none is as good as it can be read.
 * @throws CheckpointError when a byte has changed since the file was written
 */
export function checkSeal(bytes: Uint8Array, metadata: Readonly<Record<string, string>>): void {
  const stated = metadata[FIELD];
  if (stated === undefined || stated === checksumOf(bytes)) return;
  throw new CheckpointError(
    `The bytes don't give the checksum ${FIELD} that the file states`,
    'safetensors metadata',
    `The file is damaged: take another copy of it. If another program changed it on purpose, "${FIELD}" has to go from its metadata.`,
  );
}

function checksumOf(bytes: Uint8Array): string {
  const head = crc32(bytesOf(ZEROS), crc32(bytes.subarray(0, DIGITS_AT)));
  return crc32(bytes.subarray(DIGITS_AT + ZEROS.length), head)
    .toString(16)
    .padStart(ZEROS.length, '0');
}
