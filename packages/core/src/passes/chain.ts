/** Graphs that run one after the other as one. */
import { namedLeaves } from '../graph/leaves.js';
import { type Graph, type Node, topologicalOrder } from '../graph/node.js';
import { rewrite } from './rewrite.js';

/**
 * One graph that does what two do one after the other on the same store: `second` reads what `first` writes. Of outputs and
 * state of one name, those of `second` remain.
 */
export function chain(first: Graph, second: Graph): Graph {
  const leaves = namedLeaves(topologicalOrder(Object.values(first.outputs)));
  const known = new Map<string, Node>(leaves.map((leaf) => [leaf.name, leaf]));
  const written = new Map(
    Object.entries(first.state ?? {}).map(([output, name]) => [name, first.outputs[output]]),
  );
  const then = rewrite(second, ({ op, name }) => {
    if (name === undefined) return undefined;
    return (op === 'param' ? written.get(name) : undefined) ?? known.get(name);
  });
  const replaced = new Set(Object.values(then.state ?? {}));
  const kept = Object.entries(first.state ?? {}).filter(([, name]) => !replaced.has(name));
  const outputs = Object.entries(first.outputs).filter(
    ([output]) => !replaced.has(first.state?.[output] ?? ''),
  );
  return {
    outputs: { ...Object.fromEntries(outputs), ...then.outputs },
    state: { ...Object.fromEntries(kept), ...then.state },
  };
}
