import { GraphError, type Node } from '../graph/node.js';
import type { OpKind } from './op.js';
import { type AttrsOf, type InputsOf, OP_NAMES, OPS, type OpName } from './table.js';

/** A node that an op of the table made, with the types of its row. */
export interface OpNode<O extends OpName = OpName> extends Node {
  readonly op: O;
  readonly inputs: InputsOf<O>;
  readonly attrs: AttrsOf<O>;
}

/** Whether the node was made by `op`; the types of its inputs and attributes are known then. */
export function isOp<O extends OpName>(node: Node, ...ops: readonly O[]): node is OpNode<O> {
  return ops.some((op) => op === node.op);
}

const NAMES: ReadonlySet<string> = new Set(OP_NAMES);
const isKnown = (node: Node): node is OpNode => NAMES.has(node.op);

/**
 * The node with the types of its op.
 * @param what names the table that is asked, for the error
 * @throws GraphError for a leaf and for an op that the op table doesn't have
 */
export function opNode(node: Node, what = 'the op table has no row'): OpNode {
  if (isKnown(node)) return node;
  throw new GraphError(`${what} for op "${node.op}"`);
}

/** Whether the op that made the node is of a kind; leaves are of none. */
export const isOfKind = (node: Node, kind: OpKind): boolean => isKnown(node) && OPS[node.op].kind === kind;

type Mapped<I extends readonly unknown[], T> = { readonly [K in keyof I]: T };

/** The inputs of a node, each mapped to `T`: as many, in the same order. */
export type MappedInputs<O extends OpName, T> = Mapped<InputsOf<O>, T>;

export function mapInputs<O extends OpName, T>(node: OpNode<O>, f: (x: Node) => T) {
  return node.inputs.map(f) as readonly T[] as MappedInputs<O, T> & readonly T[];
}

export const mapTriple = <T, R>([a, b, c]: readonly [T, T, T], f: (value: T) => R): [R, R, R] => [
  f(a),
  f(b),
  f(c),
];
