/** Types of graphs, their nodes and values. */

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
