/**
 * YOLOv5's building blocks. Each function declares the block's parameters in PyTorch's order and returns what adds
 * its nodes to a graph. Channel counts are `c1` in, `c2` out, `hidden` between; kernels and strides are square.
 */
import { type Node, ops } from '@froyolo/core';
import { type Activation, identity } from './activations.js';
import type { Forward, Scope } from './scope.js';

export interface ConvBlockOptions {
  kernel?: number;
  stride?: number;
  /** By default what keeps the size at stride 1. */
  pad?: number;
  groups?: number;
  dilation?: number;
}

/** Shape of a plain convolution, with no normalization after it. */
interface ConvShape {
  weight: readonly number[];
  stride?: number;
  pad?: number;
  dilation?: number;
  groups?: number;
}

function plainConv(scope: Scope, { weight, ...options }: ConvShape, withBias: boolean): Forward {
  const w = scope.parameter('weight', weight, 'conv.weight');
  const b = withBias ? scope.parameter('bias', [weight[0]], 'conv.bias') : undefined;
  return (x, run) => ops.conv2d(x, w(run), b?.(run), options);
}

/** A 1 × 1 convolution with bias: Detect's output of one level. */
export const outputConv = (scope: Scope, c1: number, c2: number) =>
  plainConv(scope, { weight: [c2, c1, 1, 1] }, true);

/** Convolution without bias, batch normalization, activation. */
export function conv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  { kernel = 1, stride = 1, pad, groups = 1, dilation = 1 }: ConvBlockOptions = {},
): Forward {
  const same = Math.floor((dilation * (kernel - 1) + 1) / 2);
  const weight = [c2, c1 / groups, kernel, kernel];
  const convolve = plainConv(
    scope.child('conv'),
    { weight, stride, pad: pad ?? same, groups, dilation },
    false,
  );
  const normalize = scope.child('bn').batchNorm(c2);
  return (x, run) => act(normalize(convolve(x, run), run));
}

/** Space to depth, then a convolution: the stem of YOLOv5 before v6. */
export function focus(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  options: ConvBlockOptions,
): Forward {
  const convolve = conv(scope.child('conv'), 4 * c1, c2, act, options);
  return (x, run) => convolve(spaceToDepth(x), run);
}

/** `[N, C, H, W]` to `[N, 4C, H/2, W/2]`; the four phases (row, column) come as (0,0), (1,0), (0,1), (1,1). */
function spaceToDepth(x: Node): Node {
  const [n, c, h, w] = x.shape as [Node['shape'][0], number, number, number];
  const phases = ops.transpose(ops.reshape(x, [n, c, h / 2, 2, w / 2, 2]), [0, 5, 3, 1, 2, 4]);
  return ops.reshape(phases, [n, 4 * c, h / 2, w / 2]);
}

export interface ResidualOptions {
  shortcut: boolean;
  groups: number;
  /** Hidden channels as a fraction of `c2`. */
  expansion: number;
}

export function bottleneck(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  { shortcut, groups, expansion }: ResidualOptions,
): Forward {
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), hidden, c2, act, { kernel: 3, groups });
  return (x, run) => {
    const y = cv2(cv1(x, run), run);
    return shortcut && c1 === c2 ? ops.add(x, y) : y;
  };
}

/** `repeats` copies named 0, 1, …, one after the other. */
export function sequential(scope: Scope, repeats: number, build: (scope: Scope) => Forward): Forward {
  const parts = Array.from({ length: repeats }, (_, i) => build(scope.child(i)));
  return (x, run) => parts.reduce((y, part) => part(y, run), x);
}

/** Two branches, one through `inner`, joined by a convolution: C3 and its variants. */
export function c3(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  expansion: number,
  inner: (scope: Scope, hidden: number) => Forward,
): Forward {
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), c1, hidden, act);
  const cv3 = conv(scope.child('cv3'), 2 * hidden, c2, act);
  const m = inner(scope.child('m'), hidden);
  return (x, run) => cv3(ops.concat([m(cv1(x, run), run), cv2(x, run)], 1), run);
}

/** Cross-stage partial bottleneck (Wang et al., 2019), the C3 of YOLOv5 before v4. */
export function bottleneckCsp(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  repeats: number,
  { shortcut, groups, expansion }: ResidualOptions,
): Forward {
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = plainConv(scope.child('cv2'), { weight: [hidden, c1, 1, 1] }, false);
  const cv3 = plainConv(scope.child('cv3'), { weight: [hidden, hidden, 1, 1] }, false);
  const cv4 = conv(scope.child('cv4'), 2 * hidden, c2, act);
  const bn = scope.child('bn').batchNorm(2 * hidden);
  const m = sequential(scope.child('m'), repeats, (s) =>
    bottleneck(s, hidden, hidden, act, { shortcut, groups, expansion: 1 }),
  );
  return (x, run) => {
    const joined = ops.concat([cv3(m(cv1(x, run), run), run), cv2(x, run)], 1);
    return cv4(ops.silu(bn(joined, run)), run);
  };
}

/** Half of the channels by a convolution, the other half from those by a cheap depthwise one (GhostNet, 2019). */
export function ghostConv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  options: ConvBlockOptions = {},
): Forward {
  const hidden = Math.floor(c2 / 2);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act, options);
  const cv2 = conv(scope.child('cv2'), hidden, hidden, act, { kernel: 5, groups: hidden });
  return (x, run) => {
    const y = cv1(x, run);
    return ops.concat([y, cv2(y, run)], 1);
  };
}

export function ghostBottleneck(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  kernel = 3,
  stride = 1,
): Forward {
  const hidden = Math.floor(c2 / 2);
  const downsample = { kernel, stride, groups: hidden };
  const reduce = ghostConv(scope.child('conv.0'), c1, hidden, act);
  const down = stride === 2 ? conv(scope.child('conv.1'), hidden, hidden, identity, downsample) : undefined;
  const expand = ghostConv(scope.child('conv.2'), hidden, c2, identity);
  const shortcut = stride === 2 ? ghostShortcut(scope.child('shortcut'), c1, c2, kernel, stride) : undefined;
  return (x, run) => {
    const y = reduce(x, run);
    return ops.add(expand(down?.(y, run) ?? y, run), shortcut?.(x, run) ?? x);
  };
}

function ghostShortcut(scope: Scope, c1: number, c2: number, kernel: number, stride: number): Forward {
  const depthwise = conv(scope.child(0), c1, c1, identity, { kernel, stride, groups: c1 });
  const pointwise = conv(scope.child(1), c1, c2, identity);
  return (x, run) => pointwise(depthwise(x, run), run);
}

const poolSame = (x: Node, kernel: number) =>
  ops.maxPool2d(x, { kernel, stride: 1, pad: Math.floor(kernel / 2) });

/** Spatial pyramid pooling (He et al., 2014). */
export function spp(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  kernels: readonly number[],
): Forward {
  const hidden = Math.floor(c1 / 2);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), hidden * (kernels.length + 1), c2, act);
  return (x, run) => {
    const y = cv1(x, run);
    return cv2(ops.concat([y, ...kernels.map((kernel) => poolSame(y, kernel))], 1), run);
  };
}

/** The same pyramid by pooling three times in a row: kernels k, 2k - 1, 3k - 2. */
export function sppf(scope: Scope, c1: number, c2: number, act: Activation, kernel: number): Forward {
  const hidden = Math.floor(c1 / 2);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), 4 * hidden, c2, act);
  return (x, run) => {
    const y = cv1(x, run);
    const once = poolSame(y, kernel);
    const twice = poolSame(once, kernel);
    return cv2(ops.concat([y, once, twice, poolSame(twice, kernel)], 1), run);
  };
}
