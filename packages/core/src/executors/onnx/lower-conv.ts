/**
 * A convolution and its gradient towards x in ONNX; towards the weight: `lower-conv-weight.ts`. Where onnxruntime has its
 * blocked layout, kernels larger than 1×1 run in it although their weight is trained: a third faster, with the
 * changes of layout.
 */
import type { Node } from '../../graph/node.js';
import type { LoweringContext } from './lowering.js';
import { BLOCKED } from './model-builder.js';

const pair = (v: number) => [v, v];

export function lowerConv2d(context: LoweringContext, node: Node): string {
  const [x, weight, bias] = node.inputs;
  const { stride, pad, dilation, groups } = node.attrs as Record<string, number>;
  const attrs = {
    strides: pair(stride),
    pads: [...pair(pad), ...pair(pad)],
    dilations: pair(dilation),
    kernel_shape: weight.shape.slice(2) as number[],
  };
  const names = [x, weight, ...(bias ? [bias] : [])].map(context.nameOf);
  const inputs = groups === 1 ? filledUp(context, names, weight.shape as number[]) : names;
  // Where the weight is constant onnxruntime changes the layout itself, once for all layers in a row.
  if (weight.op !== 'constant' && groups === 1 && isBlockable(context, weight.shape as number[]))
    return blockedConv(context, inputs, weight.shape as number[], attrs);
  return context.builder.emit('Conv', inputs, { attrs: { ...attrs, group: groups } });
}

/** Image and weight with zeros after their channels, up to a multiple of four, where the provider would be wrong without. */
function filledUp(
  { builder, anyChannels }: LoweringContext,
  [x, weight, ...bias]: string[],
  [, channels, kernelH, kernelW]: number[],
): string[] {
  const isRight = channels % 3 !== 0 || channels % 4 === 0 || channels === 3 || kernelH * kernelW === 1;
  if (anyChannels || isRight) return [x, weight, ...bias];
  const zeros = builder.int64s([0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0]);
  return [builder.emit('Pad', [x, zeros]), builder.emit('Pad', [weight, zeros]), ...bias];
}

/** A product of matrices, which a 1×1 convolution is, gains nothing from blocks. */
function isBlockable({ contrib, blockSize }: LoweringContext, [out, channels, kernelH, kernelW]: number[]) {
  const whole = out % blockSize === 0 && (channels % blockSize === 0 || channels < blockSize);
  return contrib && blockSize > 1 && whole && kernelH * kernelW > 1;
}

/**
 * A convolution on x, weight `[O, C, kH, kW]` and, if given, bias in onnxruntime's blocked layout: no im2col there. Fewer
 * channels than a block are read as they lie.
 */
function blockedConv(
  { builder, blockSize }: LoweringContext,
  [x, weight, ...bias]: string[],
  [out, channels, kernelH, kernelW]: number[],
  attrs: Record<string, number[]>,
): string {
  const few = channels < blockSize;
  const split = [out / blockSize, blockSize, ...(few ? [channels, 1] : [channels / blockSize, blockSize])];
  const parts = builder.emit('Reshape', [weight, builder.int64s([...split, kernelH, kernelW])]);
  const moved = builder.emit('Transpose', [parts], { attrs: { perm: [0, 2, 4, 5, 3, 1] } });
  const inBlocks = builder.emit('Reshape', [moved, builder.int64s([out, channels, kernelH, kernelW])]);
  const image = few ? x : builder.emit('ReorderInput', [x], { domain: BLOCKED });
  const y = builder.emit('Conv', [image, inBlocks, ...bias], { domain: BLOCKED, attrs });
  return builder.emit('ReorderOutput', [y], { domain: BLOCKED, attrs: { channels: out } });
}

export function lowerConv2dBackwardInput(context: LoweringContext, node: Node): string {
  const { builder, nameOf } = context;
  const [dy, weight] = node.inputs;
  const { stride, pad, dilation, groups } = node.attrs as Record<string, number>;
  const [kernelH, kernelW] = weight.shape.slice(2) as number[];
  const flippedPad = [kernelH, kernelW].map((k) => dilation * (k - 1) - pad);
  if (stride === 1 && groups === 1 && flippedPad.every((p) => p >= 0)) {
    const attrs = {
      kernel_shape: [kernelH, kernelW],
      pads: [...flippedPad, ...flippedPad],
      dilations: pair(dilation),
    };
    const [out, channels] = weight.shape as number[];
    const swapped = [channels, out, kernelH, kernelW];
    const inputs = filledUp(context, [nameOf(dy), flippedWeight(context, weight)], swapped);
    return isBlockable(context, swapped)
      ? blockedConv(context, inputs, swapped, attrs)
      : builder.emit('Conv', inputs, { attrs });
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
