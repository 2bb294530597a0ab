/** What is frozen when. */
import type { Choice, Length, RecipeFacts } from './decision.js';

/**
 * Part of the epochs in which the backbone is frozen and its features are cached: such a step takes a quarter of the time of
 * one that trains the whole network.
 */
const FROZEN_SHARE = 0.55;

export function layers({ isFreezeGiven }: RecipeFacts, { epochs }: Length): Choice {
  const frozen = Math.round(FROZEN_SHARE * epochs);
  if (isFreezeGiven || frozen === 0 || frozen >= epochs) return {};
  return {
    settings: { freeze: ['backbone'], cache: 'features', cacheIn: 'ram' },
    hyp: { unfreeze: `0:${frozen}` },
  };
}
