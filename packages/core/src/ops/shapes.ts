/** Arithmetic on shapes that the op table shares. */
import { type Attrs, type Dim, GraphError, type Shape } from '../graph/node.js';

/** Number of elements; symbolic sizes are looked up in `sizes`. */
export function count(shape: Shape, sizes: Record<string, number> = {}): number {
  return shape.reduce<number>((total, d) => total * sizeOf(d, sizes), 1);
}

/** The size that a dimension has; `batch*48` is a product of symbols and numbers. */
export function sizeOf(d: Dim, sizes: Readonly<Record<string, number>>): number {
  if (typeof d === 'number') return d;
  return d.split('*').reduce((product, factor) => {
    const size = sizes[factor] ?? Number(factor);
    if (Number.isNaN(size)) throw new GraphError(`size of "${factor}" is not given`);
    return product * size;
  }, 1);
}

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

export function reduceShape(shape: Shape, attrs: Attrs): Shape {
  const axes = attrs.axes as number[];
  if (attrs.keepDims) return shape.map((d, i) => (axes.includes(i) ? 1 : d));
  return shape.filter((_, i) => !axes.includes(i));
}

export function same(what: string, actual: Shape, expected: Shape): void {
  if (actual.length !== expected.length || actual.some((d, i) => d !== expected[i]))
    throw new GraphError(`${what} should be [${expected}], is [${actual}]`);
}

/** Output length of a window of `kernel` (dilated) sliding over `size`. */
export function windowCount(size: number, kernel: number, stride: number, pad: number, dilation = 1): number {
  return Math.floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
}

export function convOutput(x: Shape, weight: Shape, attrs: Attrs): Shape {
  const { stride, pad, dilation, groups } = attrs as Record<string, number>;
  if (x.length !== 4 || weight.length !== 4) throw new GraphError('x and weight need four axes');
  if (x[1] !== (weight[1] as number) * groups)
    throw new GraphError(`weight takes ${(weight[1] as number) * groups} channels, x has ${x[1]}`);
  const [h, w] = [2, 3].map((i) => windowCount(x[i] as number, weight[i] as number, stride, pad, dilation));
  if (h < 1 || w < 1) throw new GraphError('the kernel is larger than the image');
  return [x[0], weight[0], h, w];
}

export function poolOutput(x: Shape, attrs: Attrs): Shape {
  const { kernel, stride, pad } = attrs as Record<string, number>;
  return [x[0], x[1], ...[2, 3].map((i) => windowCount(x[i] as number, kernel, stride, pad))];
}

export function sliceShape(shape: Shape, attrs: Attrs): Shape {
  const { axis, start, end } = attrs as Record<string, number>;
  const size = shape[axis];
  if (typeof size === 'number' && (start < 0 || end > size || end <= start))
    throw new GraphError(`slice ${start}:${end} of axis ${axis} is outside [${shape}]`);
  return shape.map((d, i) => (i === axis ? end - start : d));
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
