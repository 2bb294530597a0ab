import type { FuzzKind } from './kind.js';

const LENGTH_BYTES = 8;

/** The same kind of safetensors file with its header damaged alone: its length is right, so that what it says is read. */
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
      return [bytes.slice(LENGTH_BYTES, end)];
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
