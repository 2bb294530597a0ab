/** Kernels of convolution and pooling: each visits every pair of positions that meet. */
import type { ConvAttrs, PoolAttrs } from '../../ops/attrs.js';
import { count } from '../../ops/shapes.js';
import type { Kernel } from './kernel.js';

type Shape = readonly number[];
type VisitProduct = (xIndex: number, weightIndex: number, yIndex: number) => void;

/** Every multiply-add of the convolution of x `[N, C, H, W]` with weight `[O, C / groups, kH, kW]` to y. */
function eachProduct(x: Shape, weight: Shape, y: Shape, attrs: ConvAttrs, visit: VisitProduct): void {
  const { stride, pad, dilation, groups } = attrs;
  const [batch, outChannels, outH, outW] = y;
  const [, inPerGroup, kernelH, kernelW] = weight;
  const outPerGroup = outChannels / groups;
  const [, channels, height, width] = x;
  const inside = (row: number, column: number) => row >= 0 && row < height && column >= 0 && column < width;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++)
      for (let i = 0; i < outH; i++)
        for (let j = 0; j < outW; j++)
          for (let c = 0; c < inPerGroup; c++)
            for (let ki = 0; ki < kernelH; ki++)
              for (let kj = 0; kj < kernelW; kj++) {
                const row = i * stride[0] - pad[0] + ki * dilation[0];
                const column = j * stride[1] - pad[1] + kj * dilation[1];
                if (!inside(row, column)) continue;
                const channel = Math.floor(o / outPerGroup) * inPerGroup + c;
                visit(
                  ((n * channels + channel) * height + row) * width + column,
                  ((o * inPerGroup + c) * kernelH + ki) * kernelW + kj,
                  ((n * outChannels + o) * outH + i) * outW + j,
                );
              }
}

export const conv2d: Kernel<'conv2d'> = ([x, weight, bias], attrs, shape) => {
  const y = new Float64Array(count(shape));
  const pixels = shape[2] * shape[3];
  if (bias) for (let i = 0; i < y.length; i++) y[i] = bias.data[Math.floor(i / pixels) % shape[1]];
  eachProduct(x.shape, weight.shape, shape, attrs, (xi, wi, yi) => {
    y[yi] += x.data[xi] * weight.data[wi];
  });
  return y;
};

export const conv2dBackwardInput: Kernel<'conv2dBackwardInput'> = ([dy, weight], attrs, shape) => {
  const dx = new Float64Array(count(shape));
  eachProduct(shape, weight.shape, dy.shape, attrs, (xi, wi, yi) => {
    dx[xi] += dy.data[yi] * weight.data[wi];
  });
  return dx;
};

export const conv2dBackwardWeight: Kernel<'conv2dBackwardWeight'> = ([x, dy], attrs, shape) => {
  const dw = new Float64Array(count(shape));
  eachProduct(x.shape, shape, dy.shape, attrs, (xi, wi, yi) => {
    dw[wi] += x.data[xi] * dy.data[yi];
  });
  return dw;
};

/** Every pixel of x under every window of y, row by row. */
function eachInWindow(x: Shape, y: Shape, attrs: PoolAttrs, visit: (xi: number, yi: number) => void): void {
  const { kernel, stride, pad } = attrs;
  const [batch, channels, outH, outW] = y;
  const [height, width] = x.slice(2);
  for (let plane = 0; plane < batch * channels; plane++)
    for (let i = 0; i < outH; i++)
      for (let j = 0; j < outW; j++)
        for (let ki = 0; ki < kernel[0]; ki++)
          for (let kj = 0; kj < kernel[1]; kj++) {
            const [row, column] = [i * stride[0] - pad[0] + ki, j * stride[1] - pad[1] + kj];
            if (row >= 0 && row < height && column >= 0 && column < width)
              visit((plane * height + row) * width + column, (plane * outH + i) * outW + j);
          }
}

export const maxPool2d: Kernel<'maxPool2d'> = ([x], attrs, shape) => {
  const y = new Float64Array(count(shape)).fill(-Infinity);
  eachInWindow(x.shape, shape, attrs, (xi, yi) => {
    y[yi] = Math.max(y[yi], x.data[xi]);
  });
  return y;
};

export const maxPool2dBackward: Kernel<'maxPool2dBackward'> = ([dy, x, y], attrs) => {
  const dx = new Float64Array(x.data.length);
  const given = new Uint8Array(y.data.length);
  eachInWindow(x.shape, y.shape, attrs, (xi, yi) => {
    if (given[yi] || x.data[xi] !== y.data[yi]) return;
    dx[xi] += dy.data[yi];
    given[yi] = 1;
  });
  return dx;
};

export const avgPool2d: Kernel<'avgPool2d'> = ([x], attrs, shape) => {
  const y = new Float64Array(count(shape));
  const area = count(attrs.kernel);
  eachInWindow(x.shape, shape, attrs, (xi, yi) => {
    y[yi] += x.data[xi] / area;
  });
  return y;
};

export const upsampleNearest2d: Kernel<'upsampleNearest2d'> = ([x], { scale }, shape) => {
  const [height, width] = shape.slice(2);
  return Float64Array.from({ length: count(shape) }, (_, i) => {
    const plane = Math.floor(i / (height * width));
    const row = Math.floor((Math.floor(i / width) % height) / scale);
    const column = Math.floor((i % width) / scale);
    return x.data[(plane * x.shape[2] + row) * x.shape[3] + column];
  });
};
