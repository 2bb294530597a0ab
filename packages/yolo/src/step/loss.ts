/** The loss of a detector's family, in a graph. */
import type { Node } from '@froyolo/core';
import type { Detector } from '../detector/detector.js';
import type { LossSettings } from '../family.js';
import { withTotal } from '../loss/total.js';

/**
 * Outputs `loss`, which is what is differentiated, and every term by name, each `[]`.
 * @param heads raw outputs per level, `[N, …]`
 */
export function lossNodes(
  heads: readonly Node[],
  { family, model }: Pick<Detector, 'family' | 'model'>,
  settings: LossSettings,
): Record<string, Node> {
  const values = family.loss(heads, model, settings);
  const terms = Object.fromEntries(family.lossTerms.map((term) => [term, values[term]]));
  return withTotal(terms, heads);
}
