/** What is frozen when. */
import type { Choice, Length, RecipeFacts } from './decision.js';

/**
 * Part of the epochs in which the backbone is frozen and its features are cached: such a step takes a quarter of the time of
 * one that trains the whole network.
 */
const FROZEN_SHARE = 0.55;

/** Epochs with frozen layers; all, where what to freeze is given. */
export function frozenEpochs({ isFreezeGiven }: RecipeFacts, { epochs }: Length): number {
  return isFreezeGiven ? epochs : Math.round(FROZEN_SHARE * epochs);
}

export function layers(facts: RecipeFacts, length: Length): Choice {
  const frozen = frozenEpochs(facts, length);
  if (facts.isFreezeGiven || frozen === 0 || frozen >= length.epochs) return {};
  return {
    settings: { freeze: ['backbone'], cache: 'features', cacheIn: 'ram' },
    hyp: { unfreeze: `0:${frozen}` },
  };
}
