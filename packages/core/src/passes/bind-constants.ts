import { isNamedLeaf } from '../graph/leaves.js';
import { constant, type Graph, GraphError, type Tensor } from '../graph/node.js';
import { same } from '../ops/shapes.js';
import { rewrite } from './rewrite.js';

/**
 * Turns the `param` leaves that `values` names into constants: how a frozen parameter stops being an input.
 * @param values may hold more than the graph reads
 * @throws GraphError when a value has another shape than its leaf, or the graph replaces one of the named leaves.
 */
export function bindConstants(graph: Graph, values: ReadonlyMap<string, Tensor>): Graph {
  const replaced = Object.values(graph.state ?? {}).find((name) => values.has(name));
  if (replaced !== undefined)
    throw new GraphError(`"${replaced}" can't be a constant: the graph replaces it`);
  return rewrite(graph, (node) => {
    const value = node.op === 'param' && isNamedLeaf(node) ? values.get(node.name) : undefined;
    if (!value) return undefined;
    same(`value of "${node.name}"`, value.shape, node.shape);
    return constant(value);
  });
}
