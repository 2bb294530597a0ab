/** Attributes of convolution and pooling, and padding and cutting images. */
import type { Pair } from '../../ops/attrs.js';
import type { Context } from './context.js';
import { attr, type TfType } from './graph-builder.js';
import type { AttrValue } from './proto.js';

/** Values for the axes of an image in the order of the context. */
export function perAxis<T>({ format }: Context, other: T, spatial: readonly [T, T]): T[] {
  return format === 'NHWC' ? [other, ...spatial, other] : [other, other, ...spatial];
}

/** Strides, dilations and zeros around. */
export function convAttrs(
  context: Context,
  { stride, pad, dilation = [1, 1] }: { readonly stride: Pair; readonly pad: Pair; readonly dilation?: Pair },
): Record<string, AttrValue> {
  const [rows, columns] = pad;
  const around = perAxis<Pair>(
    context,
    [0, 0],
    [
      [rows, rows],
      [columns, columns],
    ],
  );
  const unpadded = rows === 0 && columns === 0;
  return {
    strides: attr.ints(perAxis(context, 1, stride)),
    dilations: attr.ints(perAxis(context, 1, dilation)),
    padding: attr.string(unpadded ? 'VALID' : 'EXPLICIT'),
    ...(unpadded ? {} : { explicit_paddings: attr.ints(around.flat()) }),
    data_format: attr.string(context.format),
  };
}

/** Before and after, for both axes of an image. */
export type Margins = readonly [Pair, Pair];

export function padImage(
  context: Context,
  x: string,
  [rows, columns]: Margins,
  dtype: TfType,
  value: number,
): string {
  const paddings = perAxis<readonly number[]>(context, [0, 0], [rows, columns]).flat();
  if (paddings.every((width) => width === 0)) return x;
  const { builder } = context;
  const widths = builder.constant({ dtype: 'int32', shape: [4, 2], data: Int32Array.from(paddings) });
  const filled = context.cast(builder.float(value), 'float32', dtype);
  return context.emit('PadV2', [x, widths, filled], dtype, { Tpaddings: attr.type('int32') });
}

/** Takes the margins off again. */
export function cropImage(
  context: Context,
  x: string,
  [rows, columns]: Margins,
  [height, width]: Pair,
  dtype: TfType,
): string {
  const begin = perAxis(context, 0, [rows[0], columns[0]]);
  return cut(context, x, begin, perAxis(context, -1, [height, width]), dtype);
}

/** `-1` in `size` is all that is left. */
export function cut(
  context: Context,
  x: string,
  begin: readonly number[],
  size: readonly number[],
  dtype: TfType,
): string {
  const [from, length] = [begin, size].map((sizes) => context.builder.int32s(sizes));
  return context.emit('Slice', [x, from, length], dtype, { Index: attr.type('int32') });
}
