import { toTensor } from '../executors/interpreter/float64.js';
import { evaluate } from '../executors/interpreter/interpret.js';
import { constant, type Graph, isLeaf, type Node, scalar, topologicalOrder } from '../graph/node.js';
import { isOp } from '../ops/op-node.js';
import { count, dimAt } from '../ops/shapes.js';
import { rewrite } from './rewrite.js';

/** Results up to this many elements are folded whatever they were made from. */
const SMALL = 64;
/** A larger result is folded unless it has more elements than this many times its inputs. */
const GROWTH = 2;

/**
 * Replaces what is computed from constants alone by its value: evaluated in float64, rounded once at the end. A
 * result that is much larger than its inputs (a broadcast scalar) stays an op. `size` is a constant where the sizes
 * it counts are known.
 */
export function foldConstants(graph: Graph): Graph {
  const sized = rewrite(graph, knownSize);
  const order = topologicalOrder(Object.values(sized.outputs));
  const known = new Set<Node>();
  for (const node of order) if (isKnown(node, known)) known.add(node);
  const outputs = new Set(Object.values(sized.outputs));
  const readByUnknown = new Set(order.filter((node) => !known.has(node)).flatMap((node) => node.inputs));
  const ends = [...known].filter((node) => !node.value && (readByUnknown.has(node) || outputs.has(node)));
  const values = evaluate(ends, {});
  const folded = new Map(ends.map((node, i) => [node, constant(toTensor(values[i], node.dtype))]));
  return rewrite(sized, (_node, original) => folded.get(original));
}

function knownSize(node: Node): Node | undefined {
  if (!isOp(node, 'size')) return undefined;
  const [x] = node.inputs;
  const counted = node.attrs.axes.map((axis) => dimAt(x.shape, axis));
  return counted.every((d) => typeof d === 'number') ? scalar(count(counted)) : undefined;
}

function isKnown(node: Node, known: ReadonlySet<Node>): boolean {
  if (isLeaf(node)) return node.value !== undefined;
  if (!node.inputs.every((x) => known.has(x)) || node.shape.some((d) => typeof d === 'string')) return false;
  const given = node.inputs.reduce((total, x) => total + count(x.shape), 0);
  return count(node.shape) <= Math.max(SMALL, GROWTH * given);
}
