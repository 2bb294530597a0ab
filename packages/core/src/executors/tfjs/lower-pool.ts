/** Pooling and upsampling on tfjs' kernels, which take NHWC. */
import { must } from '@froyolo/errors';
import type { Pair } from '../../ops/attrs.js';
import { mapTriple } from '../../ops/op-node.js';
import type { KernelRunner, Lowering } from './kernel-runner.js';
import { NHWC } from './layout.js';
import type { TfTensor } from './runtime.js';
import {
  cropImage,
  imageSize,
  type Margins,
  marginsOf,
  padding,
  padImage,
  spread,
  stridedSlice,
  type Window,
} from './windows.js';

/** Fill of the padding, less than any float32 that may win. */
const LOWEST = -3.4e38;

const kernelAttrs = ({ kernel, stride }: Window, pad: string) => ({
  filterSize: [...kernel],
  strides: [...stride],
  pad,
});

interface PaddedImage {
  readonly x: TfTensor;
  readonly pad: 'same' | 'valid';
  /** Margins added around it, if any. */
  readonly margins?: Margins;
}

function padForMax(
  runner: KernelRunner,
  x: TfTensor,
  output: readonly number[],
  window: Window,
): PaddedImage {
  const around = padding(imageSize(x.shape), imageSize(output), window);
  if (typeof around === 'string') return { x, pad: around };
  return { x: padImage(runner, x, around, LOWEST), pad: 'valid', margins: around };
}

const asNhwc = ([n, c, h, w]: readonly number[]) => [n, h, w, c];

export const maxPool2d: Lowering<'maxPool2d'> = (runner, [x], window, shape) => {
  const padded = padForMax(runner, runner.in(x, NHWC), asNhwc(shape), window);
  return runner.value(runner.run('MaxPool', { x: padded.x }, kernelAttrs(window, padded.pad)), NHWC);
};

export const maxPool2dBackward: Lowering<'maxPool2dBackward'> = (runner, inputs, window) => {
  const [dy, x, output] = mapTriple(inputs, (value) => runner.in(value, NHWC));
  const { x: input, pad, margins } = padForMax(runner, x, output.shape, window);
  if (runner.backend === 'wasm') return runner.value(maxGradByWindows(runner, dy, x, output, window), NHWC);
  const dx = runner.run('MaxPoolGrad', { dy, input, output }, kernelAttrs(window, pad));
  return runner.value(margins ? cropImage(runner, dx, margins, imageSize(x.shape)) : dx, NHWC);
};

/**
 * tfjs-wasm's MaxPoolGrad (4.22) drops windows whose maximum is negative. Instead, pixel by pixel of the window: where
 * it is the maximum and no pixel before it was, it gets the gradient.
 */
function maxGradByWindows(
  runner: KernelRunner,
  dy: TfTensor,
  x: TfTensor,
  y: TfTensor,
  window: Window,
): TfTensor {
  const size = imageSize(x.shape);
  const margins = marginsOf(size, imageSize(y.shape), window);
  const image = padImage(runner, x, margins, LOWEST);
  const { kernel, stride } = window;
  const [batch, height, width, channels] = y.shape;
  let without = runner.constant(1);
  let dx: TfTensor | undefined;
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const end = [batch, i + (height - 1) * stride[0] + 1, j + (width - 1) * stride[1] + 1, channels];
      const met = stridedSlice(runner, image, [0, i, j, 0], end, [1, ...stride, 1]);
      const equal = runner.run('Cast', { x: runner.run('Equal', { a: met, b: y }) }, { dtype: 'float32' });
      const first = runner.run('Multiply', { a: equal, b: without });
      without = runner.run('Sub', { a: without, b: first });
      const placed = placeAt(
        runner,
        runner.run('Multiply', { a: dy, b: first }),
        [i, j],
        stride,
        image.shape,
      );
      dx = dx ? runner.run('Add', { a: dx, b: placed }) : placed;
    }
  return cropImage(runner, must(dx, 'a pixel of the window'), margins, size);
}

/** The pixels of x, `stride` apart from `start`, in an image of zeros. */
function placeAt(
  runner: KernelRunner,
  x: TfTensor,
  [top, left]: readonly [number, number],
  stride: Pair,
  shape: readonly number[],
): TfTensor {
  const apart = spread(runner, spread(runner, x, 1, stride[0]), 2, stride[1]);
  const [height, width] = imageSize(apart.shape);
  return padImage(runner, apart, [
    [top, shape[1] - top - height],
    [left, shape[2] - left - width],
  ]);
}

export const avgPool2d: Lowering<'avgPool2d'> = (runner, [x], window) => {
  const [rows, columns] = window.pad;
  const image = padImage(runner, runner.in(x, NHWC), [
    [rows, rows],
    [columns, columns],
  ]);
  return runner.value(runner.run('AvgPool', { x: image }, kernelAttrs(window, 'valid')), NHWC);
};

export const upsampleNearest2d: Lowering<'upsampleNearest2d'> = (runner, [x], _attrs, shape) => {
  const attrs = { alignCorners: false, halfPixelCenters: false, size: shape.slice(2) };
  return runner.value(runner.run('ResizeNearestNeighbor', { images: runner.in(x, NHWC) }, attrs), NHWC);
};
