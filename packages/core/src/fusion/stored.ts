/** Which values of a graph are written to memory; the others are computed again by each launch that reads them. */
import { type Graph, type Node, topologicalOrder } from '../graph/node.js';
import { isOfKind, isOp } from '../ops/op-node.js';
import { sameShape } from '../ops/shapes.js';
import { estimate, readsMemory, readsOf, roleOf } from './roles.js';

/** Most operations per element of a value that is computed repeatedly. */
const HEAVY = 24;
/** Most operations of a channel's value that is computed again for each of its pixels. */
const LIGHT = 2;
/** Longest expression, in operations. */
const LONGEST = 160;

interface Cost {
  /** Operations for an element. */
  readonly work: number;
  /** Values read from memory that are as large as the node's own. */
  readonly loads: ReadonlySet<Node>;
  readonly loops: boolean;
}

/** The nodes whose values are in memory between launches, in the order of the graph; leaves are not among them. */
export function storedNodes(graph: Graph): Set<Node> {
  const outputs = Object.values(graph.outputs);
  const order = topologicalOrder(outputs);
  const readers = readersOf(order);
  const stored = new Set<Node>();
  const costs = new Map<Node, Cost>();
  for (const node of order) {
    const cost = costOf(node, costs, stored);
    costs.set(node, cost);
    const reading = readers.get(node) ?? [];
    if (roleOf(node) === 'leaf') continue;
    const replaces = node.inputs.some((x) => isReplacedBy(node, x, readers) && !outputs.includes(x));
    if (replaces || outputs.includes(node) || mustStore(node, cost, reading)) stored.add(node);
  }
  return stored;
}

function readersOf(order: readonly Node[]): Map<Node, Node[]> {
  const readers = new Map<Node, Node[]>();
  for (const node of order)
    for (const x of new Set(readsOf(node))) readers.set(x, [...(readers.get(x) ?? []), node]);
  return readers;
}

function costOf(node: Node, costs: ReadonlyMap<Node, Cost>, stored: ReadonlySet<Node>): Cost {
  const role = roleOf(node);
  const own = { loads: new Set([node]), loops: false };
  if (role === 'leaf' || role === 'direct') return { work: 0, ...own };
  if (role === 'prepared') return { work: 2, loads: new Set([node]), loops: true };
  const inputs = readsOf(node).map((x) => costs.get(x) ?? { work: 0, ...own });
  const given = readsOf(node).map((x, i) =>
    stored.has(x) ? { work: 0, loads: new Set([x]), loops: false } : inputs[i],
  );
  const large = given.flatMap(({ loads }) =>
    [...loads].filter((x) => estimate(x.shape) * 2 > estimate(node.shape)),
  );
  return {
    work: given.reduce((total, { work }) => total + work, isOfKind(node, 'elementwise') ? 1 : 0.5),
    loads: new Set(large),
    loops: role === 'loop' || given.some(({ loops }) => loops),
  };
}

function mustStore(node: Node, { work, loads, loops }: Cost, readers: readonly Node[]): boolean {
  if (roleOf(node) === 'direct' || readers.some(readsMemory) || work > LONGEST) return true;
  const larger = readers.some((reader) => grows(node, reader));
  if (larger && (loops || work > LIGHT)) return true;
  if (readers.some((reader) => isOp(reader, 'pad', 'concat') && work > HEAVY / 2)) return true;
  return (
    readers.length > 1 &&
    (work > HEAVY || (loads.size > 1 && isOp(node, 'add', 'sub', 'mul', 'concat') && !isVector(node)))
  );
}

/** Whether nothing else reads a convolution's result: what follows at the same element is written in its place. */
const isReplacedBy = (node: Node, x: Node, readers: ReadonlyMap<Node, readonly Node[]>) =>
  roleOf(x) === 'direct' &&
  isOfKind(node, 'elementwise') &&
  sameShape(node.shape, x.shape) &&
  readers.get(x)?.length === 1;

const isVector = ({ shape }: Node) => estimate(shape) <= 4096;

/** Whether each element is read for several of the reader's. */
const grows = (node: Node, reader: Node) =>
  !sameShape(node.shape, reader.shape) && estimate(iterated(reader)) > estimate(node.shape);

/** The shape over which a launch visits the inputs of a node. */
const iterated = (reader: Node) =>
  isOfKind(reader, 'reduction') && reader.inputs[0] ? reader.inputs[0].shape : reader.shape;
