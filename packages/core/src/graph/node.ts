import { numel } from '@froyolo/common';
import { FroyoloError } from '@froyolo/errors';

/**
 * The graph IR. A graph is a set of immutable nodes; sharing a node is sharing a value.
 * Every tensor is row-major; images are `[N, C, H, W]`. Values are `float32`, indices `int32`; `uint8` and `float16`
 * (as bits) are storage types: only `cast` accepts them.
 */

import { nodeText, tensorText } from './text.js';
import type { DType, Node, Shape, Tensor } from './types.js';

export type { Attrs, AttrValue, Dim, DType, Graph, Node, Shape, Tensor } from './types.js';

/** Key under which Node's REPL and `console.log` look for an object's text. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** An object that prints itself by `text`; the method is not enumerable, so that copies and comparisons don't see it. */
function readable<T extends object>(value: T, text: (value: T) => string): T {
  return Object.defineProperty(value, INSPECT, { value: () => text(value), enumerable: false });
}

let nextId = 0;

/** Makes a node. Only the op table and the leaves below call it. */
export function makeNode(fields: Omit<Node, 'id'>): Node {
  return Object.freeze(readable({ id: nextId++, ...fields }, nodeText));
}

export function isLeaf(node: Node): boolean {
  return node.op === 'input' || node.op === 'param' || node.op === 'constant';
}

/** A value fed at every run. */
export function input(name: string, shape: Shape, dtype: DType = 'float32'): Node {
  return makeNode({ op: 'input', inputs: [], attrs: {}, shape, dtype, name });
}

/** A named value that lives on the device between runs; frozen ones are turned into constants by `bindConstants`. */
export function param(name: string, shape: readonly number[]): Node {
  return makeNode({ op: 'param', inputs: [], attrs: {}, shape, dtype: 'float32', name });
}

/** A value known when the graph is built. */
export function constant(value: Tensor): Node {
  const count = numel(value.shape);
  if (count !== value.data.length) {
    throw new GraphError(
      `constant of shape [${value.shape}] needs ${count} values, got ${value.data.length}`,
    );
  }
  return makeNode({ op: 'constant', inputs: [], attrs: {}, shape: value.shape, dtype: value.dtype, value });
}

/** A float32 scalar constant, shape `[]`. */
export function scalar(value: number): Node {
  return constant({ dtype: 'float32', shape: [], data: Float32Array.of(value) });
}

/**
 * A tensor in row-major order. Numbers become float32; a typed array keeps its type and is not copied.
 * @param shape one axis by default
 */
export function tensor(
  data: Tensor['data'] | readonly number[],
  shape: readonly number[] = [data.length],
): Tensor {
  const values = ArrayBuffer.isView(data) ? data : Float32Array.from(data);
  return readable({ dtype: dtypeOf(values), shape, data: values }, tensorText);
}

function dtypeOf(data: Tensor['data']): DType {
  if (data instanceof Uint8Array) return 'uint8';
  if (data instanceof Uint16Array) return 'float16';
  return data instanceof Int32Array ? 'int32' : 'float32';
}

/** Every node that the outputs need, each after its inputs. */
export function topologicalOrder(outputs: Iterable<Node>): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** A graph that can't be built, differentiated, lowered or run; the message names the op and its shapes. */
export class GraphError extends FroyoloError {
  override name = 'GraphError';
  override readonly code = 'ERR_GRAPH';
}

/** Message of a caught value. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
