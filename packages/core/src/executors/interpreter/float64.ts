/** The interpreter's values and the graph's. */
import type { Tensor } from '../../graph/node.js';
import type { Value } from './indexing.js';

export const toValue = ({ shape, data }: Tensor): Value => ({ shape, data: Float64Array.from(data) });

/** Rounds to the type of the graph. */
export function toTensor({ shape, data }: Value, dtype: Tensor['dtype']): Tensor {
  return { dtype, shape, data: dtype === 'int32' ? Int32Array.from(data) : Float32Array.from(data) };
}
