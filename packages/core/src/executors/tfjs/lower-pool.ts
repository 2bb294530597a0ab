/** Pooling and upsampling on tfjs' kernels, which take NHWC. */
import type { Device } from './device.js';
import { NHWC } from './layout.js';
import type { Lowering } from './lowering.js';
import type { TfTensor } from './runtime.js';
import { cropImage, imageSize, type Margins, padding, padImage, poolWindow, type Window } from './windows.js';

/** What never wins against a float32. */
const LOWEST = -3.4e38;

const kernelAttrs = ({ kernel, stride }: Window, pad: string) => ({
  filterSize: [...kernel],
  strides: [stride, stride],
  pad,
});

interface PaddedImage {
  readonly x: TfTensor;
  readonly pad: 'same' | 'valid';
  /** What was added around it, if anything. */
  readonly margins?: Margins;
}

function padForMax(device: Device, x: TfTensor, output: readonly number[], window: Window): PaddedImage {
  const around = padding(imageSize(x.shape), imageSize(output), window);
  if (typeof around === 'string') return { x, pad: around };
  return { x: padImage(device, x, around, LOWEST), pad: 'valid', margins: around };
}

const asNhwc = ([n, c, h, w]: readonly number[]) => [n, h, w, c];

export const maxPool2d: Lowering = (device, [x], attrs, shape) => {
  const window = poolWindow(attrs);
  const padded = padForMax(device, device.in(x, NHWC), asNhwc(shape), window);
  return device.value(device.run('MaxPool', { x: padded.x }, kernelAttrs(window, padded.pad)), NHWC);
};

export const maxPool2dBackward: Lowering = (device, inputs, attrs) => {
  const window = poolWindow(attrs);
  const [dy, x, output] = inputs.map((value) => device.in(value, NHWC));
  const { x: input, pad, margins } = padForMax(device, x, output.shape, window);
  const dx = device.run('MaxPoolGrad', { dy, input, output }, kernelAttrs(window, pad));
  return device.value(margins ? cropImage(device, dx, margins, imageSize(x.shape)) : dx, NHWC);
};

export const avgPool2d: Lowering = (device, [x], attrs) => {
  const window = poolWindow(attrs);
  const { pad } = window;
  const image = padImage(device, device.in(x, NHWC), [
    [pad, pad],
    [pad, pad],
  ]);
  return device.value(device.run('AvgPool', { x: image }, kernelAttrs(window, 'valid')), NHWC);
};

export const upsampleNearest2d: Lowering = (device, [x], _attrs, shape) => {
  const attrs = { alignCorners: false, halfPixelCenters: false, size: shape.slice(2) };
  return device.value(device.run('ResizeNearestNeighbor', { images: device.in(x, NHWC) }, attrs), NHWC);
};
