import { constant, type Graph, isLeaf, type Node } from '../graph/node.js';
import { reshape, sub, transpose } from '../ops/build.js';
import { isOp, type OpNode, opNode } from '../ops/op-node.js';
import { count, fixedShape } from '../ops/shapes.js';
import type { OpName } from '../ops/table.js';
import { isFilledWith, rewrite, sameType } from './rewrite.js';

/** Largest product with zero that becomes a constant; more elements would only take up space. */
const LARGEST_ZERO = 4096;

/**
 * Algebra that costs nothing to apply: neutral elements, opposite and repeated moves. It drops `stopGradient`, so
 * gradients must have been built before.
 */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node) => (isLeaf(node) ? undefined : simpler(opNode(node))));
}

/** A node that gives the same values with less work. */
type SimplifyRule<O extends OpName> = (node: OpNode<O>) => Node | undefined;
type Unary = Node & { readonly inputs: readonly [x: Node] };
type Binary = Node & { readonly inputs: readonly [a: Node, b: Node] };

function simpler<O extends OpName>(node: OpNode<O>): Node | undefined {
  const rule: SimplifyRule<O> | undefined = RULES[node.op];
  return rule?.(node);
}

/** The other operand of a commutative op where one is filled with its neutral element. */
const neutral = (value: number) => (node: Binary) => {
  const [a, b] = node.inputs;
  if (isFilledWith(b, value) && sameType(a, node)) return a;
  return isFilledWith(a, value) && sameType(b, node) ? b : undefined;
};

const neutralRight = (value: number) => (node: Binary) => {
  const [a, b] = node.inputs;
  return isFilledWith(b, value) && sameType(a, node) ? a : undefined;
};

/** x · 0 counts as 0 even where x is not finite: such factors come from gradients that pass no shift. */
function zeroProduct(node: Binary): Node | undefined {
  if (!node.inputs.some((x) => isFilledWith(x, 0))) return undefined;
  if (node.shape.some((d) => typeof d === 'string') || count(node.shape) > LARGEST_ZERO) return undefined;
  return constant({
    dtype: 'float32',
    shape: fixedShape(node.shape),
    data: new Float32Array(count(node.shape)),
  });
}

const identity = ({ inputs: [x] }: Unary) => x;
const sameAsInput = (node: Unary) => (sameType(node, node.inputs[0]) ? node.inputs[0] : undefined);

const RULES: { readonly [O in OpName]?: SimplifyRule<O> } = {
  add: (node) => {
    const [a, b] = node.inputs;
    return neutral(0)(node) ?? (isOp(b, 'neg') ? sub(a, b.inputs[0]) : undefined);
  },
  sub: neutralRight(0),
  mul: (node) => neutral(1)(node) ?? zeroProduct(node),
  div: neutralRight(1),
  neg: ({ inputs: [x] }) => (isOp(x, 'neg') ? x.inputs[0] : undefined),
  stopGradient: identity,
  cast: (node) => (node.dtype === node.inputs[0].dtype ? node.inputs[0] : undefined),
  broadcastTo: sameAsInput,
  reshape: (node) => {
    const [x] = node.inputs;
    if (sameType(x, node)) return x;
    if (!isOp(x, 'reshape')) return undefined;
    const [source] = x.inputs;
    return sameType(source, node) ? source : reshape(source, node.shape);
  },
  transpose: ({ inputs: [x], attrs: { perm } }) => {
    if (perm.every((axis, i) => axis === i)) return x;
    if (!isOp(x, 'transpose')) return undefined;
    const inner = x.attrs.perm;
    const composed = perm.flatMap((axis) => inner.slice(axis, axis + 1));
    return composed.every((axis, i) => axis === i) ? x.inputs[0] : transpose(x.inputs[0], composed);
  },
};
