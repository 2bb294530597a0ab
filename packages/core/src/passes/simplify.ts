import { constant, type Graph, type Node } from '../graph/node.js';
import { reshape, sub, transpose } from '../ops/build.js';
import { count } from '../ops/shapes.js';
import type { OpName } from '../ops/table.js';
import { isFilledWith, rewrite, sameType } from './rewrite.js';

/** Largest product with zero that becomes a constant; more elements would only take up space. */
const LARGEST_ZERO = 4096;

/**
 * Algebra that costs nothing to apply: neutral elements, opposite and repeated moves. It drops `stopGradient`, so
 * gradients must have been built before.
 */
export function simplify(graph: Graph): Graph {
  return rewrite(graph, (node) => RULES[node.op as OpName]?.(node));
}

type SimplifyRule = (node: Node) => Node | undefined;

/** The other operand of a commutative op where one is filled with its neutral element. */
const neutral =
  (value: number): SimplifyRule =>
  (node) => {
    const [a, b] = node.inputs;
    if (isFilledWith(b, value) && sameType(a, node)) return a;
    return isFilledWith(a, value) && sameType(b, node) ? b : undefined;
  };

const neutralRight =
  (value: number): SimplifyRule =>
  (node) => {
    const [a, b] = node.inputs;
    return isFilledWith(b, value) && sameType(a, node) ? a : undefined;
  };

/** x · 0 counts as 0 even where x is not finite: such factors come from gradients that pass no shift. */
const zeroProduct: SimplifyRule = (node) => {
  if (!node.inputs.some((x) => isFilledWith(x, 0))) return undefined;
  const shape = node.shape.filter((d) => typeof d === 'number');
  if (shape.length < node.shape.length || count(shape) > LARGEST_ZERO) return undefined;
  return constant({ dtype: 'float32', shape, data: new Float32Array(count(shape)) });
};

const identity: SimplifyRule = ({ inputs: [x] }) => x;
const sameAsInput: SimplifyRule = (node) => (sameType(node, node.inputs[0]) ? node.inputs[0] : undefined);

const RULES: Partial<Record<OpName, SimplifyRule>> = {
  add: (node) => {
    const [a, b] = node.inputs;
    return neutral(0)(node) ?? (b.op === 'neg' ? sub(a, b.inputs[0]) : undefined);
  },
  sub: neutralRight(0),
  mul: (node) => neutral(1)(node) ?? zeroProduct(node),
  div: neutralRight(1),
  neg: ({ inputs: [x] }) => (x.op === 'neg' ? x.inputs[0] : undefined),
  stopGradient: identity,
  cast: (node) => (node.dtype === node.inputs[0].dtype ? node.inputs[0] : undefined),
  broadcastTo: sameAsInput,
  reshape: (node) => {
    const [x] = node.inputs;
    if (sameType(x, node)) return x;
    if (x.op !== 'reshape') return undefined;
    const [source] = x.inputs;
    return sameType(source, node) ? source : reshape(source, node.shape);
  },
  transpose: ({ inputs: [x], attrs }) => {
    const perm = attrs.perm as number[];
    if (perm.every((axis, i) => axis === i)) return x;
    if (x.op !== 'transpose') return undefined;
    const composed = perm.map((axis) => (x.attrs.perm as number[])[axis]);
    return composed.every((axis, i) => axis === i) ? x.inputs[0] : transpose(x.inputs[0], composed);
  },
};
