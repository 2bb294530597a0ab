/**
 * The gradient of a convolution towards its weight in ONNX, which has no op for it: for each of the kernel's positions,
 * dy `[O, P]` times the transposed window of x, `[C, P]` (P output pixels), summed over the batch. What is a product of
 * its own, and how windows are copied, is measured: docs/performance.md.
 */
import type { Node } from '../../graph/node.js';
import type { Pair } from '../../ops/attrs.js';
import type { OpNode } from '../../ops/op-node.js';
import { byAxis, count, fixedSize, imageSize } from '../../ops/shapes.js';
import type { LoweringContext } from './context.js';
import { CONTRIB } from './model-builder.js';

/** Largest image, in pixels, for which one product over all images beats one per image and a sum. */
const FEW_PIXELS = 128;

interface Convolution {
  readonly out: number;
  readonly channels: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly pad: Pair;
  readonly dilation: Pair;
  /** Height and width of x. */
  readonly from: Pair;
  /** Height and width of dy. */
  readonly size: Pair;
}

/** Names of ONNX values: x `[N, C, H, W]` and dy `[N, O, H', W']`. */
interface Operands {
  readonly x: string;
  readonly dy: string;
}

export function lowerConv2dBackwardWeight(
  context: LoweringContext,
  node: OpNode<'conv2dBackwardWeight'>,
): string {
  const [x, dy] = node.inputs;
  const { kernel, stride, pad, dilation, groups } = node.attrs;
  const [out, channels] = [fixedSize(node.shape, 0) / groups, fixedSize(node.shape, 1)];
  const [from, size] = [imageSize(x.shape), imageSize(dy.shape)];
  const convolution = { out, channels, kernel, stride, pad, dilation, from, size };
  const partOf = (image: Node, size: number, group: number) =>
    groups === 1
      ? context.nameOf(image)
      : slice(context, context.nameOf(image), [1], [group * size], [(group + 1) * size]);
  const parts = range(groups).map((group) =>
    weightGradient(context, convolution, {
      x: partOf(x, channels, group),
      dy: partOf(dy, out, group),
    }),
  );
  return concat(context, parts, 0);
}

const isOne = (pair: Pair) => pair.every((v) => v === 1);

function weightGradient(context: LoweringContext, convolution: Convolution, operands: Operands): string {
  const { kernel, stride, dilation } = convolution;
  const wholeStrides = byAxis(kernel, (side, i) => side % stride[i] === 0);
  if (!isOne(stride) && isOne(dilation) && wholeStrides.every(Boolean))
    return throughDepth(context, convolution, operands);
  if (isOne(stride) && kernel.every((side) => side > 1))
    return rowsTimesColumns(context, convolution, operands);
  return timesWindows(context, convolution, operands);
}

/** A kernel of whole strides, such as 6×6 with stride 2, is one of stride 1 on an image whose strides are channels. */
function throughDepth(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, stride, from, size, pad } = convolution;
  /** Rows and columns of the padded image that the kernel meets. */
  const met = byAxis(kernel, (side, i) => (size[i] - 1) * stride[i] + side);
  const folded: Convolution = {
    ...convolution,
    channels: channels * count(stride),
    kernel: byAxis(kernel, (side, i) => side / stride[i]),
    stride: [1, 1],
    pad: [0, 0],
    from: byAxis(met, (side, i) => side / stride[i]),
  };
  const after = byAxis(met, (side, i) => Math.max(side - from[i] - pad[i], 0));
  const deep = windows(context, x, {
    channels,
    kernel: stride,
    stride,
    pads: [...pad, ...after],
    size: folded.from,
  });
  const gradient = weightGradient(context, folded, { x: deep, dy });
  const split = builder.emit('Reshape', [
    gradient,
    builder.int64s([out, channels, ...stride, ...folded.kernel]),
  ]);
  const moved = builder.emit('Transpose', [split], { attrs: { perm: [0, 1, 4, 2, 5, 3] } });
  return builder.emit('Reshape', [moved, builder.int64s([out, channels, ...kernel])]);
}

/**
 * All kernel positions in one product, stride 1: dy, shifted down by each row of the kernel, times x, shifted left by
 * each column. Six copies for a kernel of 3×3 instead of nine windows.
 */
function rowsTimesColumns(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, pad, dilation, size } = convolution;
  const [height, width] = kernel;
  const above = dilation[0] * (height - 1);
  const both = { dilation, size: [size[0] + above, size[1]] as const };
  const columns = windows(context, x, { ...both, channels, kernel: [1, width], pads: [...pad, ...pad] });
  const rows = windows(context, dy, {
    ...both,
    channels: out,
    kernel: [height, 1],
    pads: [above, 0, above, 0],
    reversed: true,
  });
  const pixels = both.size[0] * both.size[1];
  const product = productOverPixels(context, [rows, out * height], [columns, channels * width], pixels);
  const byPosition = builder.emit('Reshape', [product, builder.int64s([out, height, channels, width])]);
  return builder.emit('Transpose', [byPosition], { attrs: { perm: [0, 2, 1, 3] } });
}

/** dy times the window of x at each kernel position. */
function timesWindows(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { out, channels, kernel, stride, pad, dilation, from, size } = convolution;
  const isWhole = kernel.every((side) => side === 1) && from.every((side, i) => side === size[i]);
  const met = isWhole
    ? x
    : windows(context, x, { channels, kernel, stride, dilation, pads: [...pad, ...pad], size });
  const rows = channels * kernel[0] * kernel[1];
  const product = productOverPixels(context, [dy, out], [met, rows], size[0] * size[1]);
  return context.builder.emit('Reshape', [product, context.builder.int64s([out, channels, ...kernel])]);
}

interface Windows {
  readonly channels: number;
  readonly kernel: Pair;
  readonly stride?: Pair;
  readonly dilation?: Pair;
  /** Zeros around the image. */
  readonly pads: readonly [top: number, left: number, bottom: number, right: number];
  /** Size of a window. */
  readonly size: Pair;
  /** Order of the positions: from the kernel's last to its first. */
  readonly reversed?: boolean;
}

const ONCE: Pair = [1, 1];

/** Pixels of an image under each position of a kernel, `[N, C kH kW, H', W']`. */
function windows(context: LoweringContext, image: string, options: Windows): string {
  return context.onCpu ? convolvedWindows(context, image, options) : slicedWindows(context, image, options);
}

/**
 * Cuts windows by a depthwise convolution with one-hot weights: exact, and on a CPU onnxruntime
 * runs it on all threads, unlike slices and padding.
 */
function convolvedWindows(
  { builder, floats }: LoweringContext,
  image: string,
  { channels, kernel, stride = ONCE, dilation = ONCE, pads, reversed = false }: Windows,
): string {
  const positions = count(kernel);
  const ones = Float32Array.from({ length: channels * positions ** 2 }, (_, i) => {
    const [position, at] = [Math.floor(i / positions) % positions, i % positions];
    return at === (reversed ? positions - 1 - position : position) ? 1 : 0;
  });
  const weight = floats(ones, [channels * positions, 1, ...kernel]);
  return builder.emit('Conv', [image, weight], {
    attrs: {
      kernel_shape: kernel,
      strides: stride,
      dilations: dilation,
      pads,
      group: channels,
    },
  });
}

function slicedWindows(
  context: LoweringContext,
  image: string,
  { channels, kernel, stride = ONCE, dilation = ONCE, pads, size, reversed = false }: Windows,
): string {
  const { builder } = context;
  const [top, left, bottom, right] = pads;
  const padded = pads.some((zeros) => zeros > 0)
    ? builder.emit('Pad', [image, builder.int64s([0, 0, top, left, 0, 0, bottom, right])])
    : image;
  const positions = range(kernel[0]).flatMap((i) =>
    range(kernel[1]).map((j): Pair => [i * dilation[0], j * dilation[1]]),
  );
  const parts = (reversed ? positions.reverse() : positions).map((start) => {
    const end = byAxis(start, (from, i) => from + (size[i] - 1) * stride[i] + 1);
    const window = slice(context, padded, [2, 3], start, end, stride);
    return builder.emit('Unsqueeze', [window, builder.int64s([2])]);
  });
  const all = builder.int64s([0, channels * positions.length, ...size]);
  return builder.emit('Reshape', [builder.emit('Concat', parts, { attrs: { axis: 2 } }), all]);
}

/** a `[N, A, P]` times b `[N, B, P]` transposed, summed over the images: `[A, B]`. */
function productOverPixels(
  context: LoweringContext,
  [a, rows]: readonly [string, number],
  [b, columns]: readonly [string, number],
  pixels: number,
): string {
  const { builder } = context;
  const few = pixels <= FEW_PIXELS;
  const flat = (image: string, channels: number) => {
    if (!few) return builder.emit('Reshape', [image, builder.int64s([-1, channels, pixels])]);
    const channelFirst = builder.emit('Transpose', [image], { attrs: { perm: [1, 0, 2, 3] } });
    return builder.emit('Reshape', [channelFirst, builder.int64s([channels, -1])]);
  };
  const [left, right] = [flat(a, rows), flat(b, columns)];
  if (few) return timesTransposed(context, left, right, [1, 0]);
  const products = timesTransposed(context, left, right, [0, 2, 1]);
  return builder.emit('ReduceSum', [products, builder.int64s([0])], { attrs: { keepdims: 0 } });
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

function slice(
  { builder }: LoweringContext,
  x: string,
  axes: readonly number[],
  start: readonly number[],
  end: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): string {
  return builder.emit('Slice', [x, ...[start, end, axes, steps].map((values) => builder.int64s(values))]);
}

function concat({ builder }: LoweringContext, parts: readonly string[], axis: number): string {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : builder.emit('Concat', parts, { attrs: { axis } });
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
