import { type Graph, isLeaf, topologicalOrder } from './node.js';

/** Number of nodes by op. */
export type OpCount = ReadonlyMap<string, number>;

/** Counts the nodes of a graph by op, without leaves. */
export function opCounts(graph: Graph): OpCount {
  const counts = new Map<string, number>();
  for (const node of topologicalOrder(Object.values(graph.outputs)))
    if (!isLeaf(node)) counts.set(node.op, (counts.get(node.op) ?? 0) + 1);
  return counts;
}
