/** Kernels of convolution and pooling: each visits every pair of positions that meet. */
import type { Attrs } from '../../graph/node.js';
import { product, type Value } from './indexing.js';

type Shape = readonly number[];
type VisitProduct = (xIndex: number, weightIndex: number, yIndex: number) => void;

/** Every multiply-add of the convolution of x `[N, C, H, W]` with weight `[O, C / groups, kH, kW]` to y. */
function eachProduct(x: Shape, weight: Shape, y: Shape, attrs: Attrs, visit: VisitProduct): void {
  const { stride, pad, dilation, groups } = attrs as Record<string, number>;
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
                const row = i * stride - pad + ki * dilation;
                const column = j * stride - pad + kj * dilation;
                if (!inside(row, column)) continue;
                const channel = Math.floor(o / outPerGroup) * inPerGroup + c;
                visit(
                  ((n * channels + channel) * height + row) * width + column,
                  ((o * inPerGroup + c) * kernelH + ki) * kernelW + kj,
                  ((n * outChannels + o) * outH + i) * outW + j,
                );
              }
}

export function conv2d([x, weight, bias]: readonly Value[], attrs: Attrs, shape: Shape): Float64Array {
  const y = new Float64Array(product(shape));
  const pixels = shape[2] * shape[3];
  if (bias) for (let i = 0; i < y.length; i++) y[i] = bias.data[Math.floor(i / pixels) % shape[1]];
  eachProduct(x.shape, weight.shape, shape, attrs, (xi, wi, yi) => {
    y[yi] += x.data[xi] * weight.data[wi];
  });
  return y;
}

export function conv2dBackwardInput(
  [dy, weight]: readonly Value[],
  attrs: Attrs,
  shape: Shape,
): Float64Array {
  const dx = new Float64Array(product(shape));
  eachProduct(shape, weight.shape, dy.shape, attrs, (xi, wi, yi) => {
    dx[xi] += dy.data[yi] * weight.data[wi];
  });
  return dx;
}

export function conv2dBackwardWeight([x, dy]: readonly Value[], attrs: Attrs, shape: Shape): Float64Array {
  const dw = new Float64Array(product(shape));
  eachProduct(x.shape, shape, dy.shape, attrs, (xi, wi, yi) => {
    dw[wi] += x.data[xi] * dy.data[yi];
  });
  return dw;
}

/** Every pixel of x under every window of y, row by row. */
function eachInWindow(x: Shape, y: Shape, attrs: Attrs, visit: (xi: number, yi: number) => void): void {
  const { kernel, stride, pad } = attrs as Record<string, number>;
  const [batch, channels, outH, outW] = y;
  const [height, width] = x.slice(2);
  for (let plane = 0; plane < batch * channels; plane++)
    for (let i = 0; i < outH; i++)
      for (let j = 0; j < outW; j++)
        for (let ki = 0; ki < kernel; ki++)
          for (let kj = 0; kj < kernel; kj++) {
            const [row, column] = [i * stride - pad + ki, j * stride - pad + kj];
            if (row >= 0 && row < height && column >= 0 && column < width)
              visit((plane * height + row) * width + column, (plane * outH + i) * outW + j);
          }
}

export function maxPool2d([x]: readonly Value[], attrs: Attrs, shape: Shape): Float64Array {
  const y = new Float64Array(product(shape)).fill(-Infinity);
  eachInWindow(x.shape, shape, attrs, (xi, yi) => {
    y[yi] = Math.max(y[yi], x.data[xi]);
  });
  return y;
}

export function maxPool2dBackward([dy, x, y]: readonly Value[], attrs: Attrs): Float64Array {
  const dx = new Float64Array(x.data.length);
  const given = new Uint8Array(y.data.length);
  eachInWindow(x.shape, y.shape, attrs, (xi, yi) => {
    if (given[yi] || x.data[xi] !== y.data[yi]) return;
    dx[xi] += dy.data[yi];
    given[yi] = 1;
  });
  return dx;
}

export function avgPool2d([x]: readonly Value[], attrs: Attrs, shape: Shape): Float64Array {
  const y = new Float64Array(product(shape));
  const area = (attrs.kernel as number) ** 2;
  eachInWindow(x.shape, shape, attrs, (xi, yi) => {
    y[yi] += x.data[xi] / area;
  });
  return y;
}

export function upsampleNearest2d([x]: readonly Value[], attrs: Attrs, shape: Shape): Float64Array {
  const scale = attrs.scale as number;
  const [height, width] = shape.slice(2);
  return Float64Array.from({ length: product(shape) }, (_, i) => {
    const plane = Math.floor(i / (height * width));
    const row = Math.floor((Math.floor(i / width) % height) / scale);
    const column = Math.floor((i % width) / scale);
    return x.data[(plane * x.shape[2] + row) * x.shape[3] + column];
  });
}
