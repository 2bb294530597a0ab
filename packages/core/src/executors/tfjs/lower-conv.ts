/** Convolution and its gradients on tfjs' kernels, which take images as NHWC and weights as HWIO, without groups. */
import type { ConvAttrs, Pair } from '../../ops/attrs.js';
import { byAxis, imageSize as kernelSize } from '../../ops/shapes.js';
import type { KernelRunner, Lowering } from './kernel-runner.js';
import { HWIO, NHWC } from './layout.js';
import type { TfTensor } from './runtime.js';
import {
  concat,
  cropImage,
  imageSize,
  type Margins,
  paddedSize,
  padding,
  padImage,
  sliceAxis,
  spread,
  stridedSlice,
  type Window,
} from './windows.js';

const CHANNELS = 3;
const OUT_CHANNELS = 3;

/** `kernel` is the span of the window in pixels. */
type Conv = ConvAttrs & Window;

const convOf = (attrs: ConvAttrs, kernel: Pair): Conv => ({
  ...attrs,
  kernel: byAxis(kernel, (size, i) => (size - 1) * attrs.dilation[i] + 1),
});

const kernelAttrs = ({ stride }: Window, pad: 'same' | 'valid' | Margins) => ({
  strides: [...stride],
  pad: typeof pad === 'string' ? pad : [[0, 0], ...pad.map((side) => [...side]), [0, 0]],
  dataFormat: 'NHWC',
});

/** The `index`-th of `groups` equal parts of an axis. */
function part(runner: KernelRunner, x: TfTensor, axis: number, index: number, groups: number): TfTensor {
  const length = x.shape[axis] / groups;
  return sliceAxis(runner, x, axis, index * length, length);
}

/** Runs once per group and joins the results along `axis`. */
function perGroup(
  runner: KernelRunner,
  groups: number,
  axis: number,
  run: (index: number) => TfTensor,
): TfTensor {
  const results = Array.from({ length: groups }, (_, index) => run(index));
  return concat(runner, results, axis);
}

export const conv2d: Lowering<'conv2d'> = (runner, [x, weight, bias], attrs, shape) => {
  const conv = convOf(attrs, kernelSize(weight.shape));
  const { dilation, groups } = conv;
  const [image, filter] = [runner.in(x, NHWC), runner.in(weight, HWIO)];
  const around = padding(imageSize(image.shape), kernelSize(shape), conv);
  const all = { ...kernelAttrs(conv, around), dilations: [...dilation] };
  if (groups === 1 && bias) {
    const inputs = { x: image, filter, bias: runner.plain(bias) };
    return runner.value(runner.run('FusedConv2D', inputs, { ...all, activation: 'linear' }), NHWC);
  }
  const y = perGroup(runner, groups, CHANNELS, (index) => {
    const own = {
      x: part(runner, image, CHANNELS, index, groups),
      filter: part(runner, filter, OUT_CHANNELS, index, groups),
    };
    return runner.run('Conv2D', own, all);
  });
  return runner.value(bias ? runner.run('Add', { a: y, b: runner.plain(bias) }) : y, NHWC);
};

export const conv2dBackwardInput: Lowering<'conv2dBackwardInput'> = (runner, inputs, attrs, shape) => {
  const [dy, filter] = [runner.in(inputs[0], NHWC), runner.in(inputs[1], HWIO)];
  const conv = convOf(attrs, kernelSize(inputs[1].shape));
  const { groups } = conv;
  const size = kernelSize(shape);
  const around = padding(size, imageSize(dy.shape), conv);
  const margins: Margins = typeof around === 'string' ? NO_MARGINS : around;
  const inputShape = [shape[0], ...paddedSize(size, margins), shape[1] / groups];
  const all = { ...kernelAttrs(conv, typeof around === 'string' ? around : 'valid'), inputShape };
  const dx = perGroup(runner, groups, CHANNELS, (index) => {
    const own = {
      dy: part(runner, dy, CHANNELS, index, groups),
      filter: dilate(runner, part(runner, filter, OUT_CHANNELS, index, groups), conv.dilation),
    };
    return runner.run('Conv2DBackpropInput', own, all);
  });
  return runner.value(margins === NO_MARGINS ? dx : cropImage(runner, dx, margins, size), NHWC);
};

const NO_MARGINS: Margins = [
  [0, 0],
  [0, 0],
];

/** A filter with zeros between its pixels: libtensorflow's gradients know no dilation on a CPU. */
function dilate(runner: KernelRunner, filter: TfTensor, dilation: Pair): TfTensor {
  return spread(runner, spread(runner, filter, 0, dilation[0]), 1, dilation[1]);
}

export const conv2dBackwardWeight: Lowering<'conv2dBackwardWeight'> = (runner, inputs, attrs) => {
  const { kernel } = attrs;
  const conv = convOf(attrs, kernel);
  const { dilation, groups } = conv;
  const [x, dy] = [runner.in(inputs[0], NHWC), runner.in(inputs[1], NHWC)];
  const backward =
    dilation.every((step) => step === 1) && runner.has('Conv2DBackpropFilter')
      ? backpropFilter
      : filterByWindows;
  const dw = perGroup(runner, groups, OUT_CHANNELS, (index) =>
    backward(
      runner,
      part(runner, x, CHANNELS, index, groups),
      part(runner, dy, CHANNELS, index, groups),
      kernel,
      conv,
    ),
  );
  return runner.value(dw, HWIO);
};

type BackwardWeight = (runner: KernelRunner, x: TfTensor, dy: TfTensor, kernel: Pair, conv: Conv) => TfTensor;

const backpropFilter: BackwardWeight = (runner, x, dy, kernel, conv) => {
  const around = padding(imageSize(x.shape), imageSize(dy.shape), conv);
  const filterShape = [...kernel, x.shape[CHANNELS], dy.shape[CHANNELS]];
  const image = typeof around === 'string' ? x : padImage(runner, x, around);
  const attrs = { ...kernelAttrs(conv, typeof around === 'string' ? around : 'valid'), filterShape };
  return runner.run('Conv2DBackpropFilter', { x: image, dy }, attrs);
};

/** Multiplies, for each pixel of the kernel, the part of the image under it by dy: one matrix product `[I, O]`. */
const filterByWindows: BackwardWeight = (runner, x, dy, kernel, { stride, pad, dilation }) => {
  const image = padImage(runner, x, [
    [pad[0], pad[0]],
    [pad[1], pad[1]],
  ]);
  const [batch, height, width, outChannels] = dy.shape;
  const channels = x.shape[CHANNELS];
  const positions = batch * height * width;
  const b = runner.reshape(dy, [1, positions, outChannels]);
  const products: TfTensor[] = [];
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const [top, left] = [i * dilation[0], j * dilation[1]];
      const begin = [0, top, left, 0];
      const end = [batch, top + (height - 1) * stride[0] + 1, left + (width - 1) * stride[1] + 1, channels];
      const met = stridedSlice(runner, image, begin, end, [1, ...stride, 1]);
      const a = runner.reshape(met, [1, positions, channels]);
      products.push(runner.run('BatchMatMul', { a, b }, { transposeA: true, transposeB: false }));
    }
  return runner.reshape(concat(runner, products, 0), [...kernel, channels, outChannels]);
};
