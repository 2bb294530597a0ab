/** Max pooling and its gradient. */
import type { Node, Shape } from '../../graph/node.js';
import type { Lowering, LoweringContext } from './lowering.js';

/** Less than any activation: what lies beyond the image never is the maximum. */
const LOWEST = -3.4e38;

interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
}

export const lowerMaxPool2dBackward: Lowering = (context, node) =>
  context.poolIndices ? addAtIndices(context, node) : compareWithMaximum(context, node);

/** The forward's MaxPool also gives the flat index of each maximum; dy is added there. */
function addAtIndices(context: LoweringContext, { inputs: [dy, x, y] }: Node): string {
  const { builder, nameOf } = context;
  const flat = builder.int64s([-1]);
  const index = builder.emit('Reshape', [builder.extraOutput(nameOf(y), 1), flat]);
  const values = builder.emit('Reshape', [nameOf(dy), flat]);
  const zeros = builder.emit('Expand', [builder.floats([0], []), context.shapeTensor(x.shape)]);
  const empty = builder.emit('Reshape', [zeros, flat]);
  const sum = builder.emit('ScatterElements', [empty, index, values], {
    attrs: { axis: 0, reduction: 'add' },
  });
  return builder.emit('Reshape', [sum, context.shapeTensor(x.shape)]);
}

/**
 * For each place in the window, in order: where the image there equals the maximum and no place before did, it gets dy.
 * Slower, for execution providers whose MaxPool gives no indices.
 */
function compareWithMaximum(context: LoweringContext, { inputs: [dy, x, y], attrs }: Node): string {
  const { builder, nameOf } = context;
  const window = attrs as unknown as Window;
  const [height, width] = y.shape.slice(2) as [number, number];
  const padded = pad(context, nameOf(x), Array(4).fill(window.pad), LOWEST);
  const one = builder.floats([1], []);
  let [free, sum]: [string, string | undefined] = [one, undefined];
  for (let row = 0; row < window.kernel; row++)
    for (let column = 0; column < window.kernel; column++) {
      const rows = every(context, padded, 2, row, height, window.stride);
      const place = every(context, rows, 3, column, width, window.stride);
      const isMaximum = builder.emit('Cast', [builder.emit('Equal', [place, nameOf(y)])], {
        attrs: { to: 1 },
      });
      const taken = builder.emit('Mul', [isMaximum, free]);
      free = builder.emit('Sub', [free, taken]);
      const spread = spreadOut(context, builder.emit('Mul', [nameOf(dy), taken]), y.shape, window.stride);
      const rest = window.kernel - 1;
      const placed = pad(context, spread, [row, column, rest - row, rest - column], 0);
      sum = sum === undefined ? placed : builder.emit('Add', [sum, placed]);
    }
  const [imageHeight, imageWidth] = x.shape.slice(2) as [number, number];
  return every(context, every(context, sum!, 2, window.pad, imageHeight, 1), 3, window.pad, imageWidth, 1);
}

/** Rows and columns added: top, left, bottom, right. */
function pad(
  { builder }: LoweringContext,
  value: string,
  [top, left, bottom, right]: readonly number[],
  fill: number,
): string {
  const widths = builder.int64s([0, 0, top!, left!, 0, 0, bottom!, right!]);
  return builder.emit('Pad', [value, widths, builder.floats([fill], [])]);
}

/** `count` entries of an axis from `start` on, `step` apart. */
function every(
  { builder }: LoweringContext,
  value: string,
  axis: number,
  start: number,
  count: number,
  step: number,
): string {
  const end = start + (count - 1) * step + 1;
  return builder.emit('Slice', [value, ...[start, end, axis, step].map((v) => builder.int64s([v]))]);
}

/** Zeros between the entries of both image axes, and after the last, so that they are `stride` apart. */
function spreadOut(context: LoweringContext, value: string, shape: Shape, stride: number): string {
  if (stride === 1) return value;
  const { builder } = context;
  const [n, c, h, w] = shape as readonly [Shape[0], Shape[0], number, number];
  const apart = builder.emit('Reshape', [value, context.shapeTensor([n, c, h, 1, w, 1])]);
  const widths = builder.int64s([0, 0, 0, 0, 0, 0, 0, 0, 0, stride - 1, 0, stride - 1]);
  const filled = builder.emit('Pad', [apart, widths]);
  return builder.emit('Reshape', [filled, context.shapeTensor([n, c, h * stride, w * stride])]);
}
