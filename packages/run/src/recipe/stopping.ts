/** When to look, and when to stop. */
import type { Choice, Length, RecipeFacts } from './decision.js';

/** Validations in a training, beside its last one. */
const VALIDATIONS = 20;
/** Steps without a better fitness, as a part of all: while the backbone is frozen, familiar images get worse at first. */
const PATIENCE_SHARE = 0.75;

/** An epoch of few images is short: validating after each would take longer than training. */
export const stopping = (_: RecipeFacts, { epochs }: Length): Choice => ({
  settings: {
    valPeriod: Math.max(1, Math.floor(epochs / VALIDATIONS)),
    patience: Math.ceil(PATIENCE_SHARE * epochs),
  },
});
