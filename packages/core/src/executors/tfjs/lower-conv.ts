/** Convolution and its gradients on tfjs' kernels, which take images as NHWC and weights as HWIO, without groups. */
import type { Attrs } from '../../graph/node.js';
import type { Device } from './device.js';
import { HWIO, NHWC } from './layout.js';
import type { Lowering } from './lowering.js';
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

interface Conv extends Window {
  readonly dilation: number;
  readonly groups: number;
}

function convOf(attrs: Attrs, kernel: readonly number[]): Conv {
  const { stride, pad, dilation, groups } = attrs as Record<string, number>;
  const span = (size: number) => (size - 1) * dilation + 1;
  return { stride, pad, dilation, groups, kernel: [span(kernel[0]), span(kernel[1])] };
}

const kernelAttrs = ({ stride }: Window, pad: 'same' | 'valid' | Margins) => ({
  strides: [stride, stride],
  pad: typeof pad === 'string' ? pad : [[0, 0], ...pad.map((side) => [...side]), [0, 0]],
  dataFormat: 'NHWC',
});

/** The `index`-th of `groups` equal parts of an axis. */
function part(device: Device, x: TfTensor, axis: number, index: number, groups: number): TfTensor {
  const length = x.shape[axis] / groups;
  return sliceAxis(device, x, axis, index * length, length);
}

/** Runs once per group and joins the results along `axis`. */
function perGroup(device: Device, groups: number, axis: number, run: (index: number) => TfTensor): TfTensor {
  const results = Array.from({ length: groups }, (_, index) => run(index));
  return concat(device, results, axis);
}

export const conv2d: Lowering = (device, [x, weight, bias], attrs, shape) => {
  const conv = convOf(attrs, weight.shape.slice(2));
  const { dilation, groups } = conv;
  const [image, filter] = [device.in(x, NHWC), device.in(weight, HWIO)];
  const around = padding(imageSize(image.shape), [shape[2], shape[3]], conv);
  const all = { ...kernelAttrs(conv, around), dilations: [dilation, dilation] };
  if (groups === 1 && bias) {
    const inputs = { x: image, filter, bias: device.plain(bias) };
    return device.value(device.run('FusedConv2D', inputs, { ...all, activation: 'linear' }), NHWC);
  }
  const y = perGroup(device, groups, CHANNELS, (index) => {
    const own = {
      x: part(device, image, CHANNELS, index, groups),
      filter: part(device, filter, OUT_CHANNELS, index, groups),
    };
    return device.run('Conv2D', own, all);
  });
  return device.value(bias ? device.run('Add', { a: y, b: device.plain(bias) }) : y, NHWC);
};

export const conv2dBackwardInput: Lowering = (device, inputs, attrs, shape) => {
  const [dy, filter] = [device.in(inputs[0], NHWC), device.in(inputs[1], HWIO)];
  const conv = convOf(attrs, inputs[1].shape.slice(2));
  const { groups } = conv;
  const size = [shape[2], shape[3]] as const;
  const around = padding(size, imageSize(dy.shape), conv);
  const margins: Margins = typeof around === 'string' ? NO_MARGINS : around;
  const inputShape = [shape[0], ...paddedSize(size, margins), shape[1] / groups];
  const all = { ...kernelAttrs(conv, typeof around === 'string' ? around : 'valid'), inputShape };
  const dx = perGroup(device, groups, CHANNELS, (index) => {
    const own = {
      dy: part(device, dy, CHANNELS, index, groups),
      filter: dilate(device, part(device, filter, OUT_CHANNELS, index, groups), conv.dilation),
    };
    return device.run('Conv2DBackpropInput', own, all);
  });
  return device.value(margins === NO_MARGINS ? dx : cropImage(device, dx, margins, size), NHWC);
};

const NO_MARGINS: Margins = [
  [0, 0],
  [0, 0],
];

/** A filter with zeros between its pixels: libtensorflow's gradients know no dilation on a CPU. */
function dilate(device: Device, filter: TfTensor, dilation: number): TfTensor {
  return dilation === 1 ? filter : spread(device, spread(device, filter, 0, dilation), 1, dilation);
}

export const conv2dBackwardWeight: Lowering = (device, inputs, attrs) => {
  const kernel = attrs.kernel as readonly [number, number];
  const conv = convOf(attrs, kernel);
  const { dilation, groups } = conv;
  const [x, dy] = inputs.map((value) => device.in(value, NHWC));
  const backward = dilation === 1 && device.has('Conv2DBackpropFilter') ? backpropFilter : filterByWindows;
  const dw = perGroup(device, groups, OUT_CHANNELS, (index) =>
    backward(
      device,
      part(device, x, CHANNELS, index, groups),
      part(device, dy, CHANNELS, index, groups),
      kernel,
      conv,
    ),
  );
  return device.value(dw, HWIO);
};

type BackwardWeight = (
  device: Device,
  x: TfTensor,
  dy: TfTensor,
  kernel: readonly [number, number],
  conv: Conv,
) => TfTensor;

const backpropFilter: BackwardWeight = (device, x, dy, kernel, conv) => {
  const around = padding(imageSize(x.shape), imageSize(dy.shape), conv);
  const filterShape = [...kernel, x.shape[CHANNELS], dy.shape[CHANNELS]];
  const image = typeof around === 'string' ? x : padImage(device, x, around);
  const attrs = { ...kernelAttrs(conv, typeof around === 'string' ? around : 'valid'), filterShape };
  return device.run('Conv2DBackpropFilter', { x: image, dy }, attrs);
};

/** For each pixel of the kernel, the part of the image that it meets times dy: one matrix product `[I, O]`. */
const filterByWindows: BackwardWeight = (device, x, dy, kernel, { stride, pad, dilation }) => {
  const image = padImage(device, x, [
    [pad, pad],
    [pad, pad],
  ]);
  const [batch, height, width, outChannels] = dy.shape;
  const channels = x.shape[CHANNELS];
  const positions = batch * height * width;
  const b = device.reshape(dy, [1, positions, outChannels]);
  const products: TfTensor[] = [];
  for (let i = 0; i < kernel[0]; i++)
    for (let j = 0; j < kernel[1]; j++) {
      const [top, left] = [i * dilation, j * dilation];
      const begin = [0, top, left, 0];
      const end = [batch, top + (height - 1) * stride + 1, left + (width - 1) * stride + 1, channels];
      const met = stridedSlice(device, image, begin, end, [1, stride, stride, 1]);
      const a = device.reshape(met, [1, positions, channels]);
      products.push(device.run('BatchMatMul', { a, b }, { transposeA: true, transposeB: false }));
    }
  return device.reshape(concat(device, products, 0), [...kernel, channels, outChannels]);
};
