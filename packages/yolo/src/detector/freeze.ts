/** What is frozen in a detector. */
import { type FreezeOptions, type FreezePolicy, parseFreeze, resolveFreeze } from '@froyolo/freeze';
import type { Detector } from './detector.js';

/**
 * Resolves a freeze in a detector: `freezeFor(detector, 10)`, `freezeFor(detector, 'backbone')`.
 * @param selector numbers of first layers, lists, names of layers or sections: the values of `--freeze`
 * @throws FreezeError when a term means nothing in this detector, or when nothing would be left to train
 */
export function freezeFor(
  { model }: Pick<Detector, 'model'>,
  selector: number | string | readonly (number | string)[],
  options: Pick<FreezeOptions, 'freezeBn'> = {},
): FreezePolicy {
  const { parameters, sections } = model;
  const terms = typeof selector === 'object' ? selector : [selector];
  return resolveFreeze(parseFreeze(terms), parameters, { sections, ...options });
}
