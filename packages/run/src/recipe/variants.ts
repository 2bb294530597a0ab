/** How many augmented variants of an image have their features cached. */
import type { Choice, Length, RecipeFacts } from './decision.js';
import { frozenEpochs } from './layers.js';
import type { TrainedPart } from './trained-part.js';

/**
 * Epochs that see each variant: passing more of them through the frozen layers is worth its time, with few images most; less
 * so where the last layer learns alone, whose steps take a ninth of that.
 */
const EPOCHS_PER_VARIANT = { head: 16, 'neck and head': 5 };
const MIN_VARIANTS = { head: 2, 'neck and head': 4 };
/** More would take memory for little. */
const MAX_VARIANTS = 50;

/**
 * @param epochs in which features are cached
 * @param trained what learns in them
 */
export function variantsFor(epochs: number, trained: NonNullable<TrainedPart> = 'neck and head'): number {
  const variants = Math.max(MIN_VARIANTS[trained], Math.round(epochs / EPOCHS_PER_VARIANT[trained]));
  return Math.min(variants, MAX_VARIANTS);
}

export const variants = (facts: RecipeFacts, length: Length): Choice => ({
  settings: { cacheVariants: variantsFor(frozenEpochs(facts, length), facts.trained) },
});
