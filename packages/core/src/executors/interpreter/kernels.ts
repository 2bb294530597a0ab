/** Kernels as plain loops in float64: the executable specification of the op table. */
import { count } from '../../ops/shapes.js';
import type { OpName } from '../../ops/table.js';
import type { Unsupported } from '../../ops/unsupported.js';
import {
  broadcastStrides,
  channelsOf,
  type Float64Value,
  offsets,
  repeatTo,
  stridesOf,
  take,
} from './indexing.js';
import type { Kernel } from './kernel.js';
import {
  avgPool2d,
  conv2d,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  maxPool2d,
  maxPool2dBackward,
  upsampleNearest2d,
} from './windows.js';

type One = readonly [x: Float64Value];
type Two = readonly [a: Float64Value, b: Float64Value];

const unary =
  <A>(f: (x: number, attrs: A) => number) =>
  ([x]: One, attrs: A) =>
    x.data.map((v) => f(v, attrs));

const binary =
  (f: (a: number, b: number) => number) =>
  ([a, b]: Two, _attrs: unknown, shape: readonly number[]) => {
    const right = repeatTo(b, shape);
    return repeatTo(a, shape).map((v, i) => f(v, right[i]));
  };

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** Adds `term(i)` of every element i of x to its channel. */
function overChannels(x: Float64Value, term: (i: number) => number): Float64Array {
  const sums = new Float64Array(x.shape[1]);
  channelsOf(x).forEach((channel, i) => {
    sums[channel] += term(i);
  });
  return sums;
}

const reduction =
  (initial: number, f: (total: number, x: number) => number): Kernel<'reduceSum' | 'reduceMax'> =>
  ([x], { axes }, shape) => {
    const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const result = new Float64Array(count(shape)).fill(initial);
    offsets(x.shape, broadcastStrides(kept, x.shape)).forEach((at, i) => {
      result[at] = f(result[at], x.data[i]);
    });
    return result;
  };

const matmul: Kernel<'matmul'> = ([a, b], _attrs, shape) => {
  const [rows, columns] = shape.slice(-2);
  const inner = a.shape[a.shape.length - 1];
  const batch = shape.slice(0, -2);
  const starts = (x: Float64Value) => {
    const matrices = x.shape.slice(0, -2);
    const size = count(x.shape.slice(-2));
    return offsets(batch, broadcastStrides(matrices, batch)).map((matrix) => matrix * size);
  };
  const [startsA, startsB] = [starts(a), starts(b)];
  const y = new Float64Array(count(shape));
  for (let m = 0; m < startsA.length; m++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum += a.data[startsA[m] + i * inner + k] * b.data[startsB[m] + k * columns + j];
        y[(m * rows + i) * columns + j] = sum;
      }
  return y;
};

/** Writes x into the zeros of `target` so that its first element lands at `start` along `axis`. */
function place(
  target: Float64Array,
  shape: readonly number[],
  x: Float64Value,
  axis: number,
  start: number,
): void {
  const strides = stridesOf(shape);
  offsets(x.shape, strides, start * strides[axis]).forEach((at, i) => {
    target[at] = x.data[i];
  });
}

const concat: Kernel<'concat'> = (inputs, { axis }, shape) => {
  const y = new Float64Array(count(shape));
  let start = 0;
  for (const x of inputs) {
    place(y, shape, x, axis, start);
    start += x.shape[axis];
  }
  return y;
};

function rowAt(index: Float64Value, i: number, rows: number): number {
  const row = index.data[i];
  if (!(row >= 0 && row < rows)) throw new RangeError(`index ${row} is outside the ${rows} rows`);
  return row;
}

const gatherRows: Kernel<'gatherRows'> = ([x, index], _attrs, shape) => {
  const [rows, width] = x.shape;
  const y = new Float64Array(count(shape));
  for (let i = 0; i < index.data.length; i++) {
    const row = rowAt(index, i, rows);
    y.set(x.data.subarray(row * width, (row + 1) * width), i * width);
  }
  return y;
};

const scatterAddRows: Kernel<'scatterAddRows'> = ([values, index], _attrs, shape) => {
  const [rows, width] = shape;
  const y = new Float64Array(count(shape));
  for (let i = 0; i < index.data.length; i++) {
    const row = rowAt(index, i, rows);
    for (let j = 0; j < width; j++) y[row * width + j] += values.data[i * width + j];
  }
  return y;
};

export const KERNELS: { readonly [O in OpName]: Kernel<O> | Unsupported } = {
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  abs: unary(Math.abs),
  atan: unary(Math.atan),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  silu: unary((x) => x * sigmoid(x)),
  softplus: unary((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
  leakyRelu: unary((x, { alpha }) => (x > 0 ? x : alpha * x)),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: binary((a, b) => (a > b ? 1 : 0)),
  equal: binary((a, b) => (a === b ? 1 : 0)),

  siluBackward: binary((dy, x) => {
    const s = sigmoid(x);
    return dy * s * (1 + x * (1 - s));
  }),

  channelAffine: ([x, a, b]) => {
    const channel = channelsOf(x);
    return x.data.map((v, i) => v * a.data[channel[i]] + b.data[channel[i]]);
  },
  channelAffine2: ([x, a, y, b, d]) => {
    const channel = channelsOf(x);
    return x.data.map((v, i) => {
      const c = channel[i];
      return v * a.data[c] + y.data[i] * b.data[c] + d.data[c];
    });
  },
  channelSum: ([x]) => overChannels(x, (i) => x.data[i]),
  channelDot: ([x, y]) => overChannels(x, (i) => x.data[i] * y.data[i]),

  reduceSum: reduction(0, (total, x) => total + x),
  reduceMax: reduction(-Infinity, Math.max),

  conv2d,
  conv2dBackwardInput,
  conv2dBackwardWeight,
  maxPool2d,
  maxPool2dBackward,
  avgPool2d,
  upsampleNearest2d,
  matmul,

  reshape: ([x]) => x.data,
  transpose: ([x], { perm }, shape) => {
    const strides = stridesOf(x.shape);
    return take(
      x,
      offsets(
        shape,
        perm.map((axis) => strides[axis]),
      ),
    );
  },
  concat,
  slice: ([x], { axis, start }, shape) => {
    const strides = stridesOf(x.shape);
    return take(x, offsets(shape, strides, start * strides[axis]));
  },
  pad: ([x], { axis, before }, shape) => {
    const y = new Float64Array(count(shape));
    place(y, shape, x, axis, before);
    return y;
  },
  broadcastTo: ([x], _attrs, shape) => repeatTo(x, shape),
  gatherRows,
  scatterAddRows,

  where: ([condition, a, b], _attrs, shape) => {
    const [test, right] = [repeatTo(condition, shape), repeatTo(b, shape)];
    return repeatTo(a, shape).map((v, i) => (test[i] > 0 ? v : right[i]));
  },
  cast: ([x], { dtype }) => (dtype.startsWith('float') ? x.data : x.data.map(Math.trunc)),
  size: ([x], { axes }) => Float64Array.of(count(axes.map((axis) => x.shape[axis]))),
  stopGradient: ([x]) => x.data,
};
