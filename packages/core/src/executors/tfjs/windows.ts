/** Helpers of convolution and pooling: padding as tfjs' kernels understand it, cutting and joining tensors. */
import { numel } from '@froyolo/common';
import type { Pair, WindowAttrs } from '../../ops/attrs.js';
import { byAxis } from '../../ops/shapes.js';
import type { KernelRunner } from './kernel-runner.js';
import type { TfTensor } from './runtime.js';

/** A window of `kernel` pixels (what it spans, when it is dilated) that moves over an image. */
export interface Window extends WindowAttrs {
  readonly kernel: Pair;
}

type Margin = readonly [before: number, after: number];

/** Pixels before and after, for both axes. */
export type Margins = readonly [rows: Margin, columns: Margin];

/**
 * The margins that the window really visits: `pad` before; after, what the last position needs (our `pad` also
 * allows rows that no window reaches).
 */
export function marginsOf(input: Pair, output: Pair, { kernel, stride, pad }: Window): Margins {
  return byAxis(pad, (before, i): Margin => {
    const needed = (output[i] - 1) * stride[i] + kernel[i] - input[i] - before;
    return [before, Math.max(needed, 0)];
  });
}

/** `same` and `valid` where the window fits what they stand for: libtensorflow's gradients know nothing else. */
export function padding(input: Pair, output: Pair, window: Window): 'same' | 'valid' | Margins {
  if (window.pad.every((width) => width === 0)) return 'valid';
  const needed = marginsOf(input, output, window);
  const isSame = byAxis(output, (size, i) => {
    const [before, after] = needed[i];
    return size === Math.ceil(input[i] / window.stride[i]) && (after === before || after === before + 1);
  });
  return isSame.every(Boolean) ? 'same' : needed;
}

/** `[height, width]` of an image stored as NHWC. */
export const imageSize = (shape: readonly number[]): Pair => [shape[1], shape[2]];

export function padImage(
  runner: KernelRunner,
  x: TfTensor,
  [rows, columns]: Margins,
  constantValue = 0,
): TfTensor {
  const paddings = [[0, 0], [...rows], [...columns], [0, 0]];
  if (paddings.flat().every((width) => width === 0)) return x;
  return runner.run('PadV2', { x }, { paddings, constantValue });
}

export function paddedSize([height, width]: Pair, [rows, columns]: Margins): Pair {
  return [height + rows[0] + rows[1], width + columns[0] + columns[1]];
}

/** Takes the margins off again. */
export function cropImage(runner: KernelRunner, x: TfTensor, [rows, columns]: Margins, size: Pair): TfTensor {
  const [batch, , , channels] = x.shape;
  const begin = [0, rows[0], columns[0], 0];
  return runner.run('Slice', { x }, { begin, size: [batch, ...size, channels] });
}

export function sliceAxis(
  runner: KernelRunner,
  x: TfTensor,
  axis: number,
  start: number,
  length: number,
): TfTensor {
  if (start === 0 && length === x.shape[axis]) return x;
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const size = x.shape.map((all, i) => (i === axis ? length : all));
  return runner.run('Slice', { x }, { begin, size });
}

export const concat = (runner: KernelRunner, tensors: readonly TfTensor[], axis: number) =>
  tensors.length === 1 ? tensors[0] : runner.run('Concat', tensors, { axis });

/** x with `step - 1` zeros between its neighbors along an axis. */
export function spread(runner: KernelRunner, x: TfTensor, axis: number, step: number): TfTensor {
  if (step === 1) return x;
  const [before, size, after] = [x.shape.slice(0, axis), x.shape[axis], x.shape.slice(axis + 1)];
  const [outer, inner] = [before, after].map((sizes) => numel(sizes));
  const apart = runner.reshape(x, [outer, size, 1, inner]);
  const paddings = [
    [0, 0],
    [0, 0],
    [0, step - 1],
    [0, 0],
  ];
  const padded = runner.run('PadV2', { x: apart }, { paddings, constantValue: 0 });
  const joined = runner.reshape(padded, [...before, size * step, ...after]);
  return sliceAxis(runner, joined, axis, 0, (size - 1) * step + 1);
}

/** Slices from `begin` up to `end`, `strides` apart. */
export function stridedSlice(
  runner: KernelRunner,
  x: TfTensor,
  begin: number[],
  end: number[],
  strides: number[],
): TfTensor {
  if (strides.every((step) => step === 1)) {
    const size = end.map((stop, i) => stop - begin[i]);
    return size.every((n, i) => n === x.shape[i]) ? x : runner.run('Slice', { x }, { begin, size });
  }
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return runner.run('StridedSlice', { x }, { begin, end, strides, ...masks });
}
