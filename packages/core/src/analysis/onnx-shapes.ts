/** Shapes and types of what ONNX nodes give, for the ops that the lowering emits. */

import type { EmittedNode, OnnxAttr } from '../executors/onnx/model-builder.js';
import { GraphError } from '../graph/node.js';
import { broadcastShapes } from '../ops/shapes.js';

export type OnnxType = 'float32' | 'float16' | 'uint8' | 'int32' | 'int64' | 'bool';

export interface OnnxValue {
  readonly dtype: OnnxType;
  readonly shape: readonly number[];
  /** The numbers themselves, of short constants: shapes, axes, pads, scales. */
  readonly known?: readonly number[];
}

type Attrs = Readonly<Record<string, OnnxAttr>>;
type Rule = (inputs: readonly OnnxValue[], attrs: Attrs) => OnnxValue | OnnxValue[];

const BYTES: Record<OnnxType, number> = { float32: 4, float16: 2, uint8: 1, int32: 4, int64: 8, bool: 1 };

export const elementsOf = ({ shape }: OnnxValue) => shape.reduce((a, b) => a * b, 1);
export const bytesOf = (value: OnnxValue) => elementsOf(value) * BYTES[value.dtype];

const unary: Rule = ([x]) => x!;
const withShape = ({ dtype }: OnnxValue, shape: readonly number[]): OnnxValue => ({ dtype, shape });
const broadcast = (values: readonly OnnxValue[]) =>
  values.map(({ shape }) => shape).reduce((a, b) => broadcastShapes(a, b) as number[]);
const elementwise: Rule = (inputs) => withShape(inputs[0]!, broadcast(inputs));
const comparison: Rule = (inputs) => ({ dtype: 'bool', shape: broadcast(inputs) });
const list = (attr: OnnxAttr | undefined, missing: readonly number[]) =>
  (attr as readonly number[] | undefined) ?? missing;

const CAST_TO: Record<number, OnnxType> = {
  ...{ 1: 'float32', 2: 'uint8', 6: 'int32', 7: 'int64', 9: 'bool', 10: 'float16' },
};

const reduction: Rule = ([x, axes], attrs) => {
  const all = x!.shape.map((_, i) => i);
  const given = axes?.known ?? list(attrs.axes, all);
  const reduced = new Set(given.map((axis) => (axis < 0 ? axis + x!.shape.length : axis)));
  if (attrs.keepdims !== 0)
    return withShape(
      x!,
      x!.shape.map((d, i) => (reduced.has(i) ? 1 : d)),
    );
  return withShape(
    x!,
    x!.shape.filter((_, i) => !reduced.has(i)),
  );
};

/** Output size of a window that moves over `size`. */
function windows(size: number, kernel: number, stride: number, dilation: number, pads: number): number {
  return Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}

function movedOver(x: OnnxValue, channels: number, attrs: Attrs): OnnxValue {
  const kernel = list(attrs.kernel_shape, []);
  const strides = list(attrs.strides, [1, 1]);
  const dilations = list(attrs.dilations, [1, 1]);
  const pads = list(attrs.pads, [0, 0, 0, 0]);
  const sizes = x.shape
    .slice(2)
    .map((size, i) => windows(size, kernel[i]!, strides[i]!, dilations[i]!, pads[i]! + pads[i + 2]!));
  return withShape(x, [x.shape[0]!, channels, ...sizes]);
}

const conv: Rule = ([x, weight], attrs) => movedOver(x!, weight!.shape[0]!, attrs);

const convTranspose: Rule = ([x, weight], attrs) => {
  const kernel = list(attrs.kernel_shape, []);
  const strides = list(attrs.strides, [1, 1]);
  const dilations = list(attrs.dilations, [1, 1]);
  const pads = list(attrs.pads, [0, 0, 0, 0]);
  const more = list(attrs.output_padding, [0, 0]);
  const group = (attrs.group as number | undefined) ?? 1;
  const sizes = x!.shape
    .slice(2)
    .map(
      (size, i) =>
        (size - 1) * strides[i]! + dilations[i]! * (kernel[i]! - 1) + 1 - pads[i]! - pads[i + 2]! + more[i]!,
    );
  return withShape(x!, [x!.shape[0]!, weight!.shape[1]! * group, ...sizes]);
};

const matmul: Rule = ([a, b], attrs) => {
  const [m] = attrs.transA ? swapLast(a!.shape) : a!.shape.slice(-2);
  const [, n] = attrs.transB ? swapLast(b!.shape) : b!.shape.slice(-2);
  const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2)) as number[];
  return withShape(a!, [...batch, m!, n!]);
};

const swapLast = (shape: readonly number[]) => [shape.at(-1)!, shape.at(-2)!];

const reshape: Rule = ([x, target]) => {
  const wanted = required(target, 'shape').map((d, i) => (d === 0 ? x!.shape[i]! : d));
  const rest = elementsOf(x!) / wanted.filter((d) => d !== -1).reduce((a, b) => a * b, 1);
  return {
    ...withShape(
      x!,
      wanted.map((d) => (d === -1 ? rest : d)),
    ),
    ...knownOf(x!),
  };
};

const slice: Rule = ([x, starts, ends, axes, steps]) => {
  const shape = [...x!.shape];
  const [from, to] = [required(starts, 'starts'), required(ends, 'ends')];
  const along = axes?.known ?? from.map((_, i) => i);
  along.forEach((axis, i) => {
    const step = steps?.known?.[i] ?? 1;
    const size = shape[axis]!;
    const clamp = (v: number, low: number, high: number) =>
      Math.min(Math.max(v < 0 ? v + size : v, low), high);
    const [first, last] =
      step > 0
        ? [clamp(from[i]!, 0, size), clamp(to[i]!, 0, size)]
        : [clamp(from[i]!, 0, size - 1), clamp(to[i]!, -1, size - 1)];
    shape[axis] = Math.max(0, Math.ceil((last - first) / step));
  });
  return withShape(x!, shape);
};

function required(value: OnnxValue | undefined, what: string): readonly number[] {
  if (value?.known) return value.known;
  throw new GraphError(`${what} are computed when the model runs`);
}

const knownOf = ({ known }: OnnxValue) => (known ? { known } : {});

const concat: Rule = (inputs, attrs) => {
  const axis = attrs.axis as number;
  const total = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
  const joined = inputs.every(({ known }) => known) ? { known: inputs.flatMap(({ known }) => known!) } : {};
  return {
    ...withShape(
      inputs[0]!,
      inputs[0]!.shape.map((d, i) => (i === axis ? total : d)),
    ),
    ...joined,
  };
};

/** By ONNX op. A new op in the lowering needs a rule here; a test runs over all lowerings. */
const RULES: Readonly<Record<string, Rule>> = {
  ...Object.fromEntries(
    [
      ...[
        'Neg',
        'Exp',
        'Log',
        'Sqrt',
        'Reciprocal',
        'Abs',
        'Atan',
        'Tanh',
        'Sigmoid',
        'Softplus',
        'LeakyRelu',
      ],
      ...['QuickGelu', 'Identity', 'ScatterElements', 'ScatterND', 'ReorderInput', 'ReorderOutput'],
    ].map((op) => [op, unary]),
  ),
  ...Object.fromEntries(['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].map((op) => [op, elementwise])),
  ...Object.fromEntries(['Greater', 'Equal'].map((op) => [op, comparison])),
  ...Object.fromEntries(['ReduceSum', 'ReduceMax', 'ReduceProd'].map((op) => [op, reduction])),
  Where: ([condition, a, b]) => withShape(a!, broadcast([condition!, a!, b!])),
  Cast: ([x], attrs) => ({ dtype: CAST_TO[attrs.to as number]!, shape: x!.shape }),
  Conv: conv,
  FusedConv: conv,
  ConvTranspose: convTranspose,
  /** The second output is the flat index of each maximum. */
  MaxPool: ([x], attrs) => {
    const y = movedOver(x!, x!.shape[1]!, attrs);
    return [y, { dtype: 'int64', shape: y.shape }];
  },
  AveragePool: ([x], attrs) => movedOver(x!, x!.shape[1]!, attrs),
  MatMul: matmul,
  FusedMatMul: matmul,
  Reshape: reshape,
  Expand: ([x, target]) => withShape(x!, broadcastShapes(x!.shape, required(target, 'shape')) as number[]),
  Slice: slice,
  Pad: ([x, pads]) => {
    const widths = required(pads, 'pads');
    return withShape(
      x!,
      x!.shape.map((d, i) => d + widths[i]! + widths[i + x!.shape.length]!),
    );
  },
  Concat: concat,
  Transpose: ([x], attrs) =>
    withShape(
      x!,
      list(attrs.perm, []).map((axis) => x!.shape[axis]!),
    ),
  Gather: ([x, index]) => withShape(x!, [...index!.shape, ...x!.shape.slice(1)]),
  Unsqueeze: ([x, axes]) => {
    const shape = [...x!.shape];
    for (const axis of required(axes, 'axes')) shape.splice(axis, 0, 1);
    return withShape(x!, shape);
  },
  Resize: ([x, , scales]) =>
    withShape(
      x!,
      x!.shape.map((d, i) => Math.floor(d * (required(scales, 'scales')[i] ?? 1))),
    ),
};

/**
 * What a node gives, one entry per output.
 * @throws GraphError when there is no rule for the op, or a shape is known only when the model runs
 */
export function outputsOf({ opType, options }: EmittedNode, inputs: readonly OnnxValue[]): OnnxValue[] {
  const rule = RULES[opType];
  if (!rule) throw new GraphError(`the memory plan has no shape rule for the ONNX op "${opType}"`);
  try {
    return [rule(inputs, options.attrs ?? {})].flat();
  } catch (error) {
    throw new GraphError(`${opType}: ${(error as Error).message}`);
  }
}
