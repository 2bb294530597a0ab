/** Inputs and outputs of ONNX nodes: types that the encoder, the table of ops and the planner share. */
import { numel } from '@froyolo/common';
import { GraphError } from '../../graph/node.js';

export type OnnxType = 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';

/** Whole numbers become INT, `{ float }` FLOAT, strings STRING, lists INTS. */
export type OnnxAttr = number | string | readonly number[] | { readonly float: number };
export type OnnxAttrs = Readonly<Record<string, OnnxAttr>>;

export interface OnnxValue {
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
  /** The numbers themselves, of short constants: shapes, axes, pads, scales. */
  readonly known?: readonly number[];
}

/** A node as it runs: with the values that it reads and gives. */
export interface OnnxStep {
  readonly opType: string;
  readonly domain: string;
  readonly attrs: OnnxAttrs;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** Returns whether an input is known before the run. */
  isConstant(input: number): boolean;
}

const BYTES: Record<OnnxType, number> = { float32: 4, float16: 2, uint8: 1, int32: 4, int64: 8, bool: 1 };

export const elementsOf = ({ shape }: OnnxValue) => numel(shape);
export const bytesOf = (value: OnnxValue) => elementsOf(value) * BYTES[value.dtype];

/** A value that the op always has. */
export function given(values: readonly OnnxValue[], i: number): OnnxValue {
  const value = values[i];
  if (!value) throw new GraphError(`value ${i} is missing`);
  return value;
}

/** An attribute that is a list. */
export function listAttr(attrs: OnnxAttrs, name: string, missing: readonly number[]): readonly number[] {
  const attr = attrs[name];
  return Array.isArray(attr) ? attr : missing;
}

/** An attribute that is a whole number. */
export function intAttr(attrs: OnnxAttrs, name: string, missing: number): number {
  const attr = attrs[name];
  return typeof attr === 'number' ? attr : missing;
}
