import { FroyoloError } from '@froyolo/errors';

/**
 * The graph IR. A graph is a set of immutable nodes; sharing a node is sharing a value.
 * Every tensor is row-major; images are `[N, C, H, W]`. Values are `float32`, indices `int32`; `uint8` is how an image
 * may be fed, `float16` (as bits) how values that were stored are: ops other than `cast` don't take them.
 */

export type DType = 'float32' | 'int32' | 'uint8' | 'float16';

/** A size known when the graph is built, or the name of one known when it runs (such as `batch`). */
export type Dim = number | string;

export type Shape = readonly Dim[];

/** A value in host memory. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array | Uint16Array;
}

export type AttrValue = number | string | readonly number[] | readonly Dim[];
export type Attrs = Readonly<Record<string, AttrValue>>;

/** The four leaf kinds, and everything computed from them. */
export interface Node {
  /** Order of creation: inputs always have smaller ids than what is computed from them. */
  readonly id: number;
  /** Name of an entry of the op table, or of a leaf: `input`, `param`, `constant`. */
  readonly op: string;
  readonly inputs: readonly Node[];
  readonly attrs: Attrs;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Leaves `input` and `param` have a name, unique in the graph. */
  readonly name?: string;
  /** The value of a `constant`. */
  readonly value?: Tensor;
}

/**
 * What an executor compiles. `state` says which outputs replace which inputs after a run: the executor keeps those
 * values on the device between runs (parameters, optimizer state, running statistics).
 */
export interface Graph {
  readonly outputs: Readonly<Record<string, Node>>;
  /** Output name → name of the `param` leaf that it replaces. */
  readonly state?: Readonly<Record<string, string>>;
}

let nextId = 0;

/** Makes a node. Only the op table and the leaves below call it. */
export function makeNode(fields: Omit<Node, 'id'>): Node {
  return Object.freeze({ id: nextId++, ...fields });
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
  const count = value.shape.reduce((a, b) => a * b, 1);
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

export function tensor(
  data: Tensor['data'] | readonly number[],
  shape: readonly number[] = [data.length],
): Tensor {
  if (data instanceof Uint8Array) return { dtype: 'uint8', shape, data };
  if (data instanceof Uint16Array) return { dtype: 'float16', shape, data };
  if (data instanceof Int32Array) return { dtype: 'int32', shape, data };
  return { dtype: 'float32', shape, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** Every node that the outputs need, each after its inputs. */
export function topologicalOrder(outputs: Iterable<Node>): Node[] {
  const seen = new Set<Node>();
  const pending = [...outputs];
  while (pending.length > 0) {
    const node = pending.pop()!;
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

/** What a caught value says. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
