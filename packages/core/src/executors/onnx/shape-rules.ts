/** Rules for the shapes and types of what ONNX nodes give. */
import { GraphError } from '../../graph/node.js';
import { broadcastShapes, dimAt } from '../../ops/shapes.js';
import {
  elementsOf,
  given,
  intAttr,
  listAttr,
  type OnnxAttrs,
  type OnnxType,
  type OnnxValue,
} from './value.js';

/** Computes the outputs of a node, a list where there may be several. */
export type ShapeRule = (inputs: readonly OnnxValue[], attrs: OnnxAttrs) => OnnxValue | readonly OnnxValue[];

/** The rule of an op with one input that matters most. */
const ofFirst =
  (rule: (x: OnnxValue, attrs: OnnxAttrs, inputs: readonly OnnxValue[]) => OnnxValue): ShapeRule =>
  (inputs, attrs) =>
    rule(given(inputs, 0), attrs, inputs);

const withShape = ({ dtype }: OnnxValue, shape: readonly number[]): OnnxValue => ({ dtype, shape });
const knownOf = ({ known }: OnnxValue) => (known ? { known } : {});

const broadcast = (values: readonly OnnxValue[]) =>
  values.map(({ shape }) => shape).reduce((a, b) => broadcastShapes(a, b));

export const likeInput = ofFirst((x) => x);
export const elementwise = ofFirst((x, _attrs, inputs) => withShape(x, broadcast(inputs)));
export const comparison: ShapeRule = (inputs) => ({ dtype: 'bool', shape: broadcast(inputs) });
export const where: ShapeRule = (inputs) => withShape(given(inputs, 1), broadcast(inputs));

const CAST_TO: Readonly<Record<number, OnnxType>> = {
  1: 'float32',
  2: 'uint8',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
};

export const cast = ofFirst(({ dtype, shape }, attrs) => ({
  dtype: CAST_TO[intAttr(attrs, 'to', 1)] ?? dtype,
  shape,
}));

export const reduction = ofFirst((x, attrs, [, axes]) => {
  const all = x.shape.map((_, i) => i);
  const listed = axes?.known ?? listAttr(attrs, 'axes', all);
  const reduced = new Set(listed.map((axis) => (axis < 0 ? axis + x.shape.length : axis)));
  const shape =
    intAttr(attrs, 'keepdims', 1) === 0
      ? x.shape.filter((_, i) => !reduced.has(i))
      : x.shape.map((d, i) => (reduced.has(i) ? 1 : d));
  return withShape(x, shape);
});

interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Before and after. */
  readonly pads: number;
}

/** Movement of windows along each axis of an image. */
function windowsOf(attrs: OnnxAttrs): Windows[] {
  const kernel = listAttr(attrs, 'kernel_shape', []);
  const pads = listAttr(attrs, 'pads', [0, 0, 0, 0]);
  const [strides, dilations] = [listAttr(attrs, 'strides', [1, 1]), listAttr(attrs, 'dilations', [1, 1])];
  return kernel.map((side, i) => ({
    kernel: side,
    stride: dimAt(strides, i),
    dilation: dimAt(dilations, i),
    pads: dimAt(pads, i) + dimAt(pads, i + kernel.length),
  }));
}

function movedOver(x: OnnxValue, channels: number, attrs: OnnxAttrs): OnnxValue {
  const sizes = windowsOf(attrs).map(({ kernel, stride, dilation, pads }, i) => {
    const free = dimAt(x.shape, i + 2) + pads - dilation * (kernel - 1) - 1;
    return Math.floor(free / stride) + 1;
  });
  return withShape(x, [dimAt(x.shape, 0), channels, ...sizes]);
}

export const conv = ofFirst((x, attrs, inputs) => movedOver(x, dimAt(given(inputs, 1).shape, 0), attrs));

export const convTranspose = ofFirst((x, attrs, inputs) => {
  const more = listAttr(attrs, 'output_padding', [0, 0]);
  const channels = dimAt(given(inputs, 1).shape, 1) * intAttr(attrs, 'group', 1);
  const sizes = windowsOf(attrs).map(
    ({ kernel, stride, dilation, pads }, i) =>
      (dimAt(x.shape, i + 2) - 1) * stride + dilation * (kernel - 1) + 1 - pads + dimAt(more, i),
  );
  return withShape(x, [dimAt(x.shape, 0), channels, ...sizes]);
});

export const averagePool = ofFirst((x, attrs) => movedOver(x, dimAt(x.shape, 1), attrs));

/** The second output is the flat index of each maximum. */
export const maxPool: ShapeRule = (inputs, attrs) => {
  const x = given(inputs, 0);
  const y = movedOver(x, dimAt(x.shape, 1), attrs);
  return [y, { dtype: 'int64', shape: y.shape }];
};

export const matmul = ofFirst((a, attrs, inputs) => {
  const b = given(inputs, 1);
  const rows = dimAt(a.shape, attrs.transA ? -1 : -2);
  const columns = dimAt(b.shape, attrs.transB ? -2 : -1);
  return withShape(a, [...broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns]);
});

export const reshape = ofFirst((x, _attrs, [, target]) => {
  const wanted = required(target, 'shape').map((d, i) => (d === 0 ? dimAt(x.shape, i) : d));
  const rest = elementsOf(x) / wanted.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  return {
    ...withShape(
      x,
      wanted.map((d) => (d === -1 ? rest : d)),
    ),
    ...knownOf(x),
  };
});

export const slice = ofFirst((x, _attrs, [, starts, ends, axes, steps]) => {
  const [from, to] = [required(starts, 'starts'), required(ends, 'ends')];
  const along = axes?.known ?? from.map((_, i) => i);
  const shape = x.shape.map((size, axis) => {
    const i = along.indexOf(axis);
    return i < 0 ? size : sliceLength(size, dimAt(from, i), dimAt(to, i), steps?.known?.[i] ?? 1);
  });
  return withShape(x, shape);
});

function sliceLength(size: number, from: number, to: number, step: number): number {
  const clamp = (v: number, low: number, high: number) => Math.min(Math.max(v < 0 ? v + size : v, low), high);
  const [first, last] =
    step > 0
      ? [clamp(from, 0, size), clamp(to, 0, size)]
      : [clamp(from, 0, size - 1), clamp(to, -1, size - 1)];
  return Math.max(0, Math.ceil((last - first) / step));
}

function required(value: OnnxValue | undefined, what: string): readonly number[] {
  if (value?.known) return value.known;
  throw new GraphError(`${what} are computed when the model runs`);
}

export const concat = ofFirst((first, attrs, inputs) => {
  const axis = intAttr(attrs, 'axis', 0);
  const total = inputs.reduce((sum, { shape }) => sum + dimAt(shape, axis), 0);
  const known = inputs.every((x) => x.known) ? { known: inputs.flatMap((x) => x.known ?? []) } : {};
  return {
    ...withShape(
      first,
      first.shape.map((d, i) => (i === axis ? total : d)),
    ),
    ...known,
  };
});

export const expand = ofFirst((x, _attrs, [, target]) =>
  withShape(x, broadcastShapes(x.shape, required(target, 'shape'))),
);

export const pad = ofFirst((x, _attrs, [, pads]) => {
  const widths = required(pads, 'pads');
  const rank = x.shape.length;
  return withShape(
    x,
    x.shape.map((d, i) => d + dimAt(widths, i) + dimAt(widths, i + rank)),
  );
});

export const transpose = ofFirst((x, attrs) =>
  withShape(
    x,
    listAttr(attrs, 'perm', []).map((axis) => dimAt(x.shape, axis)),
  ),
);

export const gather = ofFirst((x, _attrs, inputs) =>
  withShape(x, [...given(inputs, 1).shape, ...x.shape.slice(1)]),
);

export const unsqueeze = ofFirst((x, _attrs, [, axes]) => {
  const shape = [...x.shape];
  for (const axis of required(axes, 'axes')) shape.splice(axis, 0, 1);
  return withShape(x, shape);
});

export const resize = ofFirst((x, _attrs, [, , scales]) => {
  const factors = required(scales, 'scales');
  return withShape(
    x,
    x.shape.map((d, i) => Math.floor(d * dimAt(factors, i))),
  );
});

export const shapeOf = ofFirst(({ shape }) => ({ dtype: 'int64', shape: [shape.length], known: shape }));
