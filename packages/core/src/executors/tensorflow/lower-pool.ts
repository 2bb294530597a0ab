/** Pooling and upsampling. */
import type { Attrs, Node, Shape } from '../../graph/node.js';
import { marginsOf, padding, poolWindow } from '../tfjs/windows.js';
import type { Context, Lowering, Value } from './context.js';
import { attr } from './graph-builder.js';
import type { NodeDef } from './proto.js';
import { cropImage, type Margins, padImage, perAxis } from './windows.js';

/** What never wins against a float32, and what doesn't against a float16. */
const LOWEST = { float32: -3.4e38, float16: -65504 };

const sizeOf = (shape: Shape) => [shape[2] as number, shape[3] as number] as const;

function poolAttrs(context: Context, { kernel, stride }: Attrs, pad: 'SAME' | 'VALID'): NodeDef['attr'] {
  const along = (size: unknown) => attr.ints(perAxis(context, 1, [size as number, size as number]));
  return {
    ksize: along(kernel),
    strides: along(stride),
    padding: attr.string(pad),
    data_format: attr.string(context.format),
  };
}

interface Padded {
  readonly x: string;
  readonly pad: 'SAME' | 'VALID';
  /** What was added around it, if anything. */
  readonly margins?: Margins;
}

/** The image with what the windows need around it, where TensorFlow's `SAME` isn't that. */
function padForMax(context: Context, x: Value, output: Shape, attrs: Attrs): Padded {
  const image = context.in(x, context.image);
  const around = padding(sizeOf(x.shape), sizeOf(output), poolWindow(attrs));
  if (typeof around === 'string') return { x: image, pad: around === 'same' ? 'SAME' : 'VALID' };
  const lowest = x.dtype === 'float16' ? LOWEST.float16 : LOWEST.float32;
  return { x: padImage(context, image, around, x.dtype, lowest), pad: 'VALID', margins: around };
}

export const maxPool2d: Lowering = (context, node, [x]) => {
  const padded = padForMax(context, x, node.shape, node.attrs);
  const y = context.emit('MaxPool', [padded.x], node.dtype, poolAttrs(context, node.attrs, padded.pad));
  return context.value(y, node, context.image);
};

export const maxPool2dBackward: Lowering = (context, node, [dy, x, y]) => {
  const { x: image, pad, margins } = padForMax(context, x, y.shape, node.attrs);
  const [output, gradient] = [y, dy].map((value) => context.in(value, context.image));
  const attrs = poolAttrs(context, node.attrs, pad);
  const dx = context.emit('MaxPoolGrad', [image, output, gradient], node.dtype, attrs);
  const cropped = margins ? cropImage(context, dx, margins, sizeOf(x.shape), node.dtype) : dx;
  return context.value(cropped, node, context.image);
};

export const avgPool2d: Lowering = (context, node, [x]) => {
  const margins = marginsOf(sizeOf(x.shape), sizeOf(node.shape), poolWindow(node.attrs));
  const image = padImage(context, context.in(x, context.image), margins, node.dtype, 0);
  const y = context.emit('AvgPool', [image], node.dtype, poolAttrs(context, node.attrs, 'VALID'));
  return context.value(y, node, context.image);
};

export const upsampleNearest2d: Lowering = (context, node, [x]) =>
  context.value(
    context.format === 'NHWC' ? resized(context, x, node) : repeated(context, x, node),
    node,
    context.image,
  );

function resized(context: Context, x: Value, { shape, dtype }: Node): string {
  const size = context.builder.int32s(sizeOf(shape));
  return context.emit('ResizeNearestNeighbor', [context.in(x, context.image), size], dtype);
}

/** By broadcasting along two more axes: TensorFlow resizes `NHWC` alone. */
function repeated(context: Context, x: Value, { shape, dtype, attrs }: Node): string {
  const scale = attrs.scale as number;
  const [batch, channels, height, width] = x.shape;
  const apart = context.reshape(context.in(x, context.image), [batch, channels, height, 1, width, 1], dtype);
  const full = context.shapeTensor([batch, channels, height, scale, width, scale]);
  const spread = context.emit('BroadcastTo', [apart, full], dtype, { Tidx: attr.type('int32') });
  return context.reshape(spread, shape, dtype);
}
