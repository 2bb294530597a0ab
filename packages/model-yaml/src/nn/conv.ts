/**
 * Convolutions: plain ones, and YOLOv5's, which are normalized and activated. Each function declares its modules and
 * parameters in PyTorch's order and returns what adds its nodes to a graph. Channels are `c1` in and `c2` out.
 */
import { type Node, ops } from '@froyolo/core';
import { type Activation, activate, silu } from './activations.js';
import type { Forward, ModuleInfo, Scope } from './scope.js';

/** One number for both axes, or height and width. */
type Size = number | readonly [height: number, width: number];

export interface ConvOptions {
  kernel?: Size;
  stride?: Size;
  /** Padding in pixels; by default the one that keeps the size at stride 1. */
  pad?: Size | undefined;
  groups?: number;
  dilation?: number;
}

const pairOf = (size: Size): readonly [number, number] => (typeof size === 'number' ? [size, size] : size);

const samePad = (kernel: Size, dilation: number): readonly [number, number] => {
  const half = (k: number) => Math.floor((dilation * (k - 1) + 1) / 2);
  const [height, width] = pairOf(kernel);
  return [half(height), half(width)];
};

/** A convolution, with a bias if `bias`; no normalization, no activation. */
export function plainConv(
  scope: Scope,
  c1: number,
  c2: number,
  { kernel = 1, stride = 1, pad = 0, groups = 1, dilation = 1 }: ConvOptions,
  bias: boolean,
): Forward {
  const [kernels, strides, pads] = [pairOf(kernel), pairOf(stride), pairOf(pad)];
  scope.module(
    'torch.nn.modules.conv.Conv2d',
    convAttributes(c1, c2, { kernels, strides, pads, groups, dilation }),
    bias ? [] : ['bias'],
  );
  const weight = scope.parameter('weight', [c2, c1 / groups, ...kernels], 'conv.weight');
  const added = bias ? scope.parameter('bias', [c2], 'conv.bias') : undefined;
  return (x, run) => convolve(x, weight(run), added?.(run), { strides, pads, groups, dilation });
}

interface Window {
  readonly strides: readonly [number, number];
  readonly pads: readonly [number, number];
  readonly groups: number;
  readonly dilation: number;
}

function convAttributes(
  c1: number,
  c2: number,
  { kernels, strides, pads, groups, dilation }: Window & { readonly kernels: readonly [number, number] },
): ModuleInfo['attributes'] {
  const [height, width] = pads;
  return {
    in_channels: c1,
    out_channels: c2,
    kernel_size: { tuple: kernels },
    stride: { tuple: strides },
    padding: { tuple: pads },
    dilation: { tuple: [dilation, dilation] },
    transposed: false,
    output_padding: { tuple: [0, 0] },
    groups,
    padding_mode: 'zeros',
    _reversed_padding_repeated_twice: { tuple: [width, width, height, height] },
  };
}

/** A convolution whose padding and stride may differ by axis. */
function convolve(
  x: Node,
  weight: Node,
  bias: Node | undefined,
  { strides, pads, groups, dilation }: Window,
): Node {
  const square = { groups, dilation };
  if (strides[0] === strides[1] && pads[0] === pads[1])
    return ops.conv2d(x, weight, bias, { ...square, stride: strides[0], pad: pads[0] });
  const padded = [2, 3].reduce((y, axis, i) => padAxis(y, axis, pads[i] ?? 0), x);
  const dense = ops.conv2d(padded, weight, bias, square);
  return [2, 3].reduce((y, axis, i) => everyNth(y, axis, strides[i] ?? 1), dense);
}

const padAxis = (x: Node, axis: number, width: number) => (width === 0 ? x : ops.pad(x, axis, width, width));

/** Entries 0, n, 2n, … of an axis. */
function everyNth(x: Node, axis: number, n: number): Node {
  if (n === 1) return x;
  const size = Number(x.shape[axis]);
  const groups = Math.ceil(size / n);
  const whole = ops.pad(x, axis, 0, groups * n - size);
  const split = ops.reshape(whole, [...x.shape.slice(0, axis), groups, n, ...x.shape.slice(axis + 1)]);
  const kept = ops.slice(split, axis + 1, 0, 1);
  return ops.reshape(kept, [...x.shape.slice(0, axis), groups, ...x.shape.slice(axis + 1)]);
}

export interface TransposedOptions {
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  /** Rows and columns added at the far sides; less than the stride. */
  readonly outputPad: number;
  readonly groups: number;
  readonly dilation: number;
  readonly bias: boolean;
}

/** A transposed convolution, PyTorch's own or a class derived from it. */
export function transposedConv(
  scope: Scope,
  c1: number,
  c2: number,
  { bias, kernel, outputPad, ...options }: TransposedOptions,
  type = 'torch.nn.modules.conv.ConvTranspose2d',
): Forward {
  const { stride, pad, groups, dilation } = options;
  const window = { strides: pairOf(stride), pads: pairOf(pad), groups, dilation };
  const attributes = {
    ...convAttributes(c1, c2, { ...window, kernels: pairOf(kernel) }),
    transposed: true,
    output_padding: { tuple: [outputPad, outputPad] },
  };
  scope.module(type, attributes, bias ? [] : ['bias']);
  const weight = scope.parameter('weight', [c1, c2 / groups, kernel, kernel], 'conv.weight');
  const added = bias ? scope.parameter('bias', [c2], 'conv.bias') : undefined;
  return (x, run) => ops.convTranspose2d(x, weight(run), added?.(run), { ...options, outputPad });
}

/** A transposed convolution in as many groups as both channel counts allow. */
export const depthwiseTransposedConv = (
  scope: Scope,
  c1: number,
  c2: number,
  options: Pick<TransposedOptions, 'kernel' | 'stride' | 'pad' | 'outputPad'>,
): Forward =>
  transposedConv(
    scope,
    c1,
    c2,
    { ...options, groups: gcd(c1, c2), dilation: 1, bias: true },
    'models.common.DWConvTranspose2d',
  );

/** A 1 × 1 convolution with bias: Detect's output of one level. */
export const outputConv = (scope: Scope, c1: number, c2: number) => plainConv(scope, c1, c2, {}, true);

/** Convolution without bias, batch normalization, activation: YOLOv5's `Conv`, or a class derived from it. */
export function conv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  { kernel = 1, pad, dilation = 1, ...rest }: ConvOptions = {},
  type = 'models.common.Conv',
): Forward {
  scope.module(type);
  const options = { ...rest, kernel, dilation, pad: pad ?? samePad(kernel, dilation) };
  const convolution = plainConv(scope.child('conv'), c1, c2, options, false);
  const normalize = scope.child('bn').batchNorm(c2);
  const activated = activate(scope.child('act'), act);
  return (x, run) => activated(normalize(convolution(x, run), run), run);
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** A convolution in as many groups as both channel counts allow. */
export function depthwiseConv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  options: ConvOptions = {},
): Forward {
  return conv(scope, c1, c2, act, { ...options, groups: gcd(c1, c2) }, 'models.common.DWConv');
}

/** Depthwise convolutions of several kernels side by side (MixConv, 2019), normalized and activated together. */
export function mixConv(
  scope: Scope,
  c1: number,
  c2: number,
  { kernels, stride }: { kernels: readonly number[]; stride: number },
): Forward {
  scope.module('models.experimental.MixConv2d');
  const list = scope.child('m').module('torch.nn.modules.container.ModuleList');
  const parts = evenShares(c2, kernels.length).map((channels, i) => {
    const kernel = kernels[i] ?? 1;
    const options = { kernel, stride, pad: Math.floor(kernel / 2), groups: gcd(c1, channels) };
    return plainConv(list.child(i), c1, channels, options, false);
  });
  const normalize = scope.child('bn').batchNorm(c2);
  const activated = activate(scope.child('act'), silu);
  return (x, run) => {
    const joined = ops.concat(
      parts.map((part) => part(x, run)),
      1,
    );
    return activated(normalize(joined, run), run);
  };
}

/** `total` channels divided as evenly as they go: channel i of `total` belongs to the share at the same relative place. */
function evenShares(total: number, shares: number): number[] {
  const counts = Array.from({ length: shares }, () => 0);
  const last = shares - 1e-6;
  for (let i = 0; i < total; i++) {
    const share = Math.floor(total === 1 ? 0 : (i * last) / (total - 1));
    counts[share] = (counts[share] ?? 0) + 1;
  }
  return counts;
}
