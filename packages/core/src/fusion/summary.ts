/** What a plan of launches costs: how many there are, and how many bytes they move. */
import { type Graph, type Node, topologicalOrder } from '../graph/node.js';
import { isOfKind } from '../ops/op-node.js';
import { onePerSymbol } from '../ops/shapes.js';
import { accessesOf, sizeInMemory, sizeMoved } from './parts.js';
import { type LaunchKind, type LaunchPlan, planLaunches } from './plan.js';

export interface LaunchSummary {
  readonly launches: ReadonlyMap<LaunchKind, number>;
  /** Bytes that launches read and write, each value once a launch. */
  readonly bytes: number;
  /**
   * The least for these values in memory: each is written once, and read once by every convolution or pooling that takes
   * it, or once if none does.
   */
  readonly leastBytes: number;
}

/** @param sizes values of the symbolic sizes; one that isn't given counts as 1 */
export function summarizeLaunches(graph: Graph, sizes: Readonly<Record<string, number>> = {}): LaunchSummary {
  const plan = planLaunches(graph);
  const known = { ...onePerSymbol(topologicalOrder(Object.values(graph.outputs))), ...sizes };
  const launches = new Map<LaunchKind, number>();
  for (const { kind } of plan.launches) launches.set(kind, (launches.get(kind) ?? 0) + 1);
  const size = (node: Node) => 4 * sizeInMemory(node, 'value', known);
  const accesses = plan.launches.flatMap((launch) => accessesOf(launch, plan.written));
  return {
    launches,
    bytes: accesses.reduce((sum, access) => sum + 4 * sizeMoved(access, known), 0),
    leastBytes: [...readersOf(plan)].reduce((sum, [node, readers]) => {
      const heavy = readers.filter(
        (reader) => isOfKind(reader, 'contraction') || isOfKind(reader, 'pooling'),
      );
      return (
        sum +
        size(node) * (Math.max(heavy.length, Math.min(readers.length, 1)) + (plan.written.has(node) ? 1 : 0))
      );
    }, 0),
  };
}

/** The first node of each launch that reads a value, by value. */
function readersOf({ launches, written }: LaunchPlan): Map<Node, Node[]> {
  const readers = new Map<Node, Node[]>([...written].map((node) => [node, []]));
  for (const { nodes, reads } of launches)
    for (const node of reads) readers.set(node, [...(readers.get(node) ?? []), nodes[0]]);
  return readers;
}

/** One line: `601 launches when fused (301 map, 119 conv, …), 4.10 GB moved, 3.20 GB at least`. */
export function launchesText({ launches, bytes, leastBytes }: LaunchSummary): string {
  const kinds = [...launches].sort(([, a], [, b]) => b - a).map(([kind, n]) => `${n} ${kind}`);
  const total = [...launches.values()].reduce((sum, n) => sum + n, 0);
  const gigabytes = (n: number) => `${(n / 1e9).toPrecision(3)} GB`;
  return `${total} launches when fused (${kinds.join(', ')}), ${gigabytes(bytes)} moved, ${gigabytes(leastBytes)} at least`;
}
