/** How long learning rates rise. */
import type { Choice, Length, RecipeFacts } from './decision.js';

const MOST_STEPS = 30;
/** Part of a short training that may pass in warm-up. */
const SHARE = 0.2;

/** In steps: YOLOv5's 100 at least are more than some trainings have. */
export const warmup = (_: RecipeFacts, { steps }: Length): Choice => ({
  hyp: {
    warmup_steps: Math.min(MOST_STEPS, Math.round(SHARE * steps)),
    // YOLOv5's .1 is for biases that start fresh; those of a last layer that is kept would jump.
    warmup_bias_lr: 0.01,
  },
});
