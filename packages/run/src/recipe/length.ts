/** How long to train: in steps, since few images make short epochs. */
import type { Length, RecipeFacts } from './decision.js';

/** Steps that the smallest set gets. */
const MIN_STEPS = 300;
/** Epochs that a set gets which is large enough for more steps. */
const MIN_EPOCHS = 20;
/** YOLOv5's default: more is not decided automatically. */
const MAX_EPOCHS = 300;

export function lengthFor({ images, batchSize, epochs }: RecipeFacts): Length {
  const perEpoch = Math.max(1, Math.ceil(images / batchSize));
  const wanted = Math.max(MIN_EPOCHS, Math.ceil(MIN_STEPS / perEpoch));
  const count = epochs ?? Math.min(wanted, MAX_EPOCHS);
  return { perEpoch, epochs: count, steps: count * perEpoch };
}
