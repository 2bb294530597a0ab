/** Batch normalisation (Ioffe & Szegedy, 2015) out of per-channel ops, so that its gradient needs no rule of its own. */
import type { Node } from '../graph/node.js';
import {
  add,
  channelAffine,
  channelDot,
  channelSum,
  div,
  mul,
  reciprocal,
  size,
  sqrt,
  square,
  sub,
} from '../ops/build.js';

export interface BatchNormParams {
  /** Scale γ and shift β, `[C]`. */
  readonly weight: Node;
  readonly bias: Node;
  /** Statistics used in `running` mode, `[C]`. */
  readonly runningMean: Node;
  readonly runningVar: Node;
}

/** `batch`: normalise by the batch's own statistics (training); `running`: by the stored ones (inference, frozen). */
export type BatchNormMode = 'batch' | 'running';

export interface BatchNormResult {
  readonly y: Node;
  /** In `batch` mode: the batch's mean and unbiased variance, `[C]`, from which the running ones are updated. */
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
    return { y: normalise(x, params, params.runningMean, params.runningVar, eps) };
  }
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  const n = size(x, axes);
  const mean = div(channelSum(x), n);
  const variance = sub(div(channelDot(x, x), n), square(mean));
  return {
    y: normalise(x, params, mean, variance, eps),
    statistics: { mean, variance: mul(variance, div(n, sub(n, 1))) },
  };
}

function normalise(x: Node, params: BatchNormParams, mean: Node, variance: Node, eps: number): Node {
  const scale = mul(params.weight, reciprocal(sqrt(add(variance, eps))));
  return channelAffine(x, scale, sub(params.bias, mul(mean, scale)));
}
