import { numel } from '@froyolo/common';
import { toFloat32 as decodeHalves, toFloat16 as encodeHalves } from '@froyolo/core';
import { CheckpointError } from './errors.js';

export type TypedArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint16Array
  | Uint8Array;

/** Element types of a stored tensor, named as PyTorch names them. */
export type TensorDtype =
  | 'float64'
  | 'float32'
  | 'float16'
  | 'bfloat16'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool';

/**
 * A dense row-major tensor. `data` holds `shape`'s product of elements; float16 and bfloat16 keep their bit patterns
 * in a `Uint16Array` (see `toFloat32`), int64 is a `BigInt64Array`, bool a `Uint8Array` of 0 and 1.
 */
export interface TensorData {
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

interface DtypeInfo {
  readonly bytes: number;
  readonly array: new (buffer: ArrayBuffer) => TypedArray;
}

/** One entry for each element type: its size in bytes and the array that holds it. */
export const DTYPES: Readonly<Record<TensorDtype, DtypeInfo>> = {
  float64: { bytes: 8, array: Float64Array },
  float32: { bytes: 4, array: Float32Array },
  float16: { bytes: 2, array: Uint16Array },
  bfloat16: { bytes: 2, array: Uint16Array },
  int64: { bytes: 8, array: BigInt64Array },
  int32: { bytes: 4, array: Int32Array },
  int16: { bytes: 2, array: Int16Array },
  int8: { bytes: 1, array: Int8Array },
  uint8: { bytes: 1, array: Uint8Array },
  bool: { bytes: 1, array: Uint8Array },
};

/** Copies little-endian bytes into a tensor of its own memory; `bytes` must be exactly the tensor's size. */
export function tensorFromBytes(dtype: TensorDtype, shape: readonly number[], bytes: Uint8Array): TensorData {
  const buffer = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(buffer).set(bytes);
  return { dtype, shape: [...shape], data: new DTYPES[dtype].array(buffer) };
}

/** The memory of a tensor as bytes (a view, not a copy). */
export function tensorBytes(tensor: TensorData): Uint8Array {
  const { buffer, byteOffset, byteLength } = tensor.data;
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A float32 tensor over `data` (not copied). Throws a `CheckpointError` when the shape doesn't fit the length. */
export function float32Tensor(shape: readonly number[], data: Float32Array): TensorData {
  if (numel(shape) !== data.length) {
    throw new CheckpointError(
      `Shape [${shape.join(', ')}] needs ${numel(shape)} elements, got ${data.length}`,
      'float32Tensor',
      'Pass data of the shape it is declared with.',
    );
  }
  return { dtype: 'float32', shape: [...shape], data };
}

/**
 * The tensor's values as float32, in memory of its own. float16, bfloat16, bool and the small integers convert exactly;
 * float64, int32 and int64 are rounded to the nearest float32.
 */
export function toFloat32(tensor: TensorData): Float32Array {
  const { dtype, data } = tensor;
  if (data instanceof BigInt64Array) return Float32Array.from(data, Number);
  if (dtype === 'float16' && data instanceof Uint16Array) return fromHalves(data);
  if (dtype === 'bfloat16') return fromUpperHalves(data);
  return Float32Array.from(data);
}

/** The values rounded to the nearest float16 (ties to even), half the size of float32; out of range becomes infinity. */
export function toFloat16(tensor: TensorData): TensorData {
  if (tensor.dtype === 'float16') return tensor;
  const floats = toFloat32(tensor);
  const data = new Uint16Array(floats.length);
  encodeHalves(floats, data, 'infinity');
  return { dtype: 'float16', shape: tensor.shape, data };
}

function fromHalves(halves: Uint16Array): Float32Array {
  const floats = new Float32Array(halves.length);
  decodeHalves(halves, floats);
  return floats;
}

/** bfloat16 is the upper half of a float32. */
function fromUpperHalves(halves: ArrayLike<number>): Float32Array {
  const floats = new Float32Array(halves.length);
  const bits = new Uint32Array(floats.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = (halves[i] ?? 0) << 16;
  return floats;
}
