/**
 * YOLOv5's building blocks. Each function declares the block's modules and parameters in PyTorch's order and returns what
 * adds its nodes to a graph. Channel counts are `c1` in, `c2` out, `hidden` between; kernels and strides are square.
 */
import { type Dim, type Node, ops } from '@froyolo/core';
import { type Activation, activate, identity, silu } from './activations.js';
import { type ConvOptions, conv, depthwiseConv, plainConv } from './conv.js';
import type { Forward, Scope } from './scope.js';

/** Space to depth, then a convolution: the stem of YOLOv5 before v6. */
export function focus(scope: Scope, c1: number, c2: number, act: Activation, options: ConvOptions): Forward {
  scope.module('models.common.Focus');
  const convolve = conv(scope.child('conv'), 4 * c1, c2, act, options);
  return (x, run) => convolve(spaceToDepth(x), run);
}

/** `[N, C, H, W]` to `[N, 4C, H/2, W/2]`; the four phases (row, column) come as (0,0), (1,0), (0,1), (1,1). */
function spaceToDepth(x: Node): Node {
  const [n, c, h, w] = sizesOf(x);
  const phases = ops.transpose(ops.reshape(x, [n, c, h / 2, 2, w / 2, 2]), [0, 5, 3, 1, 2, 4]);
  return ops.reshape(phases, [n, 4 * c, h / 2, w / 2]);
}

/** `[N, C, H, W]` to `[N, C · gain², H / gain, W / gain]`: each phase (row, column) becomes channels, rows first. */
export function contract(scope: Scope, gain: number): Forward {
  scope.module('models.common.Contract', { gain });
  return (x) => {
    const [n, c, h, w] = sizesOf(x);
    const phases = ops.reshape(x, [n, c, h / gain, gain, w / gain, gain]);
    return ops.reshape(ops.transpose(phases, [0, 3, 5, 1, 2, 4]), [n, c * gain ** 2, h / gain, w / gain]);
  };
}

/** Undoes `contract`. */
export function expand(scope: Scope, gain: number): Forward {
  scope.module('models.common.Expand', { gain });
  return (x) => {
    const [n, c, h, w] = sizesOf(x);
    const phases = ops.reshape(x, [n, gain, gain, c / gain ** 2, h, w]);
    return ops.reshape(ops.transpose(phases, [0, 3, 4, 1, 5, 2]), [n, c / gain ** 2, h * gain, w * gain]);
  };
}

/** Batch, channels, height and width; the last three are known. */
function sizesOf({ shape: [n = 1, c, h, w] }: Node): [n: Dim, c: number, h: number, w: number] {
  return [n, Number(c), Number(h), Number(w)];
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
  const add = shortcut && c1 === c2;
  scope.module('models.common.Bottleneck', { add });
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), hidden, c2, act, { kernel: 3, groups });
  return shortcutOver(cv1, cv2, add);
}

/** Two convolutions, with what goes into the first added to what comes out of the second if `add`. */
function shortcutOver(cv1: Forward, cv2: Forward, add: boolean): Forward {
  return (x, run) => {
    const y = cv2(cv1(x, run), run);
    return add ? ops.add(x, y) : y;
  };
}

/** A convolution along the rows, then one along the columns. */
export function crossConv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  { shortcut, groups, expansion, kernel, stride }: ResidualOptions & { kernel: number; stride: number },
): Forward {
  const add = shortcut && c1 === c2;
  scope.module('models.common.CrossConv', { add });
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act, { kernel: [1, kernel], stride: [1, stride] });
  const cv2 = conv(scope.child('cv2'), hidden, c2, act, { kernel: [kernel, 1], stride: [stride, 1], groups });
  return shortcutOver(cv1, cv2, add);
}

/** `repeats` copies named 0, 1, …, one after the other. */
export function sequential(scope: Scope, repeats: number, build: (scope: Scope) => Forward): Forward {
  scope.module('torch.nn.modules.container.Sequential');
  const parts = Array.from({ length: repeats }, (_, i) => build(scope.child(i)));
  return (x, run) => parts.reduce((y, part) => part(y, run), x);
}

/** Two branches, one through `inner`, joined by a convolution: C3 and its variants, whose class is `type`. */
export function c3(
  type: string,
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  expansion: number,
  inner: (scope: Scope, hidden: number) => Forward,
): Forward {
  scope.module(type);
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
  scope.module('models.common.BottleneckCSP');
  const hidden = Math.floor(c2 * expansion);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = plainConv(scope.child('cv2'), c1, hidden, {}, false);
  const cv3 = plainConv(scope.child('cv3'), hidden, hidden, {}, false);
  const cv4 = conv(scope.child('cv4'), 2 * hidden, c2, act);
  const bn = scope.child('bn').batchNorm(2 * hidden);
  const activated = activate(scope.child('act'), silu);
  const m = sequential(scope.child('m'), repeats, (s) =>
    bottleneck(s, hidden, hidden, act, { shortcut, groups, expansion: 1 }),
  );
  return (x, run) => {
    const joined = ops.concat([cv3(m(cv1(x, run), run), run), cv2(x, run)], 1);
    return cv4(activated(bn(joined, run), run), run);
  };
}

/** Half of the channels by a convolution, the other half from those by a cheap depthwise one (GhostNet, 2019). */
export function ghostConv(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  options: ConvOptions = {},
): Forward {
  scope.module('models.common.GhostConv');
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
  scope.module('models.common.GhostBottleneck');
  const hidden = Math.floor(c2 / 2);
  const main = scope.child('conv').module('torch.nn.modules.container.Sequential');
  const reduce = ghostConv(main.child(0), c1, hidden, act);
  const down =
    stride === 2
      ? depthwiseConv(main.child(1), hidden, hidden, identity, { kernel, stride })
      : activate(main.child(1), identity);
  const expand = ghostConv(main.child(2), hidden, c2, identity);
  const shortcut =
    stride === 2
      ? ghostShortcut(scope.child('shortcut'), c1, c2, kernel, stride)
      : activate(scope.child('shortcut'), identity);
  return (x, run) => ops.add(expand(down(reduce(x, run), run), run), shortcut(x, run));
}

function ghostShortcut(scope: Scope, c1: number, c2: number, kernel: number, stride: number): Forward {
  scope.module('torch.nn.modules.container.Sequential');
  const depthwise = depthwiseConv(scope.child(0), c1, c1, identity, { kernel, stride });
  const pointwise = conv(scope.child(1), c1, c2, identity);
  return (x, run) => pointwise(depthwise(x, run), run);
}

export interface PoolOptions {
  kernel: number;
  stride: number;
  pad: number;
}

export function maxPool(scope: Scope, { kernel, stride, pad }: PoolOptions): Forward {
  scope.module('torch.nn.modules.pooling.MaxPool2d', {
    kernel_size: kernel,
    stride,
    padding: pad,
    dilation: 1,
    return_indices: false,
    ceil_mode: false,
  });
  return (x) => ops.maxPool2d(x, { kernel, stride, pad });
}

const poolSame = (scope: Scope, kernel: number) =>
  maxPool(scope, { kernel, stride: 1, pad: Math.floor(kernel / 2) });

/** Spatial pyramid pooling (He et al., 2014). */
export function spp(
  scope: Scope,
  c1: number,
  c2: number,
  act: Activation,
  kernels: readonly number[],
): Forward {
  scope.module('models.common.SPP');
  const hidden = Math.floor(c1 / 2);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), hidden * (kernels.length + 1), c2, act);
  const list = scope.child('m').module('torch.nn.modules.container.ModuleList');
  const pools = kernels.map((kernel, i) => poolSame(list.child(i), kernel));
  return (x, run) => {
    const y = cv1(x, run);
    return cv2(ops.concat([y, ...pools.map((pool) => pool(y, run))], 1), run);
  };
}

/** The same pyramid by pooling three times in a row: kernels k, 2k - 1, 3k - 2. */
export function sppf(scope: Scope, c1: number, c2: number, act: Activation, kernel: number): Forward {
  scope.module('models.common.SPPF');
  const hidden = Math.floor(c1 / 2);
  const cv1 = conv(scope.child('cv1'), c1, hidden, act);
  const cv2 = conv(scope.child('cv2'), 4 * hidden, c2, act);
  const pool = poolSame(scope.child('m'), kernel);
  return (x, run) => {
    const y = cv1(x, run);
    const once = pool(y, run);
    const twice = pool(once, run);
    return cv2(ops.concat([y, once, twice, pool(twice, run)], 1), run);
  };
}
