/** Pooling and upsampling. */
import type { Shape } from '../../graph/node.js';
import type { Pair, PoolAttrs } from '../../ops/attrs.js';
import type { OpNode } from '../../ops/op-node.js';
import { dimAt, imageSize } from '../../ops/shapes.js';
import { marginsOf, padding } from '../tfjs/windows.js';
import type { Context, Lowering, Value } from './context.js';
import { attr } from './graph-builder.js';
import type { NodeDef } from './proto.js';
import { cropImage, type Margins, padImage, perAxis } from './windows.js';

/** Values below every float32, and below every float16. */
const LOWEST = { float32: -3.4e38, float16: -65504 };

function poolAttrs(context: Context, { kernel, stride }: PoolAttrs, pad: 'SAME' | 'VALID'): NodeDef['attr'] {
  const along = (size: Pair) => attr.ints(perAxis(context, 1, size));
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
  /** Margins added around it, if any. */
  readonly margins?: Margins;
}

/** The image with what the windows need around it, where TensorFlow's `SAME` isn't that. */
function padForMax(context: Context, x: Value, output: Shape, window: PoolAttrs): Padded {
  const image = context.in(x, context.image);
  const around = padding(imageSize(x.shape), imageSize(output), window);
  if (typeof around === 'string') return { x: image, pad: around === 'same' ? 'SAME' : 'VALID' };
  const lowest = x.dtype === 'float16' ? LOWEST.float16 : LOWEST.float32;
  return { x: padImage(context, image, around, x.dtype, lowest), pad: 'VALID', margins: around };
}

export const maxPool2d: Lowering<'maxPool2d'> = (context, node, [x]) => {
  const padded = padForMax(context, x, node.shape, node.attrs);
  const y = context.emit('MaxPool', [padded.x], node.dtype, poolAttrs(context, node.attrs, padded.pad));
  return context.value(y, node, context.image);
};

export const maxPool2dBackward: Lowering<'maxPool2dBackward'> = (context, node, [dy, x, y]) => {
  const { x: image, pad, margins } = padForMax(context, x, y.shape, node.attrs);
  const [output, gradient] = [context.in(y, context.image), context.in(dy, context.image)];
  const attrs = poolAttrs(context, node.attrs, pad);
  const dx = context.emit('MaxPoolGrad', [image, output, gradient], node.dtype, attrs);
  const cropped = margins ? cropImage(context, dx, margins, imageSize(x.shape), node.dtype) : dx;
  return context.value(cropped, node, context.image);
};

export const avgPool2d: Lowering<'avgPool2d'> = (context, node, [x]) => {
  const margins = marginsOf(imageSize(x.shape), imageSize(node.shape), node.attrs);
  const image = padImage(context, context.in(x, context.image), margins, node.dtype, 0);
  const y = context.emit('AvgPool', [image], node.dtype, poolAttrs(context, node.attrs, 'VALID'));
  return context.value(y, node, context.image);
};

export const upsampleNearest2d: Lowering<'upsampleNearest2d'> = (context, node, [x]) =>
  context.value(
    context.format === 'NHWC' ? resized(context, x, node) : repeated(context, x, node),
    node,
    context.image,
  );

type Upsample = OpNode<'upsampleNearest2d'>;

function resized(context: Context, x: Value, { shape, dtype }: Upsample): string {
  const size = context.builder.int32s(imageSize(shape));
  return context.emit('ResizeNearestNeighbor', [context.in(x, context.image), size], dtype);
}

/** Upsamples by broadcasting along two more axes: TensorFlow resizes `NHWC` alone. */
function repeated(context: Context, x: Value, { shape, dtype, attrs: { scale } }: Upsample): string {
  const [batch, channels] = [dimAt(x.shape, 0), dimAt(x.shape, 1)];
  const [height, width] = imageSize(x.shape);
  const apart = context.reshape(context.in(x, context.image), [batch, channels, height, 1, width, 1], dtype);
  const full = context.shapeTensor([batch, channels, height, scale, width, scale]);
  const spread = context.emit('BroadcastTo', [apart, full], dtype, { Tidx: attr.type('int32') });
  return context.reshape(spread, shape, dtype);
}
