/** Binary cross-entropy on logits, with the weights that the hyperparameters offer. */
import type { Node } from '../graph/node.js';
import { add, exp, log, maximum, mul, neg, sigmoid, softplus, sub } from '../ops/build.js';

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
  return focalGamma > 0 ? mul(plain, focalFactor(logits, targets, focalGamma)) : plain;
}

/** The same for targets of 0, in fewer passes: it runs over every cell. No positive weight enters. */
export function backgroundBce(logits: Node, { focalGamma }: Pick<BceOptions, 'focalGamma'>): Node {
  const plain = softplus(logits);
  if (focalGamma === 0) return plain;
  const probabilityToGamma = exp(mul(softplus(neg(logits)), -focalGamma));
  return mul(mul(plain, probabilityToGamma), 1 - FOCAL_ALPHA);
}

/** −w·t·log σ(x) − (1 − t)·log(1 − σ(x)), without overflow. */
function crossEntropy(logits: Node, targets: Node, positiveWeight: number): Node {
  if (positiveWeight === 1) return sub(softplus(logits), mul(logits, targets));
  const weight = add(mul(targets, positiveWeight - 1), 1);
  const negative = mul(sub(1, targets), logits);
  return add(negative, mul(weight, softplus(neg(logits))));
}

function focalFactor(logits: Node, targets: Node, gamma: number): Node {
  const p = sigmoid(logits);
  const rest = sub(1, targets);
  const right = add(mul(targets, p), mul(rest, sub(1, p)));
  const alpha = add(mul(targets, FOCAL_ALPHA), mul(rest, 1 - FOCAL_ALPHA));
  const wrong = maximum(sub(1, right), TINY);
  return mul(alpha, exp(mul(log(wrong), gamma)));
}
