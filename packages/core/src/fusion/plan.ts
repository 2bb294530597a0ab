/**
 * Fusion: the launches in which a GPU runs a graph. Elementwise chains, what moves values and what follows a
 * convolution at the same element are computed inside of the launches that write or reduce them, so that only values
 * which several launches need go through memory. Executors without fusion run the same graph node by node.
 */
import { type Graph, type Node, topologicalOrder } from '../graph/node.js';
import { isOfKind, isOp } from '../ops/op-node.js';
import { sameShape } from '../ops/shapes.js';
import { type TileSum, tileSumOf } from './epilogue.js';
import { isReduction, readsOf, reducedAxes, roleOf } from './roles.js';
import { storedNodes } from './stored.js';

/**
 * - `map`: elements of one shape, each written by a thread
 * - `conv`: a convolution or its gradient towards the image, what follows it at the same element, and the share of each
 *   tile in sums over its pixels
 * - `sum`: puts such shares together, and what follows for each channel
 * - `weight`: parts of the gradient of a convolution towards its weight
 * - `reduce`: partial sums of values of one shape
 * - `first`: where the maximum of each window lies
 * - `clear`, `link`: lists of the values that go to one row
 */
export type LaunchKind = 'map' | 'conv' | 'sum' | 'weight' | 'reduce' | 'first' | 'clear' | 'link';

export interface Launch {
  readonly kind: LaunchKind;
  /** What it computes, all over one shape; a convolution comes first. */
  readonly nodes: Node[];
  /** Values in memory that it reads. */
  readonly reads: Set<Node>;
  /** Sums that a convolution starts, or that a launch puts together: those are its first nodes. */
  readonly sums: TileSum[];
}

export interface LaunchPlan {
  readonly launches: readonly Launch[];
  /** Values in memory besides the leaves: those that a launch writes for others, and the outputs. */
  readonly written: ReadonlySet<Node>;
}

/** Plans the launches of a graph. It should be optimized before. */
export function planLaunches(graph: Graph): LaunchPlan {
  const stored = storedNodes(graph);
  const planner = new Planner(stored);
  for (const node of topologicalOrder(Object.values(graph.outputs))) planner.add(node);
  const outputs = Object.values(graph.outputs).filter((node) => roleOf(node) !== 'leaf');
  const read = planner.launches.flatMap(({ reads }) => [...reads].filter(planner.isWritten));
  return { launches: planner.launches, written: new Set([...outputs, ...read]) };
}

/** What a launch would read, and what it would have at hand if it joined another. */
interface Needs {
  /** In memory, or prepared there. */
  readonly elsewhere: Set<Node>;
  /** Read at the very element that is computed. */
  readonly here: Set<Node>;
  /** Nodes already followed. */
  readonly seen: Set<string>;
}

const noNeeds = (): Needs => ({ elsewhere: new Set(), here: new Set(), seen: new Set() });

class Planner {
  readonly launches: Launch[] = [];
  readonly #stored: ReadonlySet<Node>;
  /** Position of the launch after which a value can be read. */
  readonly #made = new Map<Node, number>();
  readonly #summed = new Set<Node>();
  /** Whether launches read the value itself from memory. */
  readonly isWritten = (node: Node) => this.#stored.has(node) || this.#summed.has(node);

  constructor(stored: ReadonlySet<Node>) {
    this.#stored = stored;
  }

  add(node: Node): void {
    const role = roleOf(node);
    if (role === 'prepared' && this.#sum(node)) return;
    if (role === 'prepared') this.#prepare(node);
    if (role === 'direct') this.#append('conv', node, new Set(readsOf(node)));
    else if (this.#stored.has(node)) this.#map(node);
  }

  #prepare(node: Node): void {
    if (isReduction(node)) this.#reduce(node);
    else if (isOp(node, 'conv2dBackwardWeight')) this.#append('weight', node, new Set(readsOf(node)));
    else if (isOp(node, 'maxPool2dBackward')) this.#append('first', node, new Set([node.inputs[1]]));
    else {
      this.#append('clear', node, new Set());
      this.#append('link', node, new Set([node.inputs[1]]));
    }
  }

  /** Sums that the same convolution starts, for as many channels, are put together by one launch. */
  #sum(node: Node): boolean {
    const reads = this.#readsOf(node);
    const at = this.#after(reads);
    const launch = this.launches[at];
    const sum = launch?.kind === 'conv' && tileSumOf(node, launch.nodes, this.#isInMemory);
    if (!sum) return false;
    for (const x of reads) if (!launch.nodes.includes(x)) launch.reads.add(x);
    launch.sums.push(sum);
    this.#summed.add(node);
    const found = this.launches.findIndex(
      ({ kind, nodes: [first] }) =>
        kind === 'sum' &&
        launch.sums.some((other) => other.node === first) &&
        sameShape(first.shape, node.shape),
    );
    if (found < 0) this.#append('sum', node, new Set(), sum);
    else this.#joinSum(found, node, sum);
    return true;
  }

  #joinSum(at: number, node: Node, sum: TileSum): void {
    const { nodes, sums } = this.launches[at];
    nodes.splice(sums.push(sum) - 1, 0, node);
    this.#made.set(node, at);
  }

  /** What the elements that a node visits need in memory. */
  #readsOf(node: Node): Set<Node> {
    const needs = noNeeds();
    for (const x of readsOf(node)) this.#collect(x, true, needs);
    return new Set([...needs.elsewhere, ...needs.here]);
  }

  readonly #isInMemory = (node: Node) => this.isWritten(node) || roleOf(node) === 'leaf';

  /** Reductions of values of one shape, over the same axes, share a launch. */
  #reduce(node: Node): void {
    const reads = this.#readsOf(node);
    const after = this.#after(reads);
    const found = this.launches.findIndex(
      ({ kind, nodes: [first] }, at) => kind === 'reduce' && at > after && reducesAlike(first, node),
    );
    if (found < 0) this.#append('reduce', node, reads);
    else this.#join(found, node, reads);
  }

  /** Adds a node to the first launch over the same shape that has all it needs, or to a new one. */
  #map(node: Node): void {
    const needs = noNeeds();
    for (const x of ownReads(node)) this.#collect(x, staysHere(node, x), needs);
    if (roleOf(node) === 'prepared') needs.elsewhere.add(node);
    const elsewhere = this.#after(needs.elsewhere);
    const after = Math.max(elsewhere, this.#after(needs.here));
    const found = this.launches.findIndex(
      (launch, at) => at >= after && at > elsewhere && this.#canJoin(launch, node, at > after),
    );
    const reads = new Set([...needs.elsewhere, ...needs.here]);
    if (found < 0) this.#append('map', node, reads);
    else this.#join(found, node, reads);
  }

  #canJoin({ kind, nodes: [first] }: Launch, node: Node, free: boolean): boolean {
    if (roleOf(node) === 'loop' && kind !== 'map') return false;
    if (kind !== 'map' && free) return false;
    return (kind === 'map' || kind === 'conv' || kind === 'sum') && sameShape(first.shape, node.shape);
  }

  #join(at: number, node: Node, reads: ReadonlySet<Node>): void {
    const launch = this.launches[at];
    for (const x of reads) if (x === node || !launch.nodes.includes(x)) launch.reads.add(x);
    launch.nodes.push(node);
    this.#made.set(node, at);
  }

  #append(kind: LaunchKind, node: Node, reads: Set<Node>, ...sums: TileSum[]): void {
    this.launches.push({ kind, nodes: [node], reads, sums });
    this.#made.set(node, this.launches.length - 1);
  }

  #after(nodes: ReadonlySet<Node>): number {
    return Math.max(-1, ...[...nodes].map((node) => this.#made.get(node) ?? -1));
  }

  /** Follows what is computed on the fly down to what is in memory. */
  #collect(node: Node, here: boolean, needs: Needs): void {
    const key = `${node.id} ${here}`;
    if (needs.seen.has(key)) return;
    needs.seen.add(key);
    const role = roleOf(node);
    if (this.#isInMemory(node)) {
      (here ? needs.here : needs.elsewhere).add(node);
      return;
    }
    if (role === 'prepared') needs.elsewhere.add(node);
    for (const x of ownReads(node)) this.#collect(x, here && staysHere(node, x), needs);
  }
}

/** What reading a node reads besides what was prepared for it. */
const ownReads = (node: Node): readonly Node[] => {
  if (roleOf(node) !== 'prepared') return readsOf(node);
  return isOp(node, 'scatterAddRows', 'maxPool2dBackward') ? node.inputs.slice(0, 1) : [];
};

/** Whether an element of `node` reads the element at the same place of `x`. */
const staysHere = (node: Node, x: Node) => isOfKind(node, 'elementwise') && sameShape(node.shape, x.shape);

const reducesAlike = (a: Node, b: Node) =>
  sameShape(a.inputs[0].shape, b.inputs[0].shape) && String(reducedAxes(a)) === String(reducedAxes(b));
