/** Batch normalization (Ioffe & Szegedy, 2015) out of per-channel ops, so that its gradient needs no rule of its own. */
import type { Node } from '../graph/node.js';
import { apply } from '../ops/apply.js';
import {
  add,
  channelAffine,
  channelDot,
  channelSum,
  div,
  mul,
  neg,
  reciprocal,
  size,
  sqrt,
  square,
  sub,
} from '../ops/build.js';
import { isOp } from '../ops/op-node.js';
import { axesOf } from '../ops/shapes.js';

export interface BatchNormParams {
  /** Scale γ and shift β, `[C]`. */
  readonly weight: Node;
  readonly bias: Node;
  /** Statistics used in `running` and `tracking` mode, `[C]`. */
  readonly runningMean: Node;
  readonly runningVar: Node;
}

/**
 * `batch`: normalize by the batch's own statistics (training). `running`: by the stored ones (inference, frozen).
 * `tracking`: by the stored ones too, and give the batch's own so that the stored ones can follow them.
 */
export type BatchNormMode = 'batch' | 'running' | 'tracking';

export interface BatchNormResult {
  readonly y: Node;
  /** The batch's mean and unbiased variance, `[C]`, in `batch` and `tracking` mode: the running ones are updated from them. */
  readonly statistics?: { readonly mean: Node; readonly variance: Node };
}

/** x `[N, C, H, W]`; returns y of the same shape. */
export function batchNorm(
  x: Node,
  params: BatchNormParams,
  eps: number,
  mode: BatchNormMode,
): BatchNormResult {
  if (mode === 'running') {
    return { y: normalize(x, params, params.runningMean, params.runningVar, eps) };
  }
  const centered = centeredConv(x, params.runningMean);
  const { mean, variance, count } = batchStatistics(centered ?? x);
  return {
    y:
      mode === 'tracking'
        ? normalizeByStored(x, centered, params, eps)
        : normalize(centered ?? x, params, mean, variance, eps),
    statistics: {
      mean: centered ? add(mean, params.runningMean) : mean,
      variance: mul(variance, div(count, sub(count, 1))),
    },
  };
}

/**
 * The convolution that made x, less the running mean, which its bias subtracts for free. The batch's variance is
 * E[x²] − E[x]²: where the mean is many deviations large, float32 would lose most of its digits.
 */
function centeredConv(x: Node, runningMean: Node): Node | undefined {
  if (!isOp(x, 'conv2d')) return undefined;
  const [image, weight, bias] = x.inputs;
  return bias ? undefined : apply('conv2d', [image, weight, neg(runningMean)], x.attrs);
}

function batchStatistics(x: Node) {
  const count = size(
    x,
    axesOf(x.shape).filter((axis) => axis !== 1),
  );
  const mean = div(channelSum(x), count);
  return { count, mean, variance: sub(div(channelDot(x, x), count), square(mean)) };
}

/** Normalizes by stored statistics, reusing the centered convolution if any. */
function normalizeByStored(x: Node, centered: Node | undefined, params: BatchNormParams, eps: number): Node {
  const { runningMean, runningVar, weight, bias } = params;
  return centered
    ? channelAffine(centered, scaleOf(weight, runningVar, eps), bias)
    : normalize(x, params, runningMean, runningVar, eps);
}

const scaleOf = (weight: Node, variance: Node, eps: number) =>
  mul(weight, reciprocal(sqrt(add(variance, eps))));

function normalize(x: Node, params: BatchNormParams, mean: Node, variance: Node, eps: number): Node {
  const scale = scaleOf(params.weight, variance, eps);
  return channelAffine(x, scale, sub(params.bias, mul(mean, scale)));
}

/** A running statistic after a batch: momentum · value of the batch + (1 − momentum) · running. */
export const movedTowards = (running: Node, value: Node, momentum: number): Node =>
  add(mul(running, 1 - momentum), mul(value, momentum));
