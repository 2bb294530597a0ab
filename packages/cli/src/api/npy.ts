/** NumPy's file format, version 1.0: a header in words, then the values. */
const MAGIC = '\x93NUMPY\x01\x00';
const ALIGNMENT = 64;

/** Float32 values in the order of C, as `numpy.load` reads them. */
export function npyBytes(values: Float32Array, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const words = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const used = MAGIC.length + 2 + words.length + 1;
  const header = `${words}${' '.repeat((ALIGNMENT - (used % ALIGNMENT)) % ALIGNMENT)}\n`;
  const start = MAGIC.length + 2 + header.length;
  const bytes = Buffer.alloc(start + values.length * 4);
  bytes.write(MAGIC, 'latin1');
  bytes.writeUInt16LE(header.length, MAGIC.length);
  bytes.write(header, MAGIC.length + 2, 'latin1');
  values.forEach((value, i) => {
    bytes.writeFloatLE(value, start + i * 4);
  });
  return bytes;
}
