/** Binary cross-entropy on logits, with the weights that the hyperparameters offer. */
import { type Node, ops } from '@froyolo/core';

export interface BceOptions {
  /** Weight of the positive part. */
  readonly positiveWeight: number;
  /** γ of the focal loss (Lin et al., 2017); 0 turns it off. */
  readonly focalGamma: number;
}

const FOCAL_ALPHA = 0.25;
/** Keeps log(1 − p) finite where a prediction is exactly right in float32. */
const TINY = 1e-20;

/** Elementwise, no reduction. */
export function bceWithLogits(logits: Node, targets: Node, { positiveWeight, focalGamma }: BceOptions): Node {
  const plain = crossEntropy(logits, targets, positiveWeight);
  return focalGamma > 0 ? ops.mul(plain, focalFactor(logits, targets, focalGamma)) : plain;
}

/** The same for targets of 0, in fewer passes: it runs over every cell. No positive weight enters. */
export function backgroundBce(logits: Node, { focalGamma }: Pick<BceOptions, 'focalGamma'>): Node {
  const plain = ops.softplus(logits);
  if (focalGamma === 0) return plain;
  const probabilityToGamma = ops.exp(ops.mul(ops.softplus(ops.neg(logits)), -focalGamma));
  return ops.mul(ops.mul(plain, probabilityToGamma), 1 - FOCAL_ALPHA);
}

/** −w·t·log σ(x) − (1 − t)·log(1 − σ(x)), without overflow. */
function crossEntropy(logits: Node, targets: Node, positiveWeight: number): Node {
  if (positiveWeight === 1) return ops.sub(ops.softplus(logits), ops.mul(logits, targets));
  const weight = ops.add(ops.mul(targets, positiveWeight - 1), 1);
  const negative = ops.mul(ops.sub(1, targets), logits);
  return ops.add(negative, ops.mul(weight, ops.softplus(ops.neg(logits))));
}

function focalFactor(logits: Node, targets: Node, gamma: number): Node {
  const p = ops.sigmoid(logits);
  const rest = ops.sub(1, targets);
  const right = ops.add(ops.mul(targets, p), ops.mul(rest, ops.sub(1, p)));
  const alpha = ops.add(ops.mul(targets, FOCAL_ALPHA), ops.mul(rest, 1 - FOCAL_ALPHA));
  const wrong = ops.maximum(ops.sub(1, right), TINY);
  return ops.mul(alpha, ops.exp(ops.mul(ops.log(wrong), gamma)));
}
