/** Recipes: where the length, the learning rates and the augmentation of a training come from. */
import type { Choice, Decision, Length, RecipeFacts } from './decision.js';
import { layers } from './layers.js';
import { learningRate } from './learning-rate.js';
import { lengthFor } from './length.js';
import type { Recipe } from './recipe-type.js';
import { stopping } from './stopping.js';
import { updates } from './updates.js';
import { variants } from './variants.js';
import { warmup } from './warmup.js';

/** `yolov5`: its recipe, made for thousands of images. `auto`: made from the dataset. */
export const RECIPES = ['yolov5', 'auto'] as const;
export type RecipeName = (typeof RECIPES)[number];

/** With fewer steps than this `auto` learns more. */
export const FEW_STEPS = 500;

/** Each with its measurement in docs/learning.md. */
export const DECISIONS: readonly Decision[] = [
  { name: 'images of an update', decide: updates },
  { name: 'layers', decide: layers },
  { name: 'variants', decide: variants },
  { name: 'learning rate', decide: learningRate },
  { name: 'warm-up', decide: warmup },
  { name: 'validation and patience', decide: stopping },
];

/** The recipe for a dataset: what it settles, to be put under what is given. */
export function autoRecipe(facts: RecipeFacts): Recipe {
  const length = lengthFor(facts);
  return recipeOf(
    length,
    DECISIONS.map(({ decide }) => decide(facts, length)),
  );
}

function recipeOf({ steps, epochs }: Length, choices: readonly Choice[]): Recipe {
  const hyp = Object.assign({}, ...choices.map((choice) => choice.hyp));
  const settings = Object.assign({ epochs }, ...choices.map((choice) => choice.settings));
  return { hyp, settings, steps };
}
