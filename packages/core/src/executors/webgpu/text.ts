/** Values as WGSL writes them. */
import type { DType, Node } from '../../graph/node.js';
import type { Code } from './code.js';
import type { Index } from './index-of.js';

/** Writes expressions of values. */
export interface Values {
  readonly code: Code;
  /** The value of a node at an element. */
  at(node: Node, index: Index): string;
}

/** Writes the value of a node at an element; undefined where the node is of another op. */
export type Expression = (values: Values, node: Node, index: Index) => string | undefined;

export const isInteger = (dtype: DType) => dtype === 'int32' || dtype === 'uint8';

/** The type that a value has in WGSL. */
export const wgslType = ({ dtype }: Node) => (isInteger(dtype) ? 'i32' : 'f32');

/** A number of float32. */
export function literal(value: number): string {
  if (value === Number.POSITIVE_INFINITY || value > LARGEST) return `${LARGEST}f`;
  if (value === Number.NEGATIVE_INFINITY || value < -LARGEST) return `(-${LARGEST}f)`;
  if (Number.isNaN(value)) return 'bitcast<f32>(u[0] | 0x7fc00000)';
  return value < 0 ? `(${Math.fround(value)}f)` : `${Math.fround(value)}f`;
}

const LARGEST = 3.4028234e38;
