/**
 * A convolution and its gradient towards x in ONNX; towards the weight: `lower-conv-weight.ts`. Where onnxruntime has its
 * blocked layout, kernels larger than 1×1 run in it although their weight is trained: a third faster, with the
 * changes of layout.
 */
import type { Node, Shape } from '../../graph/node.js';
import type { OpNode } from '../../ops/op-node.js';
import { byAxis, fixedSize, imageSize } from '../../ops/shapes.js';
import type { LoweringContext } from './context.js';
import { BLOCKED } from './ops.js';

/** `[O, C / groups, kH, kW]` */
type WeightShape = readonly [out: number, channels: number, kernelH: number, kernelW: number];

/** Names of ONNX values. */
type Operands = readonly [x: string, weight: string, ...bias: string[]];

const weightShape = (shape: Shape): WeightShape => [
  fixedSize(shape, 0),
  fixedSize(shape, 1),
  ...imageSize(shape),
];

export function lowerConv2d(context: LoweringContext, node: OpNode<'conv2d'>): string {
  const [x, weight, bias] = node.inputs;
  const { stride, pad, dilation, groups } = node.attrs;
  const shape = weightShape(weight.shape);
  const attrs = {
    strides: stride,
    pads: [...pad, ...pad],
    dilations: dilation,
    kernel_shape: imageSize(weight.shape),
  };
  const { nameOf } = context;
  const names: Operands = [nameOf(x), nameOf(weight), ...(bias ? [nameOf(bias)] : [])];
  const inputs = groups === 1 ? filledUp(context, names, shape) : names;
  // A constant weight lets onnxruntime change the layout itself, once for all layers in a row.
  if (weight.op !== 'constant' && groups === 1 && isBlockable(context, shape))
    return blockedConv(context, inputs, shape, attrs);
  return context.builder.emit('Conv', inputs, { attrs: { ...attrs, group: groups } });
}

/** Image and weight with zeros after their channels, up to a multiple of four, where the provider would be wrong without. */
function filledUp(
  { builder, anyChannels }: LoweringContext,
  [x, weight, ...bias]: Operands,
  [, channels, kernelH, kernelW]: WeightShape,
): Operands {
  const isRight = channels % 3 !== 0 || channels % 4 === 0 || channels === 3 || kernelH * kernelW === 1;
  if (anyChannels || isRight) return [x, weight, ...bias];
  const zeros = builder.int64s([0, 0, 0, 0, 0, 4 - (channels % 4), 0, 0]);
  return [builder.emit('Pad', [x, zeros]), builder.emit('Pad', [weight, zeros]), ...bias];
}

/** A product of matrices, which a 1×1 convolution is, gains nothing from blocks. */
function isBlockable(
  { contrib, blockSize }: LoweringContext,
  [out, channels, kernelH, kernelW]: WeightShape,
) {
  const whole = out % blockSize === 0 && (channels % blockSize === 0 || channels < blockSize);
  return contrib && blockSize > 1 && whole && kernelH * kernelW > 1;
}

/**
 * A convolution on x, weight `[O, C, kH, kW]` and, if given, bias in onnxruntime's blocked layout: no im2col there. Fewer
 * channels than a block are read as they lie.
 */
function blockedConv(
  { builder, blockSize }: LoweringContext,
  [x, weight, ...bias]: Operands,
  [out, channels, kernelH, kernelW]: WeightShape,
  attrs: Record<string, readonly number[]>,
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

export function lowerConv2dBackwardInput(
  context: LoweringContext,
  node: OpNode<'conv2dBackwardInput'>,
): string {
  const { builder, nameOf } = context;
  const [dy, weight] = node.inputs;
  const { stride, pad, dilation, groups } = node.attrs;
  const kernel = imageSize(weight.shape);
  const flippedPad = byAxis(kernel, (k, i) => dilation[i] * (k - 1) - pad[i]);
  const steps = stride.every((step) => step === 1);
  if (steps && groups === 1 && flippedPad.every((p) => p >= 0)) {
    const attrs = {
      kernel_shape: kernel,
      pads: [...flippedPad, ...flippedPad],
      dilations: dilation,
    };
    const [out, channels] = weightShape(weight.shape);
    const swapped = [channels, out, ...kernel] as const;
    const inputs = filledUp(context, [nameOf(dy), flippedWeight(context, weight)], swapped);
    return isBlockable(context, swapped)
      ? blockedConv(context, inputs, swapped, attrs)
      : builder.emit('Conv', inputs, { attrs });
  }
  const covered = byAxis(
    imageSize(dy.shape),
    (size, i) => (size - 1) * stride[i] - 2 * pad[i] + dilation[i] * (kernel[i] - 1) + 1,
  );
  return builder.emit('ConvTranspose', [nameOf(dy), nameOf(weight)], {
    attrs: {
      kernel_shape: kernel,
      strides: stride,
      pads: [...pad, ...pad],
      dilations: dilation,
      group: groups,
      output_padding: byAxis(node.attrs.inputSize, (size, i) => size - covered[i]),
    },
  });
}

/** `[O, C, kH, kW]` to `[C, O, kH, kW]` with both kernel axes reversed. */
function flippedWeight({ builder, nameOf }: LoweringContext, weight: Node): string {
  const swapped = builder.emit('Transpose', [nameOf(weight)], { attrs: { perm: [1, 0, 2, 3] } });
  if (weight.shape[2] === 1 && weight.shape[3] === 1) return swapped;
  const last = builder.int64s([-1, -1]);
  const beforeFirst = builder.int64s([-(2 ** 31), -(2 ** 31)]);
  return builder.emit('Slice', [
    swapped,
    last,
    beforeFirst,
    builder.int64s([2, 3]),
    builder.int64s([-1, -1]),
  ]);
}
