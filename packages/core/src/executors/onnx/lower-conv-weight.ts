/**
 * The gradient of a convolution towards its weight in ONNX, which has no op for it: for each of the kernel's positions,
 * dy `[O, P]` times the transposed window of x, `[C, P]` (P output pixels), summed over the batch. What is a product of
 * its own, and how windows are copied, is measured: docs/performance.md.
 */
import type { Node } from '../../graph/node.js';
import type { LoweringContext } from './lowering.js';
import { CONTRIB } from './model-builder.js';

/** Up to this many pixels a product over all images at once is faster than one per image and a sum of them. */
const FEW_PIXELS = 128;

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
  const { kernel, stride, dilation } = convolution;
  const [height, width] = kernel as [number, number];
  if (stride > 1 && dilation === 1 && kernel.every((side) => side % stride === 0))
    return throughDepth(context, convolution, operands);
  if (stride === 1 && height > 1 && width > 1) return rowsTimesColumns(context, convolution, operands);
  return timesWindows(context, convolution, operands);
}

/** A kernel of whole strides, such as 6×6 with stride 2, is one of stride 1 on an image whose strides are channels. */
function throughDepth(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { builder } = context;
  const { out, channels, kernel, stride, from, size, pad } = convolution;
  /** Rows and columns of the padded image that the kernel meets. */
  const met = kernel.map((side, i) => (size[i] - 1) * stride + side);
  const folded = {
    ...convolution,
    channels: channels * stride * stride,
    kernel: kernel.map((side) => side / stride),
    stride: 1,
    pad: 0,
    from: met.map((side) => side / stride),
  };
  const deep = windows(context, x, {
    channels,
    kernel: [stride, stride],
    stride,
    pads: [pad, pad, ...met.map((side, i) => Math.max(side - from[i] - pad, 0))],
    size: folded.from,
  });
  const gradient = weightGradient(context, folded, { x: deep, dy });
  const split = builder.emit('Reshape', [
    gradient,
    builder.int64s([out, channels, stride, stride, ...folded.kernel]),
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
  const [height, width] = kernel as [number, number];
  const above = dilation * (height - 1);
  const both = { dilation, size: [size[0] + above, size[1]] };
  const columns = windows(context, x, { ...both, channels, kernel: [1, width], pads: Array(4).fill(pad) });
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

/** dy times what each kernel position meets of x. */
function timesWindows(context: LoweringContext, convolution: Convolution, { x, dy }: Operands): string {
  const { out, channels, kernel, stride, pad, dilation, from, size } = convolution;
  const isWhole = kernel.every((side) => side === 1) && from.every((side, i) => side === size[i]);
  const met = isWhole
    ? x
    : windows(context, x, { channels, kernel, stride, dilation, pads: Array(4).fill(pad), size });
  const rows = channels * kernel[0] * kernel[1];
  const product = productOverPixels(context, [dy, out], [met, rows], size[0] * size[1]);
  return context.builder.emit('Reshape', [product, context.builder.int64s([out, channels, ...kernel])]);
}

interface Windows {
  readonly channels: number;
  readonly kernel: readonly number[];
  readonly stride?: number;
  readonly dilation?: number;
  /** Zeros above, to the left, below, to the right. */
  readonly pads: readonly number[];
  /** Of a window. */
  readonly size: readonly number[];
  /** From the kernel's last position to its first. */
  readonly reversed?: boolean;
}

/** What each position of a kernel meets of an image, `[N, C kH kW, H', W']`. */
function windows(context: LoweringContext, image: string, options: Windows): string {
  return context.onCpu ? convolvedWindows(context, image, options) : slicedWindows(context, image, options);
}

/**
 * By a convolution of each channel alone whose weights are one 1 among zeros: exact, and on a CPU onnxruntime runs it on
 * all threads, unlike slices and padding.
 */
function convolvedWindows(
  { builder }: LoweringContext,
  image: string,
  { channels, kernel, stride = 1, dilation = 1, pads, reversed = false }: Windows,
): string {
  const positions = kernel[0] * kernel[1];
  const ones = Float32Array.from({ length: channels * positions ** 2 }, (_, i) => {
    const [position, at] = [Math.floor(i / positions) % positions, i % positions];
    return at === (reversed ? positions - 1 - position : position) ? 1 : 0;
  });
  const weight = builder.floats(ones, [channels * positions, 1, ...kernel]);
  return builder.emit('Conv', [image, weight], {
    attrs: {
      kernel_shape: kernel,
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads,
      group: channels,
    },
  });
}

function slicedWindows(
  context: LoweringContext,
  image: string,
  { channels, kernel, stride = 1, dilation = 1, pads, size, reversed = false }: Windows,
): string {
  const { builder } = context;
  const [top, left, bottom, right] = pads;
  const padded = pads.some((zeros) => zeros > 0)
    ? builder.emit('Pad', [image, builder.int64s([0, 0, top, left, 0, 0, bottom, right])])
    : image;
  const positions = count(kernel[0]).flatMap((i) =>
    count(kernel[1]).map((j) => [i * dilation, j * dilation]),
  );
  const parts = (reversed ? positions.reverse() : positions).map((start) => {
    const end = start.map((from, i) => from + (size[i] - 1) * stride + 1);
    const window = slice(context, padded, [2, 3], start, end, [stride, stride]);
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

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

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
  return parts.length === 1 ? parts[0] : builder.emit('Concat', parts, { attrs: { axis } });
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
