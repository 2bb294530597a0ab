/** Slices of a vector as the outputs of one op: each of its own is a launch. */
import { type Node, topologicalOrder } from '../../graph/node.js';
import { isOp, type OpNode } from '../../ops/op-node.js';
import type { Context } from './context.js';
import { attr } from './graph-builder.js';

/** Which output of the split of a vector a slice is. */
export interface VectorPart {
  readonly vector: Node;
  /** Lengths of all parts, one after the other: the same array for each of them. */
  readonly sizes: Int32Array;
  readonly index: number;
}

type Slice = OpNode<'slice'>;

/** The slices that two or more of a vector have, none overlapping another, each with its part. */
export function vectorParts(outputs: readonly Node[]): ReadonlyMap<Node, VectorPart> {
  const slices = new Map<Node, Slice[]>();
  for (const node of topologicalOrder(outputs)) {
    if (!isOp(node, 'slice') || node.inputs[0].shape.length !== 1) continue;
    const [vector] = node.inputs;
    slices.set(vector, [...(slices.get(vector) ?? []), node]);
  }
  return new Map([...slices].flatMap(([vector, taken]) => partsOf(vector, taken)));
}

function partsOf(vector: Node, slices: readonly Slice[]): [Node, VectorPart][] {
  const [length] = vector.shape;
  if (slices.length < 2 || typeof length !== 'number') return [];
  const sizes: number[] = [];
  const parts: [Node, number][] = [];
  let at = 0;
  for (const node of [...slices].sort((a, b) => a.attrs.start - b.attrs.start)) {
    const { start, end } = node.attrs;
    if (start < at) return [];
    if (start > at) sizes.push(start - at);
    parts.push([node, sizes.push(end - start) - 1]);
    at = end;
  }
  if (at < length) sizes.push(length - at);
  const all = Int32Array.from(sizes);
  return parts.map(([node, index]) => [node, { vector, sizes: all, index }]);
}

/** The tensor of a part. */
export function splitOff(context: Context, x: string, { vector, sizes, index }: VectorPart): string {
  const { builder } = context;
  const lengths = builder.constant({ dtype: 'int32', shape: [sizes.length], data: sizes });
  const split = context.emit('SplitV', [x, lengths, builder.int32(0)], vector.dtype, {
    num_split: attr.int(sizes.length),
    Tlen: attr.type('int32'),
  });
  return index === 0 ? split : `${split}:${index}`;
}
