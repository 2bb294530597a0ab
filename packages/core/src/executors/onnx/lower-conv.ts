/**
 * The two gradients of a convolution in ONNX, which has no op for them.
 *
 * Towards x: a convolution with the flipped weight (stride 1), else ConvTranspose.
 * Towards the weight: per image, dy `[O, P]` times the transposed window `[C, P]` for each of the kernel's positions
 * (P output pixels), summed over the batch. A stem with few channels is one Conv with batch and channels swapped.
 */
import type { Node } from '../../graph/node.js';
import type { LoweringContext } from './lowering.js';
import { CONTRIB } from './model-builder.js';

const pair = (v: number) => [v, v];

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
function swappedConv({ builder, nameOf }: LoweringContext, node: Node): string {
  const [x, dy] = node.inputs;
  const { stride, pad, dilation } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = node.attrs.kernel as number[];
  const swap = (value: string) => builder.emit('Transpose', [value], { attrs: { perm: [1, 0, 2, 3] } });
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

function shiftedProducts(context: LoweringContext, node: Node, x: string, dy: string): string {
  const { builder } = context;
  const { stride, pad, dilation } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = node.attrs.kernel as number[];
  const [out, channels] = node.shape as number[];
  const [height, width] = node.inputs[1].shape.slice(2) as number[];
  const pixels = height * width;
  const flatDy = builder.emit('Reshape', [dy, builder.int64s([-1, out, pixels])]);
  const padded = pad > 0 ? builder.emit('Pad', [x, builder.int64s([0, 0, pad, pad, 0, 0, pad, pad])]) : x;
  const products: string[] = [];
  for (let i = 0; i < kernelH; i++)
    for (let j = 0; j < kernelW; j++) {
      const window = slideTo(context, padded, [i, j], [height, width], {
        stride,
        dilation,
        whole: kernelH * kernelW === 1,
      });
      const flat = builder.emit('Reshape', [window, builder.int64s([-1, channels, pixels])]);
      const perImage = timesTransposed(context, flatDy, flat);
      const sum = builder.emit('ReduceSum', [perImage, builder.int64s([0])], { attrs: { keepdims: 0 } });
      products.push(builder.emit('Reshape', [sum, builder.int64s([out, channels, 1])]));
    }
  const weight =
    products.length === 1 ? products[0] : builder.emit('Concat', products, { attrs: { axis: 2 } });
  return builder.emit('Reshape', [weight, builder.int64s([out, channels, kernelH, kernelW])]);
}

/** The pixels of x that the kernel's position (i, j) meets, `[N, C, H', W']`. */
function slideTo(
  { builder }: LoweringContext,
  x: string,
  position: readonly number[],
  size: readonly number[],
  { stride, dilation, whole }: { stride: number; dilation: number; whole: boolean },
): string {
  if (whole && stride === 1) return x;
  const start = position.map((p) => p * dilation);
  const end = start.map((s, axis) => s + (size[axis] - 1) * stride + 1);
  return builder.emit('Slice', [x, ...[start, end, [2, 3], pair(stride)].map((v) => builder.int64s(v))]);
}

/** a `[N, O, P]` · bᵀ, b `[N, C, P]`. */
function timesTransposed({ builder, contrib }: LoweringContext, a: string, b: string): string {
  if (contrib) return builder.emit('FusedMatMul', [a, b], { domain: CONTRIB, attrs: { transB: 1 } });
  return builder.emit('MatMul', [a, builder.emit('Transpose', [b], { attrs: { perm: [0, 2, 1] } })]);
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
