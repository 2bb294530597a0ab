/** Parts of leaves, such as a weight in the vector of all weights: nothing computes or copies them. */
import { isLeaf, type Node, type Shape } from '../graph/node.js';
import { isOp, type OpNode } from '../ops/op-node.js';
import { count } from '../ops/shapes.js';

/** Where a value lies in memory: in a place of its own, or inside of a leaf. */
interface Place {
  readonly base: Node;
  /** Of the first element, in elements of the base. */
  readonly offset: number;
}

export const placeOf = (node: Node): Place => viewOf(node) ?? { base: node, offset: 0 };

export const isInLeaf = (node: Node): boolean => isLeaf(node) || viewOf(node) !== undefined;

function viewOf(node: Node): Place | undefined {
  if (isLeaf(node)) return isFedPacked(node) ? undefined : { base: node, offset: 0 };
  // A half-precision copy of a leaf is read as the leaf itself: nothing else rounds it.
  if (isOp(node, 'cast')) return [node, node.inputs[0]].every(isFloat) ? viewOf(node.inputs[0]) : undefined;
  if (!isOp(node, 'reshape', 'slice')) return undefined;
  const around = viewOf(node.inputs[0]);
  const start = isOp(node, 'slice') ? startOf(node) : 0;
  if (!around || start === undefined) return undefined;
  return { base: around.base, offset: around.offset + start };
}

/** Whether several elements lie in one word: bytes and halves that are fed, and images of halves. */
export function isPacked(node: Node): boolean {
  if (isLeaf(node)) return isFedPacked(node);
  return node.dtype === 'float16' && hasPairs(node.shape) && !viewOf(node);
}

const isFedPacked = ({ op, dtype }: Node) => op === 'input' && (dtype === 'uint8' || dtype === 'float16');

/** Whether no two channels share a pair of pixels. */
const hasPairs = (shape: Shape) => shape.length === 4 && (Number(shape[2]) * Number(shape[3])) % 2 === 0;

const isFloat = ({ dtype }: Node) => dtype === 'float32' || dtype === 'float16';

/** Where the elements of a slice start in its input, if they lie one after the other. */
function startOf({ inputs: [x], attrs: { axis, start } }: OpNode<'slice'>): number | undefined {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  if (before.some((d) => d !== 1) || after.some((d) => typeof d === 'string')) return undefined;
  return start * count(after);
}
