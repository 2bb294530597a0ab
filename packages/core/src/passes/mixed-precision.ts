/**
 * Convolutions in half precision, and what lies between them: their images take half the memory and half the time to
 * move, and GPUs multiply halves several times as fast. Parameters, their updates, sums over channels and the losses
 * stay float32, as the sums inside a convolution do.
 */

import { toFloat16 } from '../graph/float16.js';
import { madeOf } from '../graph/leaves.js';
import {
  constant,
  type DType,
  type Graph,
  isLeaf,
  makeNode,
  type Node,
  topologicalOrder,
} from '../graph/node.js';
import { cast } from '../ops/build.js';
import { isOp } from '../ops/op-node.js';
import type { OpName } from '../ops/table.js';

/** Computed in halves wherever they are. */
const CONVOLUTIONS: readonly OpName[] = ['conv2d', 'conv2dBackwardInput', 'conv2dBackwardWeight'];

/** Computed in halves where all images that they read are. */
const FOLLOWING: readonly OpName[] = [
  ...(['silu', 'siluBackward', 'leakyRelu', 'add', 'sub', 'mul', 'neg'] as const),
  ...(['channelAffine', 'channelAffine2'] as const),
  ...(['maxPool2d', 'maxPool2dBackward', 'avgPool2d', 'upsampleNearest2d'] as const),
  ...(['concat', 'slice', 'pad'] as const),
];

/** Read halves and give float32: their sums are longer than halves can hold. */
const SUMMING: readonly OpName[] = ['channelSum', 'channelDot'];

const MOVES: readonly OpName[] = ['slice', 'reshape', 'transpose'];
const isStored = (node: Node): boolean =>
  isOp(node, ...MOVES) ? isStored(node.inputs[0]) : node.op === 'param';

const isImage = ({ shape }: Node) => shape.length === 4;
const isHalf = ({ dtype }: Node) => dtype === 'float16';

/**
 * The graph with convolutions in half precision. Gradients in it may be too small for halves: differentiate a scaled
 * loss, and divide what comes out.
 * @param graph optimized already: constants folded later would be folded in halves
 */
export function mixedPrecision(graph: Graph): Graph {
  const casts = new Map<Node, Node>();
  const to: Convert = (node, dtype) => {
    if (node.dtype === dtype || node.dtype === 'int32') return node;
    const known = casts.get(node);
    if (known?.dtype === dtype) return known;
    const converted = dtype === 'float16' ? halved(node, to) : cast(node, dtype);
    casts.set(node, converted);
    return converted;
  };
  const made = new Map<Node, Node>();
  for (const original of topologicalOrder(Object.values(graph.outputs))) {
    const node = withInputs(
      original,
      original.inputs.map((x) => madeOf(made, x)),
    );
    made.set(original, convert(node, to));
  }
  const outputs = Object.entries(graph.outputs).map(([name, node]) => [
    name,
    to(madeOf(made, node), node.dtype),
  ]);
  return { ...graph, outputs: Object.fromEntries(outputs) };
}

type Convert = (node: Node, dtype: DType) => Node;

function convert(node: Node, to: Convert): Node {
  if (isOp(node, ...CONVOLUTIONS) || follows(node)) return inHalves(node, to);
  if (isLeaf(node) || isOp(node, 'cast', 'size', ...SUMMING)) return node;
  return withInputs(
    node,
    node.inputs.map((x) => (isHalf(x) ? to(x, 'float32') : x)),
  );
}

function follows(node: Node): boolean {
  if (!isOp(node, ...FOLLOWING) || !isImage(node)) return false;
  const images = node.inputs.filter((x) => isImage(x) && !x.value);
  return images.length > 0 && images.every(isHalf);
}

/** Factors and shifts of channels stay float32, for a single rounding at the end. */
function inHalves(node: Node, to: Convert): Node {
  const perChannel = isOp(node, 'channelAffine', 'channelAffine2');
  const inputs = node.inputs.map((x) => (perChannel && !isImage(x) ? x : to(x, 'float16')));
  return makeNode({ ...withoutId(node), inputs, dtype: 'float16' });
}

function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((x, i) => x === node.inputs[i])) return node;
  return makeNode({ ...withoutId(node), inputs });
}

function withoutId({ id: _id, ...fields }: Node): Omit<Node, 'id'> {
  return fields;
}

/**
 * Constants are rounded now; bytes become halves without a step between; of what is stored in one vector the vector is
 * rounded, once.
 */
function halved(node: Node, to: Convert): Node {
  if (isOp(node, ...MOVES) && isStored(node))
    return makeNode({ ...withoutId(node), inputs: [to(node.inputs[0], 'float16')], dtype: 'float16' });
  if (isOp(node, 'cast') && node.inputs[0].dtype === 'uint8') return cast(node.inputs[0], 'float16');
  if (node.value?.dtype !== 'float32') return cast(node, 'float16');
  const data = new Uint16Array(node.value.data.length);
  toFloat16(Float32Array.from(node.value.data), data);
  return constant({ dtype: 'float16', shape: node.value.shape, data });
}
