/**
 * Reverse-mode differentiation as a graph-to-graph function: every gradient rule of the project is one entry below.
 * A rule gets the gradient `dy` of its result and returns one gradient per input, `undefined` where none passes.
 * Only what a requested leaf needs is built: a frozen parameter costs nothing.
 */
import { type Dim, GraphError, type Node, scalar, topologicalOrder } from '../graph/node.js';
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
import { apply, type OpName } from '../ops/table.js';

/** Which inputs' gradients are wanted is known before a rule runs, so that it need not build the others. */
type Rule = (dy: Node, y: Node, needs: (inputIndex: number) => boolean) => (Node | undefined)[];

/** Sums over the axes that broadcasting added or repeated, back to the shape of `like`. */
function unbroadcast(dy: Node, like: Node): Node {
  const extra = dy.shape.length - like.shape.length;
  const axes = dy.shape.map((_, i) => i).filter((i) => i < extra || like.shape[i - extra] !== dy.shape[i]);
  const summed = axes.length > 0 ? reduceSum(dy, axes, true) : dy;
  return extra > 0 ? reshape(summed, like.shape) : summed;
}

const unary =
  (rule: (dy: Node, x: Node, y: Node) => Node): Rule =>
  (dy, y) => [rule(dy, y.inputs[0], y)];

const binary =
  (da: (dy: Node, a: Node, b: Node) => Node, db: (dy: Node, a: Node, b: Node) => Node): Rule =>
  (dy, { inputs: [a, b] }, needs) => [
    needs(0) ? unbroadcast(da(dy, a, b), a) : undefined,
    needs(1) ? unbroadcast(db(dy, a, b), b) : undefined,
  ];

/** Each input gets the gradient where it won; at a tie, the first. */
const selection = (aWins: (a: Node, b: Node) => Node): Rule =>
  binary(
    (dy, a, b) => mul(dy, aWins(a, b)),
    (dy, a, b) => mul(dy, sub(1, aWins(a, b))),
  );

const atLeast = (a: Node, b: Node) => sub(1, greater(b, a));

const reduceRule =
  (rule: (dy: Node, x: Node, y: Node) => Node): Rule =>
  (dy, y) => {
    const x = y.inputs[0];
    const axes = y.attrs.axes as number[];
    const kept = x.shape.map((d, i): Dim => (axes.includes(i) ? 1 : d));
    return [rule(reshape(dy, kept), x, reshape(y, kept))];
  };

const swapLast = (x: Node) => {
  const axes = x.shape.map((_, i) => i);
  return transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()]);
};

export const GRADIENTS: Partial<Record<OpName, Rule>> = {
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
  leakyRelu: unary((dy, x, y) => where(greater(x, 0), dy, mul(dy, y.attrs.alpha as number))),

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
  where: (dy, { inputs: [condition, a, b] }) => [
    undefined,
    unbroadcast(where(condition, dy, 0), a),
    unbroadcast(where(condition, 0, dy), b),
  ],

  channelAffine: (dy, { inputs: [x, a] }, needs) => [
    needs(0) ? channelAffine(dy, a, mul(a, 0)) : undefined,
    needs(1) ? channelDot(dy, x) : undefined,
    needs(2) ? channelSum(dy) : undefined,
  ],
  channelSum: (dy, { inputs: [x] }) => [channelAffine(x, mul(dy, 0), dy)],
  channelDot: (dy, { inputs: [x, y] }) =>
    x === y
      ? [channelAffine(x, mul(dy, 2), mul(dy, 0)), undefined]
      : [channelAffine(y, dy, mul(dy, 0)), channelAffine(x, dy, mul(dy, 0))],

  reduceSum: reduceRule((dy, x) => broadcastTo(dy, x.shape)),
  reduceMax: reduceRule((dy, x, y) => mul(dy, equal(x, y))),

  conv2d: (dy, { inputs: [x, weight], attrs }, needs) => {
    const [kernel, inputSize] = [weight.shape.slice(2), x.shape.slice(2)];
    return [
      needs(0) ? apply('conv2dBackwardInput', [dy, weight], { ...attrs, inputSize }) : undefined,
      needs(1) ? apply('conv2dBackwardWeight', [x, dy], { ...attrs, kernel }) : undefined,
      needs(2) ? channelSum(dy) : undefined,
    ];
  },
  maxPool2d: unary((dy, x, y) => maxPool2dBackward(dy, x, y)),
  upsampleNearest2d: (dy, { attrs }) => {
    const scale = attrs.scale as number;
    return [mul(avgPool2d(dy, { kernel: scale }), scale * scale)];
  },
  matmul: (dy, { inputs: [a, b] }, needs) => [
    needs(0) ? unbroadcast(matmul(dy, swapLast(b)), a) : undefined,
    needs(1) ? unbroadcast(matmul(swapLast(a), dy), b) : undefined,
  ],

  reshape: unary((dy, x) => reshape(dy, x.shape)),
  transpose: (dy, { attrs }) => {
    const perm = attrs.perm as number[];
    return [
      transpose(
        dy,
        perm.map((_, i) => perm.indexOf(i)),
      ),
    ];
  },
  concat: (dy, { inputs, attrs }, needs) => {
    const axis = attrs.axis as number;
    let end = 0;
    return inputs.map((x, i) => {
      const start = end;
      end += x.shape[axis] as number;
      return needs(i) ? slice(dy, axis, start, end) : undefined;
    });
  },
  slice: (dy, { inputs: [x], attrs }) => {
    const { axis, start, end } = attrs as Record<string, number>;
    return [pad(dy, axis, start, (x.shape[axis] as number) - end)];
  },
  pad: (dy, { inputs: [x], attrs }) => {
    const { axis, before } = attrs as Record<string, number>;
    return [slice(dy, axis, before, before + (x.shape[axis] as number))];
  },
  broadcastTo: unary((dy, x) => unbroadcast(dy, x)),
  gatherRows: (dy, { inputs: [x, index] }) => [scatterAddRows(dy, index, x.shape[0]), undefined],
  scatterAddRows: (dy, { inputs: [, index] }) => [gatherRows(dy, index), undefined],
};

/** Ops through which no gradient passes, and why. */
export const NO_GRADIENT: Partial<Record<OpName, string>> = {
  greater: 'piecewise constant',
  equal: 'piecewise constant',
  size: 'does not depend on the values',
  cast: 'indices have no gradient',
  stopGradient: 'asked for',
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
    const inputGradients = ruleOf(node)(dy, node, (i) => onPath.has(node.inputs[i]));
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
    if (node.op in NO_GRADIENT) continue;
    if (node.inputs.some((x) => onPath.has(x))) onPath.add(node);
  }
  return onPath;
}

function ruleOf(node: Node): Rule {
  const rule = GRADIENTS[node.op as OpName];
  if (!rule) throw new GraphError(`no gradient rule for op "${node.op}" of shape [${node.shape}]`);
  return rule;
}
