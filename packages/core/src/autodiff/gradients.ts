/**
 * Reverse-mode differentiation as a graph-to-graph function: every gradient rule of the project is one entry below.
 * A rule gets the gradient `dy` of its result and returns one gradient per input, `undefined` where none passes.
 * Only what a requested leaf needs is built: a frozen parameter costs nothing.
 */
import { constant, GraphError, isLeaf, type Node, scalar, tensor, topologicalOrder } from '../graph/node.js';
import { apply } from '../ops/apply.js';
import {
  add,
  avgPool2d,
  broadcastTo,
  channelAffine,
  channelDot,
  channelSum,
  div,
  equal,
  gatherRows,
  greater,
  matmul,
  maxPool2dBackward,
  mul,
  neg,
  pad,
  reduceSum,
  reshape,
  scatterAddRows,
  sigmoid,
  siluBackward,
  slice,
  square,
  sub,
  transpose,
  where,
} from '../ops/build.js';
import { type OpNode, opNode } from '../ops/op-node.js';
import { axesOf, count, dimAt, fixedShape, fixedSize, imageSize, keptShape } from '../ops/shapes.js';
import type { OpName } from '../ops/table.js';
import { implementation, type Unsupported, unsupported } from '../ops/unsupported.js';

/** Tells a rule which inputs' gradients are wanted, so that it need not build the others. */
type Needs = (inputIndex: number) => boolean;
type Rule<O extends OpName> = (dy: Node, y: OpNode<O>, needs: Needs) => (Node | undefined)[];

/** Nothing passes through the op: the gradient is zero. */
class NoGradient {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

const noGradient = (reason: string) => new NoGradient(reason);

/** Sums over the axes that broadcasting added or repeated, back to the shape of `like`. */
function unbroadcast(dy: Node, like: Node): Node {
  const extra = dy.shape.length - like.shape.length;
  const axes = axesOf(dy.shape).filter((i) => i < extra || like.shape[i - extra] !== dy.shape[i]);
  const summed = axes.length > 0 ? reduceSum(dy, axes, true) : dy;
  return extra > 0 ? reshape(summed, like.shape) : summed;
}

type Unary = Node & { readonly inputs: readonly [x: Node] };
type Binary = Node & { readonly inputs: readonly [a: Node, b: Node] };

const unary = (rule: (dy: Node, x: Node, y: Node) => Node) => (dy: Node, y: Unary) => [
  rule(dy, y.inputs[0], y),
];

const binary =
  (da: (dy: Node, a: Node, b: Node) => Node, db: (dy: Node, a: Node, b: Node) => Node) =>
  (dy: Node, { inputs: [a, b] }: Binary, needs: Needs) => [
    needs(0) ? unbroadcast(da(dy, a, b), a) : undefined,
    needs(1) ? unbroadcast(db(dy, a, b), b) : undefined,
  ];

/** Each input gets the gradient where it won; at a tie, the first. */
const selection = (aWins: (a: Node, b: Node) => Node) =>
  binary(
    (dy, a, b) => mul(dy, aWins(a, b)),
    (dy, a, b) => mul(dy, sub(1, aWins(a, b))),
  );

const atLeast = (a: Node, b: Node) => sub(1, greater(b, a));

/** The rule sees the result and its gradient with the reduced axes kept, as size 1. */
const reduction =
  (rule: (dy: Node, x: Node, y: Node, axes: readonly number[]) => Node) =>
  (dy: Node, y: OpNode<'reduceSum' | 'reduceMax'>) => {
    const [x] = y.inputs;
    const { axes } = y.attrs;
    const kept = keptShape(x.shape, axes);
    return [rule(reshape(dy, kept), x, reshape(y, kept), axes)];
  };

const swapLast = (x: Node) => {
  const axes = axesOf(x.shape);
  return transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
};

/** Zeros of the shape of a per-channel vector. */
const zeros = ({ shape }: Node) => constant(tensor(new Float32Array(count(shape)), fixedShape(shape)));

const SECOND_ORDER = unsupported('it is part of a gradient, and second derivatives are not built');

export const GRADIENTS: { readonly [O in OpName]: Rule<O> | NoGradient | Unsupported } = {
  neg: unary((dy) => neg(dy)),
  exp: unary((dy, _x, y) => mul(dy, y)),
  log: unary((dy, x) => div(dy, x)),
  sqrt: unary((dy, _x, y) => div(mul(dy, 0.5), y)),
  reciprocal: unary((dy, _x, y) => neg(mul(dy, square(y)))),
  abs: unary((dy, x) => mul(dy, sub(greater(x, 0), greater(0, x)))),
  atan: unary((dy, x) => div(dy, add(square(x), 1))),
  tanh: unary((dy, _x, y) => mul(dy, sub(1, square(y)))),
  sigmoid: unary((dy, _x, y) => mul(dy, mul(y, sub(1, y)))),
  silu: unary((dy, x) => siluBackward(dy, x)),
  softplus: unary((dy, x) => mul(dy, sigmoid(x))),
  leakyRelu: (dy, { inputs: [x], attrs }) => [where(greater(x, 0), dy, mul(dy, attrs.alpha))],
  cast: noGradient('only indices and images are cast'),
  stopGradient: noGradient('stopping gradients is its purpose'),

  add: binary(
    (dy) => dy,
    (dy) => dy,
  ),
  sub: binary(
    (dy) => dy,
    (dy) => neg(dy),
  ),
  mul: binary(
    (dy, _a, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  div: binary(
    (dy, _a, b) => div(dy, b),
    (dy, a, b) => neg(div(mul(dy, a), square(b))),
  ),
  maximum: selection(atLeast),
  minimum: selection((a, b) => sub(1, greater(a, b))),
  greater: noGradient('it is constant between jumps'),
  equal: noGradient('it is constant between jumps'),
  where: (dy, { inputs: [condition, a, b] }) => [
    undefined,
    unbroadcast(where(condition, dy, 0), a),
    unbroadcast(where(condition, 0, dy), b),
  ],

  siluBackward: SECOND_ORDER,

  channelAffine: (dy, { inputs: [x, a] }, needs) => [
    needs(0) ? channelAffine(dy, a, zeros(a)) : undefined,
    needs(1) ? channelDot(dy, x) : undefined,
    needs(2) ? channelSum(dy) : undefined,
  ],
  channelAffine2: unsupported('a pass makes it after the gradients are built'),
  channelSum: (dy, { inputs: [x] }) => [channelAffine(x, zeros(dy), dy)],
  channelDot: (dy, { inputs: [x, y] }) =>
    x === y
      ? [channelAffine(x, mul(dy, 2), zeros(dy)), undefined]
      : [channelAffine(y, dy, zeros(dy)), channelAffine(x, dy, zeros(dy))],

  reduceSum: reduction((dy, x) => broadcastTo(dy, x.shape)),
  /** Elements that share the maximum share the gradient. */
  reduceMax: reduction((dy, x, y, axes) => {
    const largest = equal(x, y);
    return div(mul(dy, largest), reduceSum(largest, axes, true));
  }),
  size: noGradient('it does not depend on the values'),

  conv2d: (dy, { inputs: [x, weight], attrs }, needs) => {
    const [kernel, inputSize] = [imageSize(weight.shape), imageSize(x.shape)];
    return [
      needs(0) ? apply('conv2dBackwardInput', [dy, weight], { ...attrs, inputSize }) : undefined,
      needs(1) ? apply('conv2dBackwardWeight', [x, dy], { ...attrs, kernel }) : undefined,
      needs(2) ? channelSum(dy) : undefined,
    ];
  },
  /** As the transposed convolution that it is, of `x` for what the gradient calls `dy`. */
  conv2dBackwardInput: (dy, { inputs: [x, weight], attrs: { inputSize, ...conv } }, needs) => [
    needs(0) ? apply('conv2d', [dy, weight], conv) : undefined,
    needs(1)
      ? apply('conv2dBackwardWeight', [dy, x], { ...conv, kernel: imageSize(weight.shape) })
      : undefined,
  ],
  conv2dBackwardWeight: SECOND_ORDER,
  maxPool2d: unary((dy, x, y) => maxPool2dBackward(dy, x, y)),
  maxPool2dBackward: SECOND_ORDER,
  avgPool2d: unsupported('it is part of the gradient of upsampleNearest2d'),
  upsampleNearest2d: (dy, { attrs: { scale } }) => [mul(avgPool2d(dy, { kernel: scale }), scale * scale)],
  matmul: (dy, { inputs: [a, b] }, needs) => [
    needs(0) ? unbroadcast(matmul(dy, swapLast(b)), a) : undefined,
    needs(1) ? unbroadcast(matmul(swapLast(a), dy), b) : undefined,
  ],

  reshape: unary((dy, x) => reshape(dy, x.shape)),
  transpose: (dy, { attrs: { perm } }) => [
    transpose(
      dy,
      perm.map((_, i) => perm.indexOf(i)),
    ),
  ],
  concat: (dy, { inputs, attrs: { axis } }, needs) => {
    let end = 0;
    return inputs.map((x, i) => {
      const start = end;
      end += fixedSize(x.shape, axis);
      return needs(i) ? slice(dy, axis, start, end) : undefined;
    });
  },
  slice: (dy, { inputs: [x], attrs: { axis, start, end } }) => [
    pad(dy, axis, start, fixedSize(x.shape, axis) - end),
  ],
  pad: (dy, { inputs: [x], attrs: { axis, before } }) => [
    slice(dy, axis, before, before + fixedSize(x.shape, axis)),
  ],
  broadcastTo: unary((dy, x) => unbroadcast(dy, x)),
  gatherRows: (dy, { inputs: [x, index] }) => [scatterAddRows(dy, index, dimAt(x.shape, 0)), undefined],
  scatterAddRows: (dy, { inputs: [, index] }) => [gatherRows(dy, index), undefined],
};

/**
 * Gradients of the scalar `output` towards each node of `wrt` (same shapes); `undefined` where the output does not
 * depend on it. Nodes off the paths between them are not touched.
 * @throws GraphError naming an op on the path that has no rule.
 */
export function gradients(output: Node, wrt: readonly Node[]): (Node | undefined)[] {
  if (output.shape.length !== 0) throw new GraphError(`gradients() needs a scalar, got [${output.shape}]`);
  const order = topologicalOrder([output]);
  const onPath = pathNodes(order, wrt);
  const adjoints = new Map<Node, Node>();
  if (onPath.has(output)) adjoints.set(output, scalar(1));
  for (const node of order.reverse()) {
    const dy = adjoints.get(node);
    if (!dy || node.inputs.length === 0) continue;
    const inputGradients = inputGradientsOf(opNode(node), dy, onPath);
    node.inputs.forEach((x, i) => {
      const dx = inputGradients[i];
      if (!dx || !onPath.has(x)) return;
      const sum = adjoints.get(x);
      adjoints.set(x, sum ? add(sum, dx) : dx);
    });
  }
  return wrt.map((node) => adjoints.get(node));
}

/** Nodes through which a change of a `wrt` node reaches the output. */
function pathNodes(order: readonly Node[], wrt: readonly Node[]): Set<Node> {
  const onPath = new Set<Node>(wrt);
  for (const node of order) {
    if (passesNothing(node)) continue;
    if (node.inputs.some((x) => onPath.has(x))) onPath.add(node);
  }
  return onPath;
}

const passesNothing = (node: Node) => !isLeaf(node) && GRADIENTS[opNode(node).op] instanceof NoGradient;

function inputGradientsOf<O extends OpName>(
  y: OpNode<O>,
  dy: Node,
  onPath: ReadonlySet<Node>,
): readonly (Node | undefined)[] {
  const entry: Rule<O> | NoGradient | Unsupported = GRADIENTS[y.op];
  if (entry instanceof NoGradient) return [];
  const needs = y.inputs.map((x) => onPath.has(x));
  return implementation(entry, y, 'there is no gradient rule')(dy, y, (i) => needs[i] === true);
}
