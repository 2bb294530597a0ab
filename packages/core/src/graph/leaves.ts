/** Leaves with a name, and values that belong to nodes. */
import { GraphError, type Node } from './node.js';

/** An `input` or a `param`. */
export interface NamedLeaf extends Node {
  readonly name: string;
}

export const isNamedLeaf = (node: Node): node is NamedLeaf => node.op === 'input' || node.op === 'param';

/**
 * The named leaves of a graph, in its order.
 * @throws GraphError when two have one name
 */
export function namedLeaves(order: readonly Node[]): NamedLeaf[] {
  const leaves = order.filter(isNamedLeaf);
  const names = new Set<string>();
  for (const { name } of leaves) {
    if (names.has(name)) throw new GraphError(`two different leaves are called "${name}"`);
    names.add(name);
  }
  return leaves;
}

/** What was made of a node that comes earlier in the graph's order. */
export function madeOf<T>(values: ReadonlyMap<Node, T>, node: Node): T {
  const value = values.get(node);
  if (value === undefined) throw new GraphError(`${node.op} [${node.shape}] is read before it is made`);
  return value;
}
