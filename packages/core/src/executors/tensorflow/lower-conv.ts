/** Convolution and its gradients. TensorFlow's filters are `[kH, kW, I, O]` whatever the order of an image's axes. */
import type { Dim, Node } from '../../graph/node.js';
import type { ConvAttrs, Pair } from '../../ops/attrs.js';
import { byAxis, dimAt, fixedSize, imageSize } from '../../ops/shapes.js';
import { HWIO } from '../tfjs/layout.js';
import type { Context, Lowering, Value } from './context.js';
import { attr } from './graph-builder.js';
import type { NodeDef } from './proto.js';
import { convAttrs, cut, perAxis } from './windows.js';

const channelAxis = ({ format }: Context) => (format === 'NHWC' ? 3 : 1);

/** Runs once per group, on the parts that `split` makes of the inputs along an axis each, and joins the results. */
function perGroup(
  context: Context,
  groups: number,
  inputs: readonly { readonly tensor: string; readonly axis: number; readonly size: number }[],
  dtype: Node['dtype'],
  joined: number,
  run: (parts: readonly string[]) => string,
): string {
  if (groups === 1) return run(inputs.map(({ tensor }) => tensor));
  const results = Array.from({ length: groups }, (_, group) =>
    run(
      inputs.map(({ tensor, axis, size }) => {
        const length = size / groups;
        const begin = [0, 0, 0, 0].map((_, i) => (i === axis ? group * length : 0));
        return cut(
          context,
          tensor,
          begin,
          begin.map((_, i) => (i === axis ? length : -1)),
          dtype,
        );
      }),
    ),
  );
  return joinTensors(context, results, joined, dtype);
}

export function joinTensors(
  context: Context,
  tensors: readonly string[],
  axis: number,
  dtype: Node['dtype'],
): string {
  if (tensors.length === 1) return tensors[0];
  return context.emit('ConcatV2', [...tensors, context.builder.int32(axis)], dtype, {
    N: attr.int(tensors.length),
    Tidx: attr.type('int32'),
  });
}

function addBias(context: Context, x: string, bias: string, dtype: Node['dtype']): string {
  return context.emit('BiasAdd', [x, bias], dtype, { data_format: attr.string(context.format) });
}

const OUT = 3;

export const conv2d: Lowering<'conv2d'> = (context, node, [x, weight, bias]) => {
  const { dtype, attrs: conv } = node;
  const attrs = convAttrs(context, conv);
  const y = perGroup(
    context,
    conv.groups,
    [
      { tensor: context.in(x, context.image), axis: channelAxis(context), size: sizeAt(x, 1) },
      { tensor: context.in(weight, HWIO), axis: OUT, size: sizeAt(weight, 0) },
    ],
    dtype,
    channelAxis(context),
    (parts) => context.emit('Conv2D', parts, dtype, attrs),
  );
  return context.value(bias ? addBias(context, y, context.plain(bias), dtype) : y, node, context.image);
};

const sizeAt = ({ shape }: Value, axis: number) => fixedSize(shape, axis);

/** Dilated gradients, which TensorFlow's kernels for CPUs lack, are those of a filter with zeros between its pixels. */
const undilated = ({ stride, pad }: ConvAttrs) => ({ stride, pad });

/** Height and width that a dilated kernel covers. */
const spanOf = (kernel: Pair, dilation: Pair) => byAxis(kernel, (size, i) => (size - 1) * dilation[i] + 1);

export const conv2dBackwardInput: Lowering<'conv2dBackwardInput'> = (context, node, [dy, weight]) => {
  const { dtype, shape, attrs: conv } = node;
  const { groups, dilation } = conv;
  const channels = fixedSize(shape, 1) / groups;
  const sizes = context.shapeTensor(
    perAxis<Dim>(context, dimAt(shape, 0), imageSize(shape)).map((size, i) =>
      i === channelAxis(context) ? channels : size,
    ),
  );
  const filter = dilate(context, context.in(weight, HWIO), weight, dilation);
  const attrs = convAttrs(context, undilated(conv));
  const dx = perGroup(
    context,
    groups,
    [
      { tensor: filter, axis: OUT, size: sizeAt(weight, 0) },
      { tensor: context.in(dy, context.image), axis: channelAxis(context), size: sizeAt(dy, 1) },
    ],
    dtype,
    channelAxis(context),
    ([part, gradient]) => context.emit('Conv2DBackpropInput', [sizes, part, gradient], dtype, attrs),
  );
  return context.value(dx, node, context.image);
};

/** A filter `[kH, kW, I, O]` with `dilation - 1` zeros between its pixels. */
function dilate(context: Context, filter: string, { shape, dtype }: Value, dilation: Pair): string {
  const [down, right] = dilation;
  if (down === 1 && right === 1) return filter;
  const [out, inputs] = [fixedSize(shape, 0), fixedSize(shape, 1)];
  const [height, width] = imageSize(shape);
  const apart = context.reshape(filter, [height, 1, width, 1, inputs * out], dtype);
  const zeros = [0, 0, 0, down - 1, 0, 0, 0, right - 1, 0, 0];
  const widths = context.builder.constant({ dtype: 'int32', shape: [5, 2], data: Int32Array.from(zeros) });
  const padded = context.emit('Pad', [apart, widths], dtype, { Tpaddings: attr.type('int32') });
  const joined = context.reshape(padded, [height * down, width * right, inputs, out], dtype);
  return cut(context, joined, [0, 0, 0, 0], [...spanOf([height, width], dilation), -1, -1], dtype);
}

export const conv2dBackwardWeight: Lowering<'conv2dBackwardWeight'> = (context, node, [x, dy]) => {
  const { dtype, shape, attrs: conv } = node;
  const { groups, dilation, kernel } = conv;
  const [out, inputs] = [fixedSize(shape, 0), fixedSize(shape, 1)];
  const sizes = context.builder.int32s([...spanOf(kernel, dilation), inputs, out / groups]);
  const attrs = convAttrs(context, undilated(conv));
  const dw = perGroup(
    context,
    groups,
    [x, dy].map((value) => ({
      tensor: context.in(value, context.image),
      axis: channelAxis(context),
      size: sizeAt(value, 1),
    })),
    dtype,
    OUT,
    ([image, gradient]) => context.emit('Conv2DBackpropFilter', [image, sizes, gradient], dtype, attrs),
  );
  return context.value(everyNth(context, dw, dilation, dtype), node, HWIO);
};

/** Every `down`th row and every `right`th column of a filter. */
function everyNth(context: Context, filter: string, [down, right]: Pair, dtype: Node['dtype']): string {
  if (down === 1 && right === 1) return filter;
  const [zeros, steps] = [
    [0, 0, 0, 0],
    [down, right, 1, 1],
  ].map((list) => context.builder.int32s(list));
  return context.emit('StridedSlice', [filter, zeros, zeros, steps], dtype, {
    Index: attr.type('int32'),
    ...allAxes,
  });
}

const allAxes: NodeDef['attr'] = { begin_mask: attr.int(15), end_mask: attr.int(15) };
