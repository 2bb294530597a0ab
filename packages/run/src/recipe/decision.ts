/** What a recipe is made of: decisions, each by a rule of its own. */
import type { Hyperparameters } from '@froyolo/data';
import type { TrainSettings } from '../settings/index.js';
import type { TrainedPart } from './trained-part.js';

/** What decisions go by. */
export interface RecipeFacts {
  /** Training images. */
  readonly images: number;
  /** Images per batch. */
  readonly batchSize: number;
  /** Passes over the images, where they are given. */
  readonly epochs?: number | undefined;
  /** Whether what to freeze is given, or nothing can be cached. */
  readonly isFreezeGiven?: boolean;
  /** What learns under a freeze that is given. */
  readonly trained?: TrainedPart;
}

/** What a recipe settles besides hyperparameters; names as those of the settings. */
export type RecipeSettings = Pick<TrainSettings, 'epochs' | 'patience' | 'valPeriod'> &
  Partial<Pick<TrainSettings, 'freeze' | 'cache' | 'cacheIn' | 'cacheVariants'>>;

/** How long training is, on which other decisions depend. */
export interface Length {
  /** Batches of an epoch, and in all. */
  readonly perEpoch: number;
  readonly steps: number;
  readonly epochs: number;
}

/** What a decision makes of the facts. */
export interface Choice {
  readonly hyp?: Partial<Hyperparameters>;
  readonly settings?: Partial<RecipeSettings>;
}

export interface Decision {
  /** As docs/learning.md calls it. */
  readonly name: string;
  decide(facts: RecipeFacts, length: Length): Choice;
}
