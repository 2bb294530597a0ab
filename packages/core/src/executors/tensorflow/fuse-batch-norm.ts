/**
 * Batch normalization by the batch's own statistics, and its gradient, as one op each: TensorFlow has kernels for both,
 * where the graph has some fifty ops, most of them on a value per channel. The ops that stand for them
 * (`BATCH_NORM_OPS`) are known here alone.
 */
import { madeOf } from '../../graph/leaves.js';
import { type Graph, makeNode, type Node, topologicalOrder } from '../../graph/node.js';
import { add } from '../../ops/build.js';
import { rewrite } from '../../passes/rewrite.js';

export const BATCH_NORM_OPS = {
  /** (x, weight, bias), attr `eps` */
  forward: 'tensorflow.batchNorm',
  /** (the forward node): mean of the batch, `[C]` */
  mean: 'tensorflow.batchNormMean',
  /** (the forward node): unbiased variance of the batch, `[C]` */
  variance: 'tensorflow.batchNormVariance',
  /** (dy, x, weight, the forward node), attr `eps`: gradient towards x */
  backward: 'tensorflow.batchNormBackward',
  /** (the backward node): gradient towards the weight, `[C]` */
  weight: 'tensorflow.batchNormWeightGradient',
  /** (the backward node): gradient towards the bias, `[C]` */
  bias: 'tensorflow.batchNormBiasGradient',
} as const;

interface Forward {
  readonly y: Node;
  readonly x: Node;
  readonly weight: Node;
  readonly bias: Node;
  readonly eps: number;
  readonly scale: Node;
  readonly sum: Node;
  readonly dot: Node;
  readonly count: Node;
  readonly mean: Node;
  readonly variance: Node;
}

export function fuseBatchNorm(graph: Graph): Graph {
  return withoutBias(withFusedOps(graph));
}

function withFusedOps(graph: Graph): Graph {
  const order = topologicalOrder(Object.values(graph.outputs));
  const forwards = order.flatMap((node) => matchForward(node) ?? []);
  const backwards = forwards.flatMap((forward) =>
    order.flatMap((node) => matchBackward(node, forward, order) ?? []),
  );
  const roles: Roles = new Map();
  for (const forward of forwards) addForwardRoles(roles, forward, order);
  for (const backward of backwards) addBackwardRoles(roles, backward);
  const made: Made = new Map();
  return rewrite(graph, (node, original) => {
    made.set(original, node);
    const replacement = roles.get(original)?.(made, node);
    if (replacement) made.set(original, replacement);
    return replacement;
  });
}

/** What became of the nodes of the graph. */
type Made = Map<Node, Node>;
type Roles = Map<Node, (made: Made, node: Node) => Node>;

function addForwardRoles(roles: Roles, forward: Forward, order: readonly Node[]): void {
  const { y, x, weight, bias, eps, mean } = forward;
  // The mean is asked for before y: whichever comes first makes the node that both need.
  let fused: Node | undefined;
  const forwardNode = (made: Made) => {
    fused ??= makeNode({
      op: BATCH_NORM_OPS.forward,
      inputs: [x, weight, bias].map((node) => made.get(node) ?? node),
      attrs: { eps },
      shape: y.shape,
      dtype: y.dtype,
    });
    return fused;
  };
  const part = (op: string) => (made: Made, node: Node) => vector(op, forwardNode(made), node);
  roles.set(y, forwardNode);
  roles.set(mean, part(BATCH_NORM_OPS.mean));
  for (const node of order) if (isUnbiased(node, forward)) roles.set(node, part(BATCH_NORM_OPS.variance));
}

const vector = (op: string, of: Node, { shape, dtype }: Node) =>
  makeNode({ op, inputs: [of], attrs: {}, shape, dtype });

interface Backward {
  readonly forward: Forward;
  readonly dx: Node;
  readonly dy: Node;
  readonly weightGradient?: Node;
  readonly sum: Node;
}

function addBackwardRoles(roles: Roles, { forward, dx, dy, weightGradient, sum }: Backward): void {
  const { y, x, weight, eps } = forward;
  let fused: Node | undefined;
  const backwardNode = (made: Made) => {
    fused ??= makeNode({
      op: BATCH_NORM_OPS.backward,
      inputs: [dy, x, weight, y].map((node) => madeOf(made, node)),
      attrs: { eps },
      shape: dx.shape,
      dtype: dx.dtype,
    });
    return fused;
  };
  roles.set(dx, backwardNode);
  roles.set(sum, (made, node) => vector(BATCH_NORM_OPS.bias, backwardNode(made), node));
  if (weightGradient)
    roles.set(weightGradient, (made, node) => vector(BATCH_NORM_OPS.weight, backwardNode(made), node));
}

/** γ · (x − mean) / √(variance + eps) + β as `batchNorm` builds it. */
function matchForward(y: Node): Forward | undefined {
  if (y.op !== 'channelAffine' || y.shape.length !== 4) return undefined;
  const [x, scale, shift] = y.inputs;
  const factors = pair(scale, 'mul', 'reciprocal');
  if (!factors) return undefined;
  const [weight, inverse] = factors;
  const deviation = inverse.inputs[0];
  if (deviation.op !== 'sqrt') return undefined;
  const sum = pair(deviation.inputs[0], 'add', 'constant');
  if (!sum) return undefined;
  const [variance, epsilon] = sum;
  const eps = epsilon.value?.data[0];
  if (eps === undefined) return undefined;
  const moments = matchMoments(x, variance);
  if (!moments || shift.op !== 'sub') return undefined;
  const [bias, shifted] = shift.inputs;
  const both =
    shifted.op === 'mul' && shifted.inputs.includes(moments.mean) && shifted.inputs.includes(scale);
  return both ? { y, x, weight, bias, eps, scale, variance, ...moments } : undefined;
}

/** The inputs of a node of an op with the one of op `second` last. */
function pair(node: Node, op: string, second: string): [Node, Node] | undefined {
  if (node.op !== op) return undefined;
  const [a, b] = node.inputs;
  if (b.op === second) return [a, b];
  return a.op === second ? [b, a] : undefined;
}

/** Variance as E[x²] − E[x]². */
function matchMoments(x: Node, variance: Node): Pick<Forward, 'sum' | 'dot' | 'count' | 'mean'> | undefined {
  if (variance.op !== 'sub') return undefined;
  const [meanOfSquares, squareOfMean] = variance.inputs;
  if (meanOfSquares.op !== 'div' || squareOfMean.op !== 'mul') return undefined;
  const [dot, count] = meanOfSquares.inputs;
  const mean = squareOfMean.inputs[0];
  if (mean !== squareOfMean.inputs[1] || mean.op !== 'div' || mean.inputs[1] !== count) return undefined;
  const sum = mean.inputs[0];
  const ofX = dot.op === 'channelDot' && dot.inputs.every((node) => node === x);
  return ofX && sum.op === 'channelSum' && sum.inputs[0] === x ? { sum, dot, count, mean } : undefined;
}

/** variance · count / (count − 1) */
function isUnbiased({ op, inputs: [variance, factor] }: Node, forward: Forward): boolean {
  if (op !== 'mul' || variance !== forward.variance || factor.op !== 'div') return false;
  const [count, rest] = factor.inputs;
  return (
    count === forward.count && rest.op === 'sub' && rest.inputs[0] === count && numberOf(rest.inputs[1]) === 1
  );
}

const numberOf = ({ value }: Node) => value?.data[0];

/**
 * dx = γ · r · (dy − Σdy / n − (x − mean) · r · dγ / n) with r = 1 / √(variance + eps): one pass over dy and x with
 * factors per channel. Which factors these are is found by computing them: passes write them in many ways.
 */
function matchBackward(dx: Node, forward: Forward, order: readonly Node[]): Backward | undefined {
  if (dx.op !== 'channelAffine2') return undefined;
  const [a, factorA, b, factorB, shift] = dx.inputs;
  const swapped = a === forward.x;
  const [dy, dyFactor, x, xFactor] = swapped ? [b, factorB, a, factorA] : [a, factorA, b, factorB];
  if (x !== forward.x || dyFactor !== forward.scale) return undefined;
  const sum = order.find(({ op, inputs }) => op === 'channelSum' && inputs[0] === dy);
  const dot = order.find(
    ({ op, inputs }) => op === 'channelDot' && inputs.includes(dy) && inputs.includes(x),
  );
  if (!sum || !dot) return undefined;
  const samples = SAMPLES.map((sample) => sampleOf(sample, forward, sum, dot));
  const equals = (node: Node, quantity: 'weight' | 'x' | 'shift') =>
    samples.every(({ known, expected }) => isClose(channelValue(node, known), expected[quantity]));
  if (!equals(xFactor, 'x') || !equals(shift, 'shift')) return undefined;
  const weightGradient = order.find((node) => isVector(node) && node !== dot && equals(node, 'weight'));
  return { forward, dx, dy, sum, ...(weightGradient ? { weightGradient } : {}) };
}

const isVector = ({ op, shape }: Node) => shape.length === 1 && op in ARITHMETIC;

interface Sample {
  readonly known: Map<Node, number>;
  readonly expected: { readonly weight: number; readonly x: number; readonly shift: number };
}

/** Values of a channel: count, Σx, Σx², γ, β, Σdy, Σdy·x. */
const SAMPLES = [
  [40, 12, 55, 0.7, 0.2, 3.1, -1.7],
  [90, -31, 140, -1.3, 0.6, -0.9, 2.3],
] as const;

function sampleOf(sample: (typeof SAMPLES)[number], forward: Forward, sumDy: Node, dotDy: Node): Sample {
  const [count, sumX, sumXX, weight, bias, sum, dot] = sample;
  const { count: n, sum: sx, dot: sxx, weight: gamma, bias: beta, eps } = forward;
  const known = new Map([
    [n, count],
    [sx, sumX],
    [sxx, sumXX],
    [gamma, weight],
    [beta, bias],
    [sumDy, sum],
    [dotDy, dot],
  ]);
  const mean = sumX / count;
  const r = 1 / Math.sqrt(sumXX / count - mean ** 2 + eps);
  const dWeight = (dot - mean * sum) * r;
  const x = (-weight * r * r * dWeight) / count;
  return { known, expected: { weight: dWeight, x, shift: (-weight * r * sum) / count - mean * x } };
}

const isClose = (a: number, b: number) => Math.abs(a - b) < 1e-6 * Math.abs(b);

const ARITHMETIC: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  sqrt: (a) => Math.sqrt(a),
  reciprocal: (a) => 1 / a,
};

/** Value of one channel; NaN if it depends on something unknown. */
function channelValue(node: Node, known: Map<Node, number>): number {
  const found = known.get(node);
  if (found !== undefined) return found;
  const arithmetic = ARITHMETIC[node.op];
  const value = arithmetic
    ? arithmetic(...(node.inputs.map((x) => channelValue(x, known)) as [number, number]))
    : node.value?.data.length === 1
      ? node.value.data[0]
      : Number.NaN;
  known.set(node, value);
  return value;
}

/** The bias of a convolution that only batch normalization reads goes: it adds to the mean and to nothing else. */
function withoutBias(graph: Graph): Graph {
  const order = topologicalOrder(Object.values(graph.outputs));
  const others = new Set(Object.values(graph.outputs));
  for (const node of order) if (!READERS.has(node.op)) for (const x of node.inputs) others.add(x);
  const normalized = new Set(
    order.filter(({ op }) => op === BATCH_NORM_OPS.forward).map(({ inputs }) => inputs[0]),
  );
  const isBiased = (x: Node) =>
    x.op === 'conv2d' && x.inputs.length === 3 && normalized.has(x) && !others.has(x);
  const means = new Map<Node, Node>();
  return rewrite(graph, (node, original) => {
    if (isBiased(original)) return makeNode({ ...withoutId(node), inputs: node.inputs.slice(0, 2) });
    if (original.op === BATCH_NORM_OPS.mean && isBiased(original.inputs[0].inputs[0])) {
      const sum = add(node, exact(original.inputs[0].inputs[0].inputs[2]));
      means.set(sum, node);
      return sum;
    }
    return node.op === 'add' ? addedBack(node, means) : undefined;
  });
}

/** In mixed precision, the bias as it was before it became halves. */
const exact = (bias: Node) => (bias.op === 'cast' ? bias.inputs[0] : bias);

const READERS = new Set<string>([BATCH_NORM_OPS.forward, BATCH_NORM_OPS.backward, 'size']);

function withoutId({ id: _id, ...fields }: Node): Omit<Node, 'id'> {
  return fields;
}

/** (mean − c) + c, where the bias was −c */
function addedBack({ inputs: [shifted, c] }: Node, means: ReadonlyMap<Node, Node>): Node | undefined {
  const mean = means.get(shifted);
  const bias = shifted.inputs[1];
  return mean && bias.op === 'neg' && bias.inputs[0] === c ? mean : undefined;
}
