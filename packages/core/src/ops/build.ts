/** Functions that build graphs: one for every op, and some for common combinations. */
import { type Dim, type DType, GraphError, type Node, type Shape, scalar } from '../graph/node.js';
import { apply, applyUntyped } from './apply.js';
import { type ConvAttrs, type NoAttrs, type Pair, type PoolAttrs, pairOf } from './attrs.js';
import { isOp } from './op-node.js';
import { axesOf, byAxis, imageSize } from './shapes.js';
import { type AttrsOf, type InputsOf, OP_NAMES, OPS, type OpName } from './table.js';

/** A node, or a number that stands for a scalar constant. */
export type Operand = Node | number;

const asNode = (x: Operand): Node => (typeof x === 'number' ? scalar(x) : x);

type PlainOp = { [O in OpName]: NoAttrs extends AttrsOf<O> ? O : never }[OpName];
type Operands<I> = { readonly [K in keyof I]: Operand };

function plainOp(op: OpName): (...inputs: Operand[]) => Node {
  const { arity } = OPS[op];
  // Arguments beyond the op's inputs are dropped, so that lists can be mapped and reduced with it.
  return (...inputs) => applyUntyped(op, inputs.slice(0, Number(arity)).map(asNode));
}

/** Functions of the ops without attributes, made from the op table. */
export const plainOps = Object.fromEntries(OP_NAMES.map((op) => [op, plainOp(op)])) as {
  readonly [O in PlainOp]: (...inputs: Operands<InputsOf<O>>) => Node;
};

export const { neg, exp, log, sqrt, reciprocal, abs, atan, tanh, sigmoid, silu, softplus } = plainOps;
export const { add, sub, mul, div, maximum, minimum, greater, equal, where, stopGradient } = plainOps;
export const { siluBackward, channelAffine, channelAffine2, channelSum, channelDot } = plainOps;
export const { matmul, gatherRows } = plainOps;

export const leakyRelu = (x: Node, alpha: number) => apply('leakyRelu', [x], { alpha });
/** x limited to [low, high]. */
export const clip = (x: Node, low: number, high: number) => minimum(maximum(x, low), high);
export const square = (x: Node) => mul(x, x);
export const cast = (x: Node, dtype: DType) => apply('cast', [x], { dtype });

export const reduceSum = (x: Node, axes: readonly number[] = axesOf(x.shape), keepDims = false) =>
  apply('reduceSum', [x], { axes, keepDims: keepDims ? 1 : 0 });
export const reduceMax = (x: Node, axes: readonly number[], keepDims = false) =>
  apply('reduceMax', [x], { axes, keepDims: keepDims ? 1 : 0 });
export const size = (x: Node, axes: readonly number[] = axesOf(x.shape)) => apply('size', [x], { axes });
/** exp(x) over its sum, along the last axis. Subtracting the maximum first avoids overflow. */
export function softmax(x: Node): Node {
  const last = [x.shape.length - 1];
  const e = exp(sub(x, stopGradient(reduceMax(x, last, true))));
  return div(e, reduceSum(e, last, true));
}
export const reduceMean = (x: Node, axes: readonly number[] = axesOf(x.shape), keepDims = false) =>
  div(reduceSum(x, axes, keepDims), size(x, axes));

/** Strides, padding and dilation are one number for both axes, or a pair for height and width. */
export interface ConvOptions {
  readonly stride?: number | Pair;
  readonly pad?: number | Pair;
  readonly dilation?: number | Pair;
  readonly groups?: number;
}

/** `[N, C, H, W]` and `[O, C / groups, kH, kW]` to `[N, O, H', W']`; bias `[O]`. */
export function conv2d(x: Node, weight: Node, bias?: Node, options: ConvOptions = {}): Node {
  return apply('conv2d', bias ? [x, weight, bias] : [x, weight], convAttrs(options));
}

export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns at the far sides that a convolution with the stride would skip: less than the stride. */
  readonly outputPad?: number;
}

/**
 * The convolution that would make `x` of its result, transposed: `[N, C, H, W]` and `[C, O / groups, kH, kW]` to
 * `[N, O, H', W']`; bias `[O]`.
 */
export function convTranspose2d(
  x: Node,
  weight: Node,
  bias?: Node,
  { outputPad = 0, ...options }: ConvTransposeOptions = {},
): Node {
  const attrs = convAttrs(options);
  const { stride, pad, dilation } = attrs;
  const kernel = imageSize(weight.shape);
  const inputSize = byAxis(
    imageSize(x.shape),
    (size, i) => (size - 1) * stride[i] - 2 * pad[i] + dilation[i] * (kernel[i] - 1) + outputPad + 1,
  );
  const y = apply('conv2dBackwardInput', [x, weight], { ...attrs, inputSize });
  return bias ? add(y, reshape(bias, [1, -1, 1, 1])) : y;
}

export function convAttrs({ stride = 1, pad = 0, dilation = 1, groups = 1 }: ConvOptions): ConvAttrs {
  return { stride: pairOf(stride), pad: pairOf(pad), dilation: pairOf(dilation), groups };
}

export interface PoolOptions {
  readonly kernel: number | Pair;
  /** Default: the kernel's size. */
  readonly stride?: number | Pair;
  readonly pad?: number | Pair;
}

const poolAttrs = ({ kernel, stride = kernel, pad = 0 }: PoolOptions): PoolAttrs => ({
  kernel: pairOf(kernel),
  stride: pairOf(stride),
  pad: pairOf(pad),
});

export const maxPool2d = (x: Node, options: PoolOptions) => apply('maxPool2d', [x], poolAttrs(options));
export const avgPool2d = (x: Node, options: PoolOptions) => apply('avgPool2d', [x], poolAttrs(options));
export const upsampleNearest2d = (x: Node, scale: number) => apply('upsampleNearest2d', [x], { scale });

/** The gradient of `y`, which is a max pooling of `x`. */
export function maxPool2dBackward(dy: Node, x: Node, y: Node): Node {
  if (!isOp(y, 'maxPool2d')) throw new GraphError(`y should be a maxPool2d, is "${y.op}"`);
  return apply('maxPool2dBackward', [dy, x, y], y.attrs);
}

export const reshape = (x: Node, shape: readonly Dim[]) => apply('reshape', [x], { shape });
export const transpose = (x: Node, perm: readonly number[]) => apply('transpose', [x], { perm });
export const slice = (x: Node, axis: number, start: number, end: number) =>
  apply('slice', [x], { axis, start, end });
export const pad = (x: Node, axis: number, before: number, after: number) =>
  apply('pad', [x], { axis, before, after });
export const broadcastTo = (x: Node, shape: Shape) => apply('broadcastTo', [x], { shape });
export const scatterAddRows = (values: Node, index: Node, rows: Dim) =>
  apply('scatterAddRows', [values, index], { rows: [rows] });

export function concat(xs: readonly Node[], axis: number): Node {
  const [x, ...others] = xs;
  if (!x) throw new GraphError('concat needs at least one value');
  return others.length === 0 ? x : apply('concat', [x, ...others], { axis });
}
