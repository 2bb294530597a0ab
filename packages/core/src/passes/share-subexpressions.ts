import type { Graph, Node, Tensor } from '../graph/node.js';
import { rewrite } from './rewrite.js';

/** Larger constants are compared as objects: reading them all would cost more than the copies. */
const LARGEST_COMPARED = 64;

/** Common subexpression elimination: nodes with the same op, inputs and attrs become one. */
export function shareSubexpressions(graph: Graph): Graph {
  const known = new Map<string, Node>();
  return rewrite(graph, (node) => {
    const key = keyOf(node);
    const first = known.get(key);
    if (!first) known.set(key, node);
    return first;
  });
}

function keyOf(node: Node): string {
  const { id, op, inputs, attrs, shape, dtype, name, value } = node;
  if (!value) return JSON.stringify([op, inputs.map((x) => x.id), attrs, shape, dtype, name]);
  return value.data.length > LARGEST_COMPARED
    ? `#${id}`
    : JSON.stringify([op, shape, dtype, bitsOf(value.data)]);
}

/** Bit patterns, so that -0 and NaN are told apart. */
const bitsOf = (data: Tensor['data']) => [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
