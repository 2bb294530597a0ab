/** Values as words of four bytes, as they lie on the GPU. */
import { numel } from '@froyolo/common';
import { toFloat16, toFloat32 } from '../../graph/float16.js';
import type { DType, Tensor } from '../../graph/node.js';

/** The bytes of a value as they are, filled up to whole words. */
export function toWords({ data }: Pick<Tensor, 'data'>): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.byteLength % 4 === 0) return bytes;
  const padded = new Uint8Array(Math.ceil(bytes.byteLength / 4) * 4);
  padded.set(bytes);
  return padded;
}

/** Constants are floats or integers of four bytes, whatever their type is. */
export function constantWords({ dtype, data }: Tensor): Uint8Array {
  if (dtype === 'uint8') return toWords({ data: Int32Array.from(data) });
  if (!(data instanceof Uint16Array)) return toWords({ data });
  const floats = new Float32Array(data.length);
  toFloat32(data, floats);
  return toWords({ data: floats });
}

/** A computed value: floats and integers of four bytes become what its type says, unless they are packed already. */
export function fromWords(
  words: ArrayBuffer,
  dtype: DType,
  shape: readonly number[],
  packed = false,
): Tensor {
  const count = numel(shape);
  if (packed && dtype === 'float16') return { dtype, shape, data: new Uint16Array(words, 0, count) };
  if (dtype === 'int32') return { dtype, shape, data: new Int32Array(words, 0, count) };
  if (dtype === 'uint8') return { dtype, shape, data: Uint8Array.from(new Int32Array(words, 0, count)) };
  const data = new Float32Array(words, 0, count);
  if (dtype === 'float32') return { dtype, shape, data };
  const halves = new Uint16Array(count);
  toFloat16(data, halves);
  return { dtype, shape, data: halves };
}
