/** What convolution and pooling share: padding as tfjs' kernels understand it, and cutting and joining tensors. */
import type { Attrs } from '../../graph/node.js';
import type { Device } from './device.js';
import type { TfTensor } from './runtime.js';

type Pair = readonly [number, number];

/** A window of `kernel` pixels (what it spans, when it is dilated) that moves over an image. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: number;
  readonly pad: number;
}

export function poolWindow(attrs: Attrs): Window {
  const { kernel, stride, pad } = attrs as Record<string, number>;
  return { kernel: [kernel, kernel], stride, pad };
}

/** Pixels before and after, for both axes. */
export type Margins = readonly [Pair, Pair];

/**
 * The margins that the window really visits: `pad` before; after, what the last position needs (our `pad` also
 * allows rows that no window reaches).
 */
export function marginsOf(input: Pair, output: Pair, { kernel, stride, pad }: Window): Margins {
  const along = (i: 0 | 1): Pair => {
    const needed = (output[i] - 1) * stride + kernel[i] - input[i] - pad;
    return [pad, Math.max(needed, 0)];
  };
  return [along(0), along(1)];
}

/** `same` and `valid` where the window fits what they stand for: libtensorflow's gradients know nothing else. */
export function padding(input: Pair, output: Pair, window: Window): 'same' | 'valid' | Margins {
  if (window.pad === 0) return 'valid';
  const needed = marginsOf(input, output, window);
  const isSame = ([before, after]: Pair, i: 0 | 1) =>
    output[i] === Math.ceil(input[i] / window.stride) && (after === before || after === before + 1);
  return needed.every((side, i) => isSame(side, i as 0 | 1)) ? 'same' : needed;
}

/** `[height, width]` of an image stored as NHWC. */
export const imageSize = (shape: readonly number[]): Pair => [shape[1], shape[2]];

export function padImage(device: Device, x: TfTensor, [rows, columns]: Margins, constantValue = 0): TfTensor {
  const paddings = [[0, 0], [...rows], [...columns], [0, 0]];
  if (paddings.flat().every((width) => width === 0)) return x;
  return device.run('PadV2', { x }, { paddings, constantValue });
}

export function paddedSize([height, width]: Pair, [rows, columns]: Margins): Pair {
  return [height + rows[0] + rows[1], width + columns[0] + columns[1]];
}

/** Takes the margins off again. */
export function cropImage(device: Device, x: TfTensor, [rows, columns]: Margins, size: Pair): TfTensor {
  const [batch, , , channels] = x.shape;
  const begin = [0, rows[0], columns[0], 0];
  return device.run('Slice', { x }, { begin, size: [batch, ...size, channels] });
}

export function sliceAxis(
  device: Device,
  x: TfTensor,
  axis: number,
  start: number,
  length: number,
): TfTensor {
  if (start === 0 && length === x.shape[axis]) return x;
  const begin = x.shape.map((_, i) => (i === axis ? start : 0));
  const size = x.shape.map((all, i) => (i === axis ? length : all));
  return device.run('Slice', { x }, { begin, size });
}

export const concat = (device: Device, tensors: readonly TfTensor[], axis: number) =>
  tensors.length === 1 ? tensors[0] : device.run('Concat', tensors, { axis });

/** x with `step - 1` zeros between its neighbors along an axis. */
export function spread(device: Device, x: TfTensor, axis: number, step: number): TfTensor {
  const [before, size, after] = [x.shape.slice(0, axis), x.shape[axis], x.shape.slice(axis + 1)];
  const [outer, inner] = [before, after].map((sizes) => sizes.reduce((a, b) => a * b, 1));
  const apart = device.reshape(x, [outer, size, 1, inner]);
  const paddings = [
    [0, 0],
    [0, 0],
    [0, step - 1],
    [0, 0],
  ];
  const padded = device.run('PadV2', { x: apart }, { paddings, constantValue: 0 });
  const joined = device.reshape(padded, [...before, size * step, ...after]);
  return sliceAxis(device, joined, axis, 0, (size - 1) * step + 1);
}

/** From `begin` to before `end`, `strides` apart. */
export function stridedSlice(
  device: Device,
  x: TfTensor,
  begin: number[],
  end: number[],
  strides: number[],
): TfTensor {
  if (strides.every((step) => step === 1)) {
    const size = end.map((stop, i) => stop - begin[i]);
    return size.every((n, i) => n === x.shape[i]) ? x : device.run('Slice', { x }, { begin, size });
  }
  const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
  return device.run('StridedSlice', { x }, { begin, end, strides, ...masks });
}
