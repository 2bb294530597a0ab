/** Parts of leaves, such as a weight in the vector of all weights: nothing computes or copies them. */
import { isLeaf, type Node } from '../graph/node.js';
import { isOp, type OpNode } from '../ops/op-node.js';
import { count } from '../ops/shapes.js';

/** Where a value lies in memory: in a place of its own, or inside of a leaf. */
export interface Place {
  readonly base: Node;
  /** Of the first element, in elements of the base. */
  readonly offset: number;
}

export const placeOf = (node: Node): Place => viewOf(node) ?? { base: node, offset: 0 };

export const isInLeaf = (node: Node): boolean => isLeaf(node) || viewOf(node) !== undefined;

function viewOf(node: Node): Place | undefined {
  if (isLeaf(node)) return isPacked(node) ? undefined : { base: node, offset: 0 };
  if (!isOp(node, 'reshape', 'slice')) return undefined;
  const around = viewOf(node.inputs[0]);
  const start = isOp(node, 'slice') ? startOf(node) : 0;
  if (!around || start === undefined) return undefined;
  return { base: around.base, offset: around.offset + start };
}

/** Several elements lie in one word. */
export const isPacked = ({ op, dtype }: Node) => op === 'input' && (dtype === 'uint8' || dtype === 'float16');

/** Where the elements of a slice start in its input, if they lie one after the other. */
function startOf({ inputs: [x], attrs: { axis, start } }: OpNode<'slice'>): number | undefined {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  if (before.some((d) => d !== 1) || after.some((d) => typeof d === 'string')) return undefined;
  return start * count(after);
}
