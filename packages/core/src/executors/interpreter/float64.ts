/** The interpreter's values and the graph's. */
import type { DType, Tensor } from '../../graph/node.js';
import type { Value } from './indexing.js';

const ARRAYS: Record<DType, { from(values: Float64Array): Tensor['data'] }> = {
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

export const toValue = ({ shape, data }: Tensor): Value => ({ shape, data: Float64Array.from(data) });

/** Rounds to the type of the graph. */
export function toTensor({ shape, data }: Value, dtype: Tensor['dtype']): Tensor {
  return { dtype, shape, data: ARRAYS[dtype].from(data) };
}
