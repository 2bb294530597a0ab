/** The cheapest cut of a prefix: a minimum vertex cut by maximum flow (Ford & Fulkerson, 1956). */
import type { Node } from '../graph/node.js';
import { isOfKind } from '../ops/op-node.js';

const SOURCE = 'source';
const SINK = 'sink';

/**
 * The values of a prefix with the smallest total of `size` from which all that is `read` follows by moving values
 * alone. Among equal sets it takes the one nearest to the readers, so that they have the least to move.
 */
export function smallestCut(
  read: readonly Node[],
  prefix: ReadonlySet<Node>,
  size: (node: Node) => number,
): Node[] {
  const network = new FlowNetwork();
  const nodes = new Set<Node>();
  const pending = [...read];
  for (const node of read) network.connect(after(node), SINK, Number.POSITIVE_INFINITY);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (nodes.has(node)) continue;
    nodes.add(node);
    network.connect(before(node), after(node), size(node));
    // Repeating a move costs less than storing its larger result.
    const sources = isOfKind(node, 'moving') ? node.inputs.filter((x) => prefix.has(x)) : [];
    if (sources.length === 0) network.connect(SOURCE, before(node), Number.POSITIVE_INFINITY);
    for (const x of sources) network.connect(after(x), before(node), Number.POSITIVE_INFINITY);
    pending.push(...sources);
  }
  const beyond = network.beyondMinimumCut(SOURCE, SINK);
  return [...nodes].filter((node) => beyond.has(after(node)) && !beyond.has(before(node)));
}

/** A value is two vertices with an edge of its size between them: cutting the value is cutting that edge. */
const before = (node: Node) => `before ${node.id}`;
const after = (node: Node) => `after ${node.id}`;

class FlowNetwork {
  /** Residual capacity from one vertex to another. */
  readonly #capacity = new Map<string, Map<string, number>>();

  connect(from: string, to: string, capacity: number): void {
    this.#edges(from).set(to, this.#residual(from, to) + capacity);
    if (!this.#edges(to).has(from)) this.#edges(to).set(from, 0);
  }

  /** Vertices from which the sink can still be reached when the flow is at its maximum. */
  beyondMinimumCut(source: string, sink: string): Set<string> {
    for (;;) {
      const next = this.#towards(sink);
      if (!next.has(source)) return new Set(next.keys());
      this.#push(pathFrom(source, next));
    }
  }

  #edges(vertex: string): Map<string, number> {
    const known = this.#capacity.get(vertex);
    if (known) return known;
    const edges = new Map<string, number>();
    this.#capacity.set(vertex, edges);
    return edges;
  }

  #residual(from: string, to: string): number {
    return this.#edges(from).get(to) ?? 0;
  }

  /** Breadth first from the sink backwards: each vertex that can reach it, with the next on its way. */
  #towards(sink: string): Map<string, string | undefined> {
    const next = new Map<string, string | undefined>([[sink, undefined]]);
    for (const vertex of next.keys())
      for (const neighbor of this.#edges(vertex).keys())
        if (!next.has(neighbor) && this.#residual(neighbor, vertex) > 0) next.set(neighbor, vertex);
    return next;
  }

  #push(path: readonly string[]): void {
    const edges = path.slice(1).map((to, i) => [path[i], to] as const);
    const amount = Math.min(...edges.map(([from, to]) => this.#residual(from, to)));
    for (const [from, to] of edges) {
      this.connect(from, to, -amount);
      this.connect(to, from, amount);
    }
  }
}

function pathFrom(start: string, next: ReadonlyMap<string, string | undefined>): string[] {
  const path: string[] = [];
  for (let vertex: string | undefined = start; vertex !== undefined; vertex = next.get(vertex))
    path.push(vertex);
  return path;
}
