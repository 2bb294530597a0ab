/** How many augmented variants of an image have their features cached. */
import type { Choice, Length, RecipeFacts } from './decision.js';
import { frozenEpochs } from './layers.js';

/** Epochs that see each variant: passing more of them through the frozen layers is worth its time, with few images most. */
const EPOCHS_PER_VARIANT = 5;
/** As the setting's default. */
const MIN_VARIANTS = 4;
/** More would take memory for little. */
const MAX_VARIANTS = 50;

/** @param epochs in which features are cached */
export const variantsFor = (epochs: number): number =>
  Math.min(Math.max(MIN_VARIANTS, Math.round(epochs / EPOCHS_PER_VARIANT)), MAX_VARIANTS);

export const variants = (facts: RecipeFacts, length: Length): Choice => ({
  settings: { cacheVariants: variantsFor(frozenEpochs(facts, length)) },
});
