import { sameShape } from '@froyolo/core';
import type { TensorData } from './tensor.js';

/** A tensor that a model has. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** How a checkpoint's tensors fit a model. */
export interface TensorMatch {
  /** Same name and shape: to be loaded. In the model's order. */
  readonly matched: Map<string, TensorData>;
  /** Names the model has and the checkpoint lacks. */
  readonly missing: string[];
  /** Names the checkpoint has and the model lacks. */
  readonly unexpected: string[];
  /** Same name, other shape, such as the detection layer of another number of classes. */
  readonly mismatched: { name: string; expected: readonly number[]; found: readonly number[] }[];
}

/** Sorts the tensors of a checkpoint by whether name and shape agree with what a model expects. */
export function matchTensors(
  tensors: ReadonlyMap<string, TensorData>,
  expected: readonly ExpectedTensor[],
): TensorMatch {
  const match: TensorMatch = { matched: new Map(), missing: [], unexpected: [], mismatched: [] };
  for (const { name, shape } of expected) {
    const tensor = tensors.get(name);
    if (!tensor) match.missing.push(name);
    else if (sameShape(shape, tensor.shape)) match.matched.set(name, tensor);
    else match.mismatched.push({ name, expected: shape, found: tensor.shape });
  }
  const known = new Set(expected.map(({ name }) => name));
  match.unexpected.push(...[...tensors.keys()].filter((name) => !known.has(name)));
  return match;
}
