/**
 * The gradient of a convolution towards its weight in ONNX, which has no op for it: for each of the kernel's positions,
 * dy `[O, P]` times the transposed window of x, `[C, P]` (P output pixels), summed over the batch. Copying windows costs
 * as much as the products, so there are several ways; which is taken where is measured (docs/performance.md).
 */
import type { Node } from '../../graph/node.js';
import type { LoweringContext } from './lowering.js';
import { CONTRIB } from './model-builder.js';

/** Up to this many pixels a product over all images at once is faster than one per image and a sum of them. */
const FEW_PIXELS = 128;
/** Up to this many pixels all kernel positions are one product. */
const JOINED_PIXELS = 80 * 80;

interface Convolution {
  readonly out: number;
  readonly channels: number;
  readonly kernel: readonly number[];
  readonly stride: number;
  readonly pad: number;
  readonly dilation: number;
  /** Height and width of x. */
  readonly from: readonly number[];
  /** Height and width of dy. */
  readonly size: readonly number[];
}

/** Names of ONNX values: x `[N, C, H, W]` and dy `[N, O, H', W']`. */
interface Operands {
  readonly x: string;
  readonly dy: string;
}

export function lowerConv2dBackwardWeight(context: LoweringContext, node: Node): string {
  const [x, dy] = node.inputs;
  const { kernel, stride, pad, dilation, groups } = node.attrs as unknown as Convolution & { groups: number };
  const [out, channels] = node.shape as number[];
  const [from, size] = [x, dy].map(({ shape }) => shape.slice(2) as number[]);
  const convolution = { out: out / groups, channels, kernel, stride, pad, dilation, from, size };
  const partOf = (image: Node, size: number, group: number) =>
    groups === 1
      ? context.nameOf(image)
      : slice(context, context.nameOf(image), [1], [group * size], [(group + 1) * size]);
  const parts = count(groups).map((group) =>
    weightGradient(context, convolution, {
      x: partOf(x, channels, group),
      dy: partOf(dy, convolution.out, group),
    }),
  );
  return concat(context, parts, 0);
}

function weightGradient(context: LoweringContext, convolution: Convolution, operands: Operands): string {
  const { kernel, stride, dilation, size } = convolution;
  if (stride > 1 && dilation === 1 && kernel.every((side) => side % stride === 0))
    return throughDepth(context, convolution, operands);
  const pixels = size[0] * size[1];
  return stride === 1 && kernel.some((side) => side > 1) && pixels <= JOINED_PIXELS
    ? joinedProduct(context, convolution, operands)
    : windowProducts(context, convolution, operands);
}

/** A kernel of whole strides, such as 6×6 with stride 2, is one of stride 1 on an image whose strides are channels. */
function throughDepth(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, stride, from, pad } = convolution;
  const strided = kernel.map((side) => side / stride);
  const folded = {
    ...convolution,
    channels: stride * stride * channels,
    kernel: strided,
    stride: 1,
    pad: 0,
    from: from.map((side) => Math.ceil((side + 2 * pad) / stride)),
  };
  const deep = weightGradient(context, folded, { x: toDepth(context, convolution, x), dy });
  const split = builder.emit('Reshape', [deep, builder.int64s([out, stride, stride, channels, ...strided])]);
  const moved = builder.emit('Transpose', [split], { attrs: { perm: [0, 3, 4, 1, 5, 2] } });
  return builder.emit('Reshape', [moved, builder.int64s([out, channels, ...kernel])]);
}

/** x padded, `[N, stride² C, H / stride, W / stride]`: first the row in a stride, then the column, then the channel. */
function toDepth(context: LoweringContext, { stride, pad, from }: Convolution, x: string): string {
  const [bottom, right] = from.map((side) => pad + ((stride - ((side + 2 * pad) % stride)) % stride));
  const padded = padImage(context, x, [pad, pad], [bottom, right]);
  if (stride === 1) return padded;
  return context.builder.emit('SpaceToDepth', [padded], { attrs: { blocksize: stride } });
}

/**
 * All kernel positions in one product per image, stride 1: dy, shifted down by each row of the kernel, `[kH O, P]`, times
 * x, shifted left by each column, `[kW C, P]`. Six copies for a kernel of 3×3 instead of nine windows.
 */
function joinedProduct(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, pad, dilation, size } = convolution;
  const [height, width] = [size[0] + dilation * (kernel[0] - 1), size[1]];
  const padded = padImage(context, x, [pad, pad], [pad, pad]);
  const columns = count(kernel[1]).map((j) =>
    slice(context, padded, [2, 3], [0, j * dilation], [height, j * dilation + width]),
  );
  const rows = count(kernel[0]).map((i) =>
    padImage(context, dy, [i * dilation, 0], [height - size[0] - i * dilation, 0]),
  );
  const flat = (parts: string[], all: number) =>
    builder.emit('Reshape', [concat(context, parts, 1), builder.int64s([-1, all, height * width])]);
  const [left, right] = [flat(rows, kernel[0] * out), flat(columns, kernel[1] * channels)];
  const sum = sumOverImages(context, timesTransposed(context, left, right, [0, 2, 1]));
  const byPosition = builder.emit('Reshape', [sum, builder.int64s([kernel[0], out, kernel[1], channels])]);
  return builder.emit('Transpose', [byPosition], { attrs: { perm: [1, 3, 0, 2] } });
}

/** A product for each kernel position. Few pixels: batch and channels are swapped, so that the product sums over images. */
function windowProducts(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, size } = convolution;
  const pixels = size[0] * size[1];
  const few = pixels <= FEW_PIXELS;
  const arranged = (image: string) =>
    few ? builder.emit('Transpose', [image], { attrs: { perm: [1, 0, 2, 3] } }) : image;
  const flat = (image: string, rows: number) =>
    builder.emit('Reshape', [image, builder.int64s(few ? [rows, -1] : [-1, rows, pixels])]);
  const left = flat(arranged(dy), out);
  const image = arranged(toDepth(context, convolution, x));
  const products = positions(kernel).map((position) => {
    const right = flat(windowAt(context, convolution, image, position, few ? 0 : 1), channels);
    return timesTransposed(context, left, right, few ? [1, 0] : [0, 2, 1]);
  });
  const all = few ? concat(context, products, 0) : sumOverImages(context, concat(context, products, 1));
  const byPosition = builder.emit('Reshape', [all, builder.int64s([kernel[0] * kernel[1], out, channels])]);
  const moved = builder.emit('Transpose', [byPosition], { attrs: { perm: [1, 2, 0] } });
  return builder.emit('Reshape', [moved, builder.int64s([out, channels, ...kernel])]);
}

/** What a kernel position meets of an image as `toDepth` gives it, with the channels on the given axis. */
function windowAt(
  context: LoweringContext,
  { channels, stride, dilation, from, pad, size }: Convolution,
  image: string,
  position: readonly [number, number],
  channelAxis: number,
): string {
  if (stride === 1 && pad === 0 && from.every((side, i) => side === size[i])) return image;
  const [row, column] = position.map((at) => at * dilation);
  const start = [row, column].map((at) => Math.floor(at / stride));
  const end = start.map((at, i) => at + size[i]);
  if (stride === 1) return slice(context, image, [2, 3], start, end);
  const channel = ((row % stride) * stride + (column % stride)) * channels;
  return slice(context, image, [channelAxis, 2, 3], [channel, ...start], [channel + channels, ...end]);
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

const positions = ([height, width]: readonly number[]) =>
  count(height).flatMap((i) => count(width).map((j): [number, number] => [i, j]));

function padImage({ builder }: LoweringContext, x: string, before: number[], after: number[]): string {
  if ([...before, ...after].every((width) => width === 0)) return x;
  return builder.emit('Pad', [x, builder.int64s([0, 0, ...before, 0, 0, ...after])]);
}

function slice(
  { builder }: LoweringContext,
  x: string,
  axes: readonly number[],
  start: readonly number[],
  end: readonly number[],
): string {
  return builder.emit('Slice', [x, ...[start, end, axes].map((values) => builder.int64s(values))]);
}

function concat({ builder }: LoweringContext, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? parts[0] : builder.emit('Concat', parts, { attrs: { axis } });
}

function sumOverImages({ builder }: LoweringContext, products: string): string {
  return builder.emit('ReduceSum', [products, builder.int64s([0])], { attrs: { keepdims: 0 } });
}

/** a `[..., O, P]` · bᵀ, b `[..., C, P]`; `perm` swaps the last two axes. */
function timesTransposed(
  { builder, contrib }: LoweringContext,
  a: string,
  b: string,
  perm: readonly number[],
): string {
  if (contrib) return builder.emit('FusedMatMul', [a, b], { domain: CONTRIB, attrs: { transB: 1 } });
  return builder.emit('MatMul', [a, builder.emit('Transpose', [b], { attrs: { perm } })]);
}
