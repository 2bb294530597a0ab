/** Index arithmetic of the interpreter's kernels. */
import { count } from '../../ops/shapes.js';

/** A value in float64, whatever its type in the graph; row-major. */
export interface Float64Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Distance in the flat array between neighbors along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)));
}

/** Strides with which a value of `shape` is read as if it were repeated to `target` (NumPy broadcasting). */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const added = target.length - shape.length;
  return target.map((_, axis) => (axis < added || shape[axis - added] === 1 ? 0 : strides[axis - added]));
}

/** Offsets `start` + Σ position · stride of every position of `shape`, in row-major order. */
export function offsets(shape: readonly number[], strides: readonly number[], start = 0): Int32Array {
  let result = Int32Array.of(start);
  shape.forEach((size, axis) => {
    const next = new Int32Array(result.length * size);
    for (let r = 0; r < result.length; r++)
      for (let i = 0; i < size; i++) next[r * size + i] = result[r] + i * strides[axis];
    result = next;
  });
  return result;
}

/** x read at every offset. A loop: `Float64Array.from` with a function takes many times as long. */
export function take({ data }: Float64Value, at: Int32Array): Float64Array {
  const taken = new Float64Array(at.length);
  for (let i = 0; i < at.length; i++) taken[i] = data[at[i]];
  return taken;
}

/** x as it is read when broadcast to `shape`; its own data where nothing repeats. */
export function repeatTo(x: Float64Value, shape: readonly number[]): Float64Array {
  if (x.data.length === count(shape)) return x.data;
  if (x.data.length === 1) return new Float64Array(count(shape)).fill(x.data[0]);
  return take(x, offsets(shape, broadcastStrides(x.shape, shape)));
}

/** Channel of every element of x `[N, C, ...]`. */
export function channelsOf(x: Float64Value): Int32Array {
  return offsets(
    x.shape,
    x.shape.map((_, axis) => (axis === 1 ? 1 : 0)),
  );
}
