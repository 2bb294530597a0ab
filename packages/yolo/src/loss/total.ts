/** The sum of a loss's terms, which is minimized. */
import { type Node, ops } from '@froyolo/core';

/**
 * Adds `loss`, `[]`: the sum of the terms times the batch size, so that gradients of batches can be added up.
 * @param terms in the order in which they are added
 * @param heads raw outputs, `[N, …]`
 */
export function withTotal(
  terms: Readonly<Record<string, Node>>,
  heads: readonly Node[],
): Record<string, Node> {
  const sum = Object.values(terms).reduce((a, b) => ops.add(a, b));
  return { loss: ops.mul(sum, ops.size(heads[0], [0])), ...terms };
}
