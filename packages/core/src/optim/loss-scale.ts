/** Loss scaling of mixed precision (Micikevicius et al., 2018), with a constant scale. */
import type { Node } from '../graph/node.js';
import { add, greater, mul, reduceSum, square, where } from '../ops/build.js';

/**
 * What the loss is multiplied by before it is differentiated in half precision: halves below 6e-5 lose digits, and gradients
 * of the first layers are smaller.
 */
export const LOSS_SCALE = 1024;

/** Nearly the largest float32; no comparison with NaN holds. */
const LARGEST = 3e38;

/** The gradients of the loss itself, or zeros if a half overflowed on the way: that batch then changes nothing. */
export function unscaleGradients(scaled: readonly Node[]): Node[] {
  const gradients = scaled.map((node) => mul(node, 1 / LOSS_SCALE));
  const total = gradients.map((node) => reduceSum(square(node))).reduce((a, b) => add(a, b));
  const kept = greater(LARGEST, total);
  return gradients.map((node) => where(kept, node, 0));
}
