import type { MappedInputs } from '../../ops/op-node.js';
import type { AttrsOf, OpName } from '../../ops/table.js';
import type { Float64Value } from './indexing.js';

/** `shape` is the result's, with every symbolic size known. */
export type Kernel<O extends OpName> = (
  inputs: MappedInputs<O, Float64Value>,
  attrs: AttrsOf<O>,
  shape: readonly number[],
) => Float64Array;
