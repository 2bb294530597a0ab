/**
 * The two gradients of a convolution in ONNX, which has no op for them.
 *
 * Towards x: a convolution with the flipped weight (stride 1), else ConvTranspose.
 * Towards the weight: per image, dy `[O, P]` times the transposed window `[C, P]` for each of the kernel's positions
 * (P output pixels), summed over the batch. Few pixels: batch and channels are swapped first, so that the product itself sums
 * over images. A stem with few channels is one Conv with batch and channels swapped.
 */
import type { Node } from '../../graph/node.js';
import type { LoweringContext } from './lowering.js';
import { CONTRIB } from './model-builder.js';

const pair = (v: number) => [v, v];

/** Up to this many pixels a product over all images at once is faster than one per image and a sum of them. */
const FEW_PIXELS = 128;

/** Below this many input channels the matrix products are too thin to be worth a slice each. */
const FEW_CHANNELS = 4;

export function lowerConv2dBackwardInput(context: LoweringContext, node: Node): string {
  const { builder, nameOf } = context;
  const [dy, weight] = node.inputs;
  const { stride, pad, dilation, groups } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = weight.shape.slice(2) as number[];
  const flippedPad = [kernelH, kernelW].map((k) => dilation * (k - 1) - pad);
  if (stride === 1 && groups === 1 && flippedPad.every((p) => p >= 0)) {
    return builder.emit('Conv', [nameOf(dy), flippedWeight(context, weight)], {
      attrs: {
        kernel_shape: [kernelH, kernelW],
        pads: [...flippedPad, ...flippedPad],
        dilations: pair(dilation),
      },
    });
  }
  const [height, width] = node.attrs.inputSize as number[];
  const covered = (size: number, kernel: number) =>
    (size - 1) * stride - 2 * pad + dilation * (kernel - 1) + 1;
  return builder.emit('ConvTranspose', [nameOf(dy), nameOf(weight)], {
    attrs: {
      kernel_shape: [kernelH, kernelW],
      strides: pair(stride),
      pads: [pad, pad, pad, pad],
      dilations: pair(dilation),
      group: groups,
      output_padding: [
        height - covered(dy.shape[2] as number, kernelH),
        width - covered(dy.shape[3] as number, kernelW),
      ],
    },
  });
}

/** `[O, C, kH, kW]` to `[C, O, kH, kW]` with both kernel axes reversed. */
function flippedWeight({ builder, nameOf }: LoweringContext, weight: Node): string {
  const swapped = builder.emit('Transpose', [nameOf(weight)], { attrs: { perm: [1, 0, 2, 3] } });
  if (weight.shape[2] === 1 && weight.shape[3] === 1) return swapped;
  const last = builder.int64s(pair(-1));
  const beforeFirst = builder.int64s(pair(-(2 ** 31)));
  return builder.emit('Slice', [
    swapped,
    last,
    beforeFirst,
    builder.int64s([2, 3]),
    builder.int64s(pair(-1)),
  ]);
}

export function lowerConv2dBackwardWeight(context: LoweringContext, node: Node): string {
  const groups = node.attrs.groups as number;
  if (groups > 1) return perGroup(context, node, groups);
  const [x, dy] = node.inputs;
  if ((x.shape[1] as number) <= FEW_CHANNELS) return swappedConv(context, node);
  return shiftedProducts(context, node, context.nameOf(x), context.nameOf(dy));
}

/** Conv with x as `[C, N, H, W]`, dy as a kernel `[O, N, H', W']`, and stride and dilation exchanged. */
function swappedConv(context: LoweringContext, node: Node): string {
  const { builder, nameOf } = context;
  const [x, dy] = node.inputs;
  const { stride, pad, dilation } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = node.attrs.kernel as number[];
  const swap = (value: string) => swapBatch(context, value);
  const product = builder.emit('Conv', [swap(nameOf(x)), swap(nameOf(dy))], {
    attrs: {
      kernel_shape: dy.shape.slice(2) as number[],
      pads: [pad, pad, pad, pad],
      strides: pair(dilation),
      dilations: pair(stride),
    },
  });
  // Where the stride leaves pixels over, positions past the kernel appear; they belong to no weight.
  const cropped = builder.emit('Slice', [
    product,
    builder.int64s([0, 0]),
    builder.int64s([kernelH, kernelW]),
    builder.int64s([2, 3]),
  ]);
  return swap(cropped);
}

/** `[N, C, H, W]` to `[C, N, H, W]`, and back. */
function swapBatch({ builder }: LoweringContext, value: string): string {
  return builder.emit('Transpose', [value], { attrs: { perm: [1, 0, 2, 3] } });
}

function shiftedProducts(context: LoweringContext, node: Node, x: string, dy: string): string {
  const { builder } = context;
  const { stride, pad, dilation } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = node.attrs.kernel as number[];
  const [out, channels] = node.shape as number[];
  const size = node.inputs[1].shape.slice(2) as number[];
  const pixels = size[0] * size[1];
  const few = pixels <= FEW_PIXELS;
  const arranged = (value: string) => (few ? swapBatch(context, value) : value);
  const rows = (value: string, count: number) =>
    builder.emit('Reshape', [value, builder.int64s(few ? [count, -1] : [-1, count, pixels])]);
  const flatDy = rows(arranged(dy), out);
  const padded = arranged(
    pad > 0 ? builder.emit('Pad', [x, builder.int64s([0, 0, pad, pad, 0, 0, pad, pad])]) : x,
  );
  const products: string[] = [];
  for (let i = 0; i < kernelH; i++)
    for (let j = 0; j < kernelW; j++) {
      const whole = stride === 1 && kernelH * kernelW === 1;
      const window = whole ? padded : windowAt(context, padded, [i * dilation, j * dilation], size, stride);
      products.push(timesTransposed(context, flatDy, rows(window, channels), few ? [1, 0] : [0, 2, 1]));
    }
  const shape = [out, channels, kernelH, kernelW];
  return few
    ? weightOf(context, concat(context, products, 0), shape)
    : sumOverImages(context, products, shape);
}

/** The pixels of x `[N, C, H, W]` that lie `stride` apart from `start`, `[N, C, H', W']`. */
function windowAt(
  context: LoweringContext,
  x: string,
  start: readonly number[],
  size: readonly number[],
  stride: number,
): string {
  if (stride === 1) return sliceAxes(context, x, [2, 3], start, [start[0] + size[0], start[1] + size[1]]);
  // A strided slice copies pixel by pixel, a dense one row by row. Windows of one phase share a strided slice.
  const phase = start.map((s) => s % stride);
  const first = start.map((s) => Math.floor(s / stride));
  const phaseImage = everyOther(context, everyOther(context, x, 2, phase[0], stride), 3, phase[1], stride);
  return sliceAxes(context, phaseImage, [2, 3], first, [first[0] + size[0], first[1] + size[1]]);
}

function sliceAxes(
  { builder }: LoweringContext,
  x: string,
  axes: readonly number[],
  start: readonly number[],
  end: readonly number[],
): string {
  return builder.emit('Slice', [x, ...[start, end, axes].map((v) => builder.int64s(v))]);
}

function everyOther({ builder }: LoweringContext, x: string, axis: number, phase: number, stride: number) {
  const [start, end, axes, steps] = [[phase], [2 ** 31 - 1], [axis], [stride]].map((v) => builder.int64s(v));
  return builder.emit('Slice', [x, start, end, axes, steps]);
}

/** Products `[N, O, C]`, one per kernel position, to the weight `[O, C, kH, kW]`. */
function sumOverImages(
  context: LoweringContext,
  products: readonly string[],
  shape: readonly number[],
): string {
  const { builder } = context;
  const sum = builder.emit('ReduceSum', [concat(context, products, 1), builder.int64s([0])], {
    attrs: { keepdims: 0 },
  });
  return weightOf(context, sum, shape);
}

function concat({ builder }: LoweringContext, parts: readonly string[], axis: number): string {
  return parts.length === 1 ? parts[0] : builder.emit('Concat', parts, { attrs: { axis } });
}

/** Rows of O, kernel position by kernel position, to the weight `[O, C, kH, kW]`. */
function weightOf({ builder }: LoweringContext, rows: string, shape: readonly number[]): string {
  const [out, channels, kernelH, kernelW] = shape;
  const byPosition = builder.emit('Reshape', [rows, builder.int64s([kernelH * kernelW, out, channels])]);
  const moved = builder.emit('Transpose', [byPosition], { attrs: { perm: [1, 2, 0] } });
  return builder.emit('Reshape', [moved, builder.int64s([out, channels, kernelH, kernelW])]);
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

function perGroup(context: LoweringContext, node: Node, groups: number): string {
  const { builder, nameOf } = context;
  const [x, dy] = node.inputs;
  const part = (value: string, channels: number, group: number) =>
    builder.emit('Slice', [
      value,
      ...[group * channels, (group + 1) * channels, 1].map((v) => builder.int64s([v])),
    ]);
  const outPerGroup = (node.shape[0] as number) / groups;
  const inPerGroup = node.shape[1] as number;
  const groupNode = { ...node, shape: [outPerGroup, ...node.shape.slice(1)] };
  const parts = Array.from({ length: groups }, (_, group) =>
    shiftedProducts(
      context,
      groupNode,
      part(nameOf(x), inPerGroup, group),
      part(nameOf(dy), outPerGroup, group),
    ),
  );
  return builder.emit('Concat', parts, { attrs: { axis: 0 } });
}
