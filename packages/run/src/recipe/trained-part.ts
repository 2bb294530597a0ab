/** What of a network learns under a freeze that is given: how long steps take, and how fast to learn, depend on it. */
import { type FreezePolicy, layerOf } from '@froyolo/freeze';
import type { Detector } from '@froyolo/yolo';

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
