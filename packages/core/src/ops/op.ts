/** The row of an op in the op table, with the types of its inputs and attributes. */
import type { Attrs, DType, Node, Shape } from '../graph/node.js';
import type { NoAttrs } from './attrs.js';

/**
 * The nature of an op.
 * - `elementwise`: each element comes from the elements at its place, after broadcasting
 * - `reduction`: elements are summed, compared or counted along axes
 * - `contraction`: sums of products, the ops that do most of the work
 * - `pooling`: windows over an image, without weights
 * - `moving`: elements change their places or repeat; nothing is computed
 * - `indexing`: rows are picked or added by index
 */
export type OpKind = 'elementwise' | 'reduction' | 'contraction' | 'pooling' | 'moving' | 'indexing';

/** Values of symbolic sizes. */
export type Sizes = Readonly<Record<string, number>>;

type Inputs = readonly Node[];

export type Arity = number | readonly [least: number, most: number];

export interface OpSpec<A extends Attrs = Attrs, I extends Inputs = Inputs> {
  readonly kind: OpKind;
  /** Number of inputs; the least and the most where it varies. */
  readonly arity: Arity;
  /** Shape of the result; throws a `GraphError` on inputs that don't fit. */
  shape(inputs: I, attrs: A): Shape;
  /** Type of the result: `float32` unless given. */
  dtype?(inputs: I, attrs: A): DType;
  /** Floating-point operations. Absent if data only moves. */
  flops?(inputs: I, output: Shape, attrs: A, sizes: Sizes): number;
  /** Exists only as types: what `AttrsOf` and `InputsOf` read. */
  readonly types?: { readonly attrs: A; readonly inputs: I };
}

export type OneInput = readonly [x: Node];
export type TwoInputs = readonly [a: Node, b: Node];

/** The number of inputs where their types fix it. */
type ArityOf<I extends Inputs> = number extends I['length'] ? Arity : I['length'];

/** States the types of an op's attributes and inputs: by default no attributes and one input. */
export const op = <A extends Attrs = NoAttrs, I extends Inputs = OneInput>(
  spec: OpSpec<A, I> & { readonly arity: ArityOf<I> },
): OpSpec<A, I> => spec;
