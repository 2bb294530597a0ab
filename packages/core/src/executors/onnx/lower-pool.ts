/** Max pooling and its gradient. */
import type { Node } from '../../graph/node.js';
import type { Pair } from '../../ops/attrs.js';
import type { OpNode } from '../../ops/op-node.js';
import { dimAt, imageSize } from '../../ops/shapes.js';
import { castTo } from './cast.js';
import type { LoweringContext } from './context.js';

/** Fill of the padding, less than any activation: it never is the maximum. */
const LOWEST = -3.4e38;

type Backward = OpNode<'maxPool2dBackward'>;

export const lowerMaxPool2dBackward = (context: LoweringContext, node: Backward): string =>
  context.poolIndices ? addAtIndices(context, node) : compareWithMaximum(context, node);

/**
 * The forward's MaxPool also gives the flat index of each maximum; dy is added there, halves as float32: onnxruntime's
 * kernel for CPUs adds no halves, and sums of them lose digits.
 */
function addAtIndices(context: LoweringContext, { inputs: [dy, x, y], dtype }: Backward): string {
  const { builder, nameOf } = context;
  const isHalf = dtype === 'float16' && dy.dtype === 'float16';
  const flat = builder.int64s([-1]);
  const index = builder.emit('Reshape', [builder.extraOutput(nameOf(uncast(y)), 1), flat]);
  const added = isHalf ? castTo(context, nameOf(dy), 'float32') : nameOf(dy);
  const values = builder.emit('Reshape', [added, flat]);
  const zeros = builder.emit('Expand', [builder.floats([0], []), context.shapeTensor(x.shape)]);
  const empty = builder.emit('Reshape', [zeros, flat]);
  const sum = builder.emit('ScatterElements', [empty, index, values], {
    attrs: { axis: 0, reduction: 'add' },
  });
  const dx = builder.emit('Reshape', [sum, context.shapeTensor(x.shape)]);
  return isHalf ? castTo(context, dx, 'float16') : dx;
}

/** The pooling itself, where its result was cast: casts give no indices. */
const uncast = (y: Node): Node => (y.op === 'cast' ? y.inputs[0] : y);

/**
 * Gives dy to the first place of each window where the image equals the maximum. Slower, for execution providers whose
 * MaxPool gives no indices.
 */
function compareWithMaximum(context: LoweringContext, { inputs: [dy, x, y], attrs }: Backward): string {
  const { builder, nameOf } = context;
  const { kernel, stride, pad: margin } = attrs;
  const size = imageSize(y.shape);
  const padded = pad(context, nameOf(x), [...margin, ...margin], LOWEST);
  const one = context.floats([1], []);
  let [free, sum]: [string, string | undefined] = [one, undefined];
  for (let row = 0; row < kernel[0]; row++)
    for (let column = 0; column < kernel[1]; column++) {
      const place = window(context, padded, [row, column], size, stride);
      const isMaximum = castTo(context, builder.emit('Equal', [place, nameOf(y)]), y.dtype);
      const taken = builder.emit('Mul', [isMaximum, free]);
      free = builder.emit('Sub', [free, taken]);
      const spread = spreadOut(context, builder.emit('Mul', [nameOf(dy), taken]), y, stride);
      const placed = pad(context, spread, [row, column, kernel[0] - 1 - row, kernel[1] - 1 - column], 0);
      sum = sum === undefined ? placed : builder.emit('Add', [sum, placed]);
    }
  return window(context, sum ?? nameOf(x), margin, imageSize(x.shape), [1, 1]);
}

/** Adds rows and columns. */
function pad(
  { builder, floats }: LoweringContext,
  value: string,
  [top, left, bottom, right]: readonly [top: number, left: number, bottom: number, right: number],
  fill: number,
): string {
  const widths = builder.int64s([0, 0, top, left, 0, 0, bottom, right]);
  return builder.emit('Pad', [value, widths, floats([fill], [])]);
}

/** `count` rows and columns from `start` on, `step` apart. */
function window(context: LoweringContext, value: string, start: Pair, count: Pair, step: Pair): string {
  const rows = every(context, value, 2, start[0], count[0], step[0]);
  return every(context, rows, 3, start[1], count[1], step[1]);
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
function spreadOut(context: LoweringContext, value: string, { shape }: Node, stride: Pair): string {
  const [down, right] = stride;
  if (down === 1 && right === 1) return value;
  const { builder } = context;
  const [n, c] = [dimAt(shape, 0), dimAt(shape, 1)];
  const [h, w] = imageSize(shape);
  const apart = builder.emit('Reshape', [value, context.shapeTensor([n, c, h, 1, w, 1])]);
  const widths = builder.int64s([0, 0, 0, 0, 0, 0, 0, 0, 0, down - 1, 0, right - 1]);
  const filled = builder.emit('Pad', [apart, widths]);
  return builder.emit('Reshape', [filled, context.shapeTensor([n, c, h * down, w * right])]);
}
