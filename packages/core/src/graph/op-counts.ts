import { type Graph, isLeaf, topologicalOrder } from './node.js';

/** How often each op occurs. */
export type OpCount = ReadonlyMap<string, number>;

/** How often each op occurs in a graph, leaves left out. */
export function opCounts(graph: Graph): OpCount {
  const counts = new Map<string, number>();
  for (const node of topologicalOrder(Object.values(graph.outputs)))
    if (!isLeaf(node)) counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
  return counts;
}
