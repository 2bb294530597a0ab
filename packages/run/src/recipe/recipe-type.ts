/** What a recipe settles. */
import type { Hyperparameters } from '@froyolo/data';
import type { RecipeSettings } from './decision.js';

export interface Recipe {
  readonly hyp: Partial<Hyperparameters>;
  readonly settings: RecipeSettings;
  readonly steps: number;
}
