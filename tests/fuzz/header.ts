import { Believed, type FuzzKind } from './kind.js';

const LENGTH_BYTES = 8;
/** Without it, damaged headers are read to their end. */
const CHECKSUM = /"crc32":"[\da-f]{8}",/;

/**
 * The same kind of safetensors file with its header damaged alone: its length is right and it has no checksum, so that what
 * it says is read.
 */
export function headerOf(kind: FuzzKind): FuzzKind {
  let data = new Uint8Array();
  return {
    ...kind,
    name: `header of: ${kind.name}`,
    async seeds(workshop) {
      const [bytes = new Uint8Array(LENGTH_BYTES)] = await kind.seeds(workshop);
      const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
      const end = LENGTH_BYTES + Number(length);
      data = bytes.slice(end);
      const header = Buffer.from(bytes.subarray(LENGTH_BYTES, end)).toString('latin1');
      return [Uint8Array.from(Buffer.from(header.replace(CHECKSUM, ''), 'latin1'))];
    },
    wrap(damaged) {
      const file = new Uint8Array(LENGTH_BYTES + damaged.length + data.length);
      new DataView(file.buffer).setBigUint64(0, BigInt(damaged.length), true);
      file.set(damaged, LENGTH_BYTES);
      file.set(data, LENGTH_BYTES + damaged.length);
      return file;
    },
  };
}

/** Fails a checkpoint that was read although it states a checksum and is not what was written. */
export function refuseBelieved(damaged: Uint8Array, whole: Uint8Array): void {
  const isSame = Buffer.compare(damaged, whole) === 0;
  if (!isSame && CHECKSUM.test(Buffer.from(damaged).toString('latin1')))
    throw new Believed('a checkpoint that does not give its checksum');
}
