/** What of a network learns under a freeze that is given: how long steps take, and how fast to learn, depend on it. */

import type { Hyperparameters } from '@froyolo/data';
import { type FreezePolicy, layerOf } from '@froyolo/freeze';
import type { Detector } from '@froyolo/yolo';
import { freezeOf, type StageSettings } from '../stages.js';

/** Undefined where some of the backbone learns, too. */
export type TrainedPart = 'neck and head' | 'head' | undefined;

export function trainedPart(
  { model: { sections } }: Pick<Detector, 'model'>,
  { trainable }: Pick<FreezePolicy, 'trainable'>,
): TrainedPart {
  const layers = new Set(trainable.map((name) => layerOf({ name })));
  if (sections.backbone.some((layer) => layers.has(layer))) return undefined;
  return sections.neck.some((layer) => layers.has(layer)) ? 'neck and head' : 'head';
}

/** The same as far as it is known beforehand: not where a freeze is picked later, or layers are unfrozen on the way. */
export function givenPart(
  detector: Detector,
  { settings, hyp }: { readonly settings: StageSettings; readonly hyp: Pick<Hyperparameters, 'unfreeze'> },
): TrainedPart {
  const { freeze, unfreeze = hyp.unfreeze } = settings;
  const isOpen = freeze.includes('auto') || (unfreeze?.length ?? 0) > 0;
  return isOpen ? undefined : trainedPart(detector, freezeOf(detector, settings));
}
