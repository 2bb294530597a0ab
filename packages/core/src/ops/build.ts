/** One function per op: what model code calls to build a graph. */
import { type Dim, type DType, type Node, type Shape, scalar } from '../graph/node.js';
import { apply } from './table.js';

/** A node, or a number that stands for a scalar constant. */
export type Operand = Node | number;

const asNode = (x: Operand): Node => (typeof x === 'number' ? scalar(x) : x);

export const neg = (x: Node) => apply('neg', [x]);
export const exp = (x: Node) => apply('exp', [x]);
export const log = (x: Node) => apply('log', [x]);
export const sqrt = (x: Node) => apply('sqrt', [x]);
export const reciprocal = (x: Node) => apply('reciprocal', [x]);
export const abs = (x: Node) => apply('abs', [x]);
export const atan = (x: Node) => apply('atan', [x]);
export const tanh = (x: Node) => apply('tanh', [x]);
export const sigmoid = (x: Node) => apply('sigmoid', [x]);
export const silu = (x: Node) => apply('silu', [x]);
export const softplus = (x: Node) => apply('softplus', [x]);
export const leakyRelu = (x: Node, alpha: number) => apply('leakyRelu', [x], { alpha });

export const add = (a: Operand, b: Operand) => apply('add', [asNode(a), asNode(b)]);
export const sub = (a: Operand, b: Operand) => apply('sub', [asNode(a), asNode(b)]);
export const mul = (a: Operand, b: Operand) => apply('mul', [asNode(a), asNode(b)]);
export const div = (a: Operand, b: Operand) => apply('div', [asNode(a), asNode(b)]);
export const maximum = (a: Operand, b: Operand) => apply('maximum', [asNode(a), asNode(b)]);
export const minimum = (a: Operand, b: Operand) => apply('minimum', [asNode(a), asNode(b)]);
export const greater = (a: Operand, b: Operand) => apply('greater', [asNode(a), asNode(b)]);
export const equal = (a: Operand, b: Operand) => apply('equal', [asNode(a), asNode(b)]);
/** x limited to [low, high]. */
export const clip = (x: Node, low: number, high: number) => minimum(maximum(x, low), high);
export const square = (x: Node) => mul(x, x);
export const where = (condition: Node, a: Operand, b: Operand) =>
  apply('where', [condition, asNode(a), asNode(b)]);

export const siluBackward = (dy: Node, x: Node) => apply('siluBackward', [dy, x]);

export const channelAffine = (x: Node, a: Node, b: Node) => apply('channelAffine', [x, a, b]);
export const channelAffine2 = (x: Node, a: Node, y: Node, b: Node, d: Node) =>
  apply('channelAffine2', [x, a, y, b, d]);
export const channelSum = (x: Node) => apply('channelSum', [x]);
export const channelDot = (x: Node, y: Node) => apply('channelDot', [x, y]);

export const reduceSum = (x: Node, axes: readonly number[] = x.shape.map((_, i) => i), keepDims = false) =>
  apply('reduceSum', [x], { axes, keepDims: keepDims ? 1 : 0 });
export const reduceMax = (x: Node, axes: readonly number[], keepDims = false) =>
  apply('reduceMax', [x], { axes, keepDims: keepDims ? 1 : 0 });
export const size = (x: Node, axes: readonly number[] = x.shape.map((_, i) => i)) =>
  apply('size', [x], { axes });
/** exp(x) over its sum, along the last axis. The maximum is taken away first: the result is the same, without overflow. */
export function softmax(x: Node): Node {
  const last = [x.shape.length - 1];
  const e = exp(sub(x, stopGradient(reduceMax(x, last, true))));
  return div(e, reduceSum(e, last, true));
}
export const reduceMean = (x: Node, axes: readonly number[] = x.shape.map((_, i) => i), keepDims = false) =>
  div(reduceSum(x, axes, keepDims), size(x, axes));

export interface ConvOptions {
  stride?: number;
  pad?: number;
  dilation?: number;
  groups?: number;
}

/** `[N, C, H, W]` and `[O, C / groups, kH, kW]` to `[N, O, H', W']`; bias `[O]`. */
export function conv2d(x: Node, weight: Node, bias?: Node, options: ConvOptions = {}): Node {
  return apply('conv2d', bias ? [x, weight, bias] : [x, weight], convAttrs(options));
}

export function convAttrs({ stride = 1, pad = 0, dilation = 1, groups = 1 }: ConvOptions) {
  return { stride, pad, dilation, groups };
}

export interface PoolOptions {
  kernel: number;
  stride?: number;
  pad?: number;
}

const poolAttrs = ({ kernel, stride = kernel, pad = 0 }: PoolOptions) => ({ kernel, stride, pad });

export const maxPool2d = (x: Node, options: PoolOptions) => apply('maxPool2d', [x], poolAttrs(options));
export const maxPool2dBackward = (dy: Node, x: Node, y: Node) =>
  apply('maxPool2dBackward', [dy, x, y], y.attrs);
export const avgPool2d = (x: Node, options: PoolOptions) => apply('avgPool2d', [x], poolAttrs(options));
export const upsampleNearest2d = (x: Node, scale: number) => apply('upsampleNearest2d', [x], { scale });

export const matmul = (a: Node, b: Node) => apply('matmul', [a, b]);

export const reshape = (x: Node, shape: readonly Dim[]) => apply('reshape', [x], { shape });
export const transpose = (x: Node, perm: readonly number[]) => apply('transpose', [x], { perm });
export const concat = (xs: readonly Node[], axis: number) =>
  xs.length === 1 ? xs[0] : apply('concat', xs, { axis });
export const slice = (x: Node, axis: number, start: number, end: number) =>
  apply('slice', [x], { axis, start, end });
export const pad = (x: Node, axis: number, before: number, after: number) =>
  apply('pad', [x], { axis, before, after });
export const broadcastTo = (x: Node, shape: Shape) => apply('broadcastTo', [x], { shape });
export const gatherRows = (x: Node, index: Node) => apply('gatherRows', [x, index]);
export const scatterAddRows = (values: Node, index: Node, rows: Dim) =>
  apply('scatterAddRows', [values, index], { rows: [rows] });
export const cast = (x: Node, dtype: DType) => apply('cast', [x], { dtype });
export const stopGradient = (x: Node) => apply('stopGradient', [x]);
