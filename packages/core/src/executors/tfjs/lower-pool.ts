/** Pooling and upsampling on tfjs' kernels, which take NHWC. */
import type { Device } from './device.js';
import { NHWC } from './layout.js';
import type { Lowering } from './lowering.js';
import type { TfTensor } from './runtime.js';
import {
  cropImage,
  imageSize,
  type Margins,
  marginsOf,
  padding,
  padImage,
  poolWindow,
  spread,
  stridedSlice,
  type Window,
} from './windows.js';

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
  if (device.backend === 'wasm') return device.value(maxGradByWindows(device, dy, x, output, window), NHWC);
  const dx = device.run('MaxPoolGrad', { dy, input, output }, kernelAttrs(window, pad));
  return device.value(margins ? cropImage(device, dx, margins, imageSize(x.shape)) : dx, NHWC);
};

/**
 * tfjs-wasm's MaxPoolGrad (4.22) drops windows whose maximum is negative. Instead, pixel by pixel of the window: where
 * it is the maximum and no pixel before it was, it gets the gradient.
 */
function maxGradByWindows(device: Device, dy: TfTensor, x: TfTensor, y: TfTensor, window: Window): TfTensor {
  const size = imageSize(x.shape);
  const margins = marginsOf(size, imageSize(y.shape), window);
  const image = padImage(device, x, margins, LOWEST);
  const { kernel, stride } = window;
  const [batch, height, width, channels] = y.shape;
  let without = device.constant(1);
  let dx: TfTensor | undefined;
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const end = [batch, i + (height - 1) * stride + 1, j + (width - 1) * stride + 1, channels];
      const met = stridedSlice(device, image, [0, i, j, 0], end, [1, stride, stride, 1]);
      const equal = device.run('Cast', { x: device.run('Equal', { a: met, b: y }) }, { dtype: 'float32' });
      const first = device.run('Multiply', { a: equal, b: without });
      without = device.run('Sub', { a: without, b: first });
      const placed = placeAt(
        device,
        device.run('Multiply', { a: dy, b: first }),
        [i, j],
        stride,
        image.shape,
      );
      dx = dx ? device.run('Add', { a: dx, b: placed }) : placed;
    }
  return cropImage(device, dx!, margins, size);
}

/** The pixels of x, `stride` apart from `start`, in an image of zeros. */
function placeAt(
  device: Device,
  x: TfTensor,
  [top, left]: readonly [number, number],
  stride: number,
  shape: readonly number[],
): TfTensor {
  const apart = stride === 1 ? x : spread(device, spread(device, x, 1, stride), 2, stride);
  const [height, width] = imageSize(apart.shape);
  return padImage(device, apart, [
    [top, shape[1] - top - height],
    [left, shape[2] - left - width],
  ]);
}

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
