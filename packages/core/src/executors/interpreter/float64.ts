/** The interpreter's values and the graph's. */
import { toFloat16, toFloat32 } from '../../graph/float16.js';
import type { DType, Tensor } from '../../graph/node.js';
import type { Float64Value } from './indexing.js';

const ARRAYS: Record<DType, { from(values: Float64Array): Tensor['data'] }> = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
  float16: { from: halvesOf },
};

export function toValue({ shape, data, dtype }: Tensor): Float64Value {
  return { shape, data: Float64Array.from(dtype === 'float16' ? widened(data as Uint16Array) : data) };
}

function halvesOf(values: Float64Array): Uint16Array {
  const halves = new Uint16Array(values.length);
  toFloat16(Float32Array.from(values), halves);
  return halves;
}

function widened(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  toFloat32(halves, values);
  return values;
}

/** Rounds to the type of the graph. */
export function toTensor({ shape, data }: Float64Value, dtype: Tensor['dtype']): Tensor {
  return { dtype, shape, data: ARRAYS[dtype].from(data) };
}
