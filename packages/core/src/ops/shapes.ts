/** Arithmetic on shapes that the op table, the gradients and the executors share. */
import { type Dim, GraphError, type Node, type Shape } from '../graph/node.js';
import type { ConvAttrs, Pair, PoolAttrs, ReduceAttrs } from './attrs.js';
import type { Sizes } from './op.js';

/** Number of elements; symbolic sizes are looked up in `sizes`. */
export function count(shape: Shape, sizes: Sizes = {}): number {
  return shape.reduce<number>((total, d) => total * sizeOf(d, sizes), 1);
}

/** The size that a dimension has; `batch*48` is a product of symbols and numbers. */
export function sizeOf(d: Dim, sizes: Sizes): number {
  if (typeof d === 'number') return d;
  return d.split('*').reduce((product, factor) => {
    const size = sizes[factor] ?? Number(factor);
    if (Number.isNaN(size)) throw new GraphError(`size of "${factor}" is not given`);
    return product * size;
  }, 1);
}

/** Size of an axis, a number or a symbol; negative axes count from the end. */
export function dimAt(shape: readonly number[], axis: number): number;
export function dimAt(shape: Shape, axis: number): Dim;
export function dimAt(shape: Shape, axis: number): Dim {
  const d = shape.at(axis);
  if (d === undefined) throw new GraphError(`[${shape}] has no axis ${axis}`);
  return d;
}

/** Size of an axis whose size is known when the graph is built. */
export function fixedSize(shape: Shape, axis: number): number {
  const d = dimAt(shape, axis);
  if (typeof d === 'string') throw new GraphError(`axis ${axis} has a symbolic size: [${shape}]`);
  return d;
}

/** The shape as numbers, where none of its sizes is symbolic. */
export const fixedShape = (shape: Shape): number[] => shape.map((_, axis) => fixedSize(shape, axis));

/** Height and width of `[N, C, H, W]`, or of a kernel `[O, C, kH, kW]`. */
export const imageSize = (shape: Shape): Pair => [fixedSize(shape, 2), fixedSize(shape, 3)];

export const axesOf = (shape: Shape): number[] => shape.map((_, axis) => axis);

export function broadcastShapes(a: readonly number[], b: readonly number[]): number[];
export function broadcastShapes(a: Shape, b: Shape): Shape;
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const da = a[a.length - rank + i] ?? 1;
    const db = b[b.length - rank + i] ?? 1;
    if (da === db || db === 1) return da;
    if (da === 1) return db;
    throw new GraphError(`shapes do not broadcast: [${a}] and [${b}]`);
  });
}

/** The shape with size 1 along the reduced axes. */
export const keptShape = (shape: Shape, axes: readonly number[]): Dim[] =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d));

export function reduceShape(shape: Shape, { axes, keepDims }: ReduceAttrs): Shape {
  return keepDims ? keptShape(shape, axes) : shape.filter((_, i) => !axes.includes(i));
}

export const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((d, i) => d === b[i]);

export function same(what: string, actual: Shape, expected: Shape): void {
  if (!sameShape(actual, expected)) throw new GraphError(`${what} should be [${expected}], is [${actual}]`);
}

/** Output length of a window of `kernel` (dilated) sliding over `size`. */
function windowCount(size: number, kernel: number, stride: number, pad: number, dilation = 1): number {
  return Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

export function convOutput(x: Shape, weight: Shape, { stride, pad, dilation, groups }: ConvAttrs): Shape {
  if (x.length !== 4 || weight.length !== 4) throw new GraphError('x and weight need four axes');
  const channels = fixedSize(weight, 1) * groups;
  if (x[1] !== channels) throw new GraphError(`weight takes ${channels} channels, x has ${x[1]}`);
  const size = imageSize(x);
  const [h, w] = byAxis(imageSize(weight), (kernel, i) =>
    windowCount(size[i], kernel, stride[i], pad[i], dilation[i]),
  );
  if (h < 1 || w < 1) throw new GraphError('the kernel is larger than the image');
  return [dimAt(x, 0), dimAt(weight, 0), h, w];
}

export function poolOutput(x: Shape, { kernel, stride, pad }: PoolAttrs): Shape {
  const size = imageSize(x);
  const output = byAxis(size, (length, i) => windowCount(length, kernel[i], stride[i], pad[i]));
  return [dimAt(x, 0), dimAt(x, 1), ...output];
}

/** Maps the height and the width. */
export const byAxis = <T>([height, width]: Pair, f: (value: number, axis: 0 | 1) => T): [T, T] => [
  f(height, 0),
  f(width, 1),
];

export type SliceAttrs = { readonly axis: number; readonly start: number; readonly end: number };

export function sliceShape(shape: Shape, { axis, start, end }: SliceAttrs): Shape {
  const size = shape[axis];
  if (typeof size === 'number' && (start < 0 || end > size || end <= start))
    throw new GraphError(`slice ${start}:${end} of axis ${axis} is outside [${shape}]`);
  return shape.map((d, i) => (i === axis ? end - start : d));
}

export function concatShape(shapes: readonly Shape[], axis: number): Shape {
  const [first = []] = shapes;
  const differs = (shape: Shape) =>
    shape.length !== first.length || shape.some((d, i) => i !== axis && d !== first[i]);
  if (shapes.some(differs))
    throw new GraphError(`shapes differ off axis ${axis}: ${shapes.map((shape) => `[${shape}]`).join(' ')}`);
  const total = shapes.reduce((sum, shape) => sum + fixedSize(shape, axis), 0);
  return first.map((d, i) => (i === axis ? total : d));
}

export function matmulShape(a: Shape, b: Shape): Shape {
  if (a.length < 2 || b.length < 2 || a.at(-1) !== b.at(-2))
    throw new GraphError(`inner sizes differ: [${a}] · [${b}]`);
  return [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), dimAt(a, -2), dimAt(b, -1)];
}

/** Fills in -1; the symbols of both shapes must be the same, or those that go missing are what -1 stands for. */
export function reshapeTo(from: Shape, to: readonly Dim[]): Shape {
  const unknown = to.indexOf(-1);
  const [source, target] = [factorsOf(from), factorsOf(to.filter((d) => d !== -1))];
  const lost = without(source.symbols, target.symbols);
  const ratio = source.fixed / target.fixed;
  const fits = lost.length === source.symbols.length - target.symbols.length;
  const whole = unknown < 0 ? lost.length === 0 && ratio === 1 : lost.length > 0 || Number.isInteger(ratio);
  if (!fits || !whole) throw new GraphError(`can't reshape [${from}] to [${to}]`);
  const filled: Dim = lost.length ? [...lost, ...(ratio === 1 ? [] : [ratio])].join('*') : ratio;
  return to.map((d, i) => (i === unknown ? filled : d));
}

/** The symbols that a shape's number of elements is a multiple of, and the rest of it: `[batch*3, 4]` is batch · 12. */
function factorsOf(shape: readonly Dim[]): { symbols: string[]; fixed: number } {
  const factors = shape.flatMap<Dim>((d) => (typeof d === 'number' ? [d] : d.split('*')));
  const isNumber = (factor: Dim) => !Number.isNaN(Number(factor));
  return {
    symbols: factors.filter((factor) => !isNumber(factor)).map(String),
    fixed: factors.filter(isNumber).reduce<number>((total, factor) => total * Number(factor), 1),
  };
}

function without(symbols: readonly string[], taken: readonly string[]): string[] {
  const left = [...symbols];
  for (const symbol of taken) {
    const at = left.indexOf(symbol);
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}

/** 1 for every symbol in the shapes of the nodes. */
export function onePerSymbol(nodes: readonly Node[]): Record<string, number> {
  const symbols = nodes.flatMap((node) => node.shape).filter((d) => typeof d === 'string');
  return Object.fromEntries(
    symbols.flatMap((d) => d.split('*')).map((factor) => [factor, Number(factor) || 1]),
  );
}
