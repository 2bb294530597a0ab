/** Recipes that the page's trainings may name, and what they do to pictures. */
import { type Hyperparameters, hypPresets, parseHyp } from '@froyolo/data';
import demoHyp from '@froyolo/shapes/embedded/demo-hyp.yaml?raw';
import type { Augmentation, TrainingChoice } from '../library/types.js';

const KNOWN: Readonly<Record<string, Hyperparameters>> = {
  ...hypPresets,
  demo: parseHyp(demoHyp, 'demo-hyp.yaml'),
};

/** Recipes by name, with the chosen augmentation in place of their own; the recipe `auto` still sets learning rates. */
export function recipesOf({ augmentation }: Pick<TrainingChoice, 'augmentation'>): typeof KNOWN {
  const all = Object.entries(KNOWN);
  return Object.fromEntries(all.map(([name, hyp]) => [name, { ...hyp, ...augmentation }]));
}

/** The recipe for a choice. */
export function recipeOf(choice: Pick<TrainingChoice, 'augmentation' | 'more'>): Hyperparameters {
  const { hyp } = choice.more;
  const named = recipesOf(choice)[typeof hyp === 'string' ? hyp : ''];
  return named ?? { ...hypPresets['scratch-low'], ...choice.augmentation };
}

/** The part of a recipe that can be chosen. */
export function augmentationOf(hyp: Hyperparameters): Augmentation {
  const { hsv_h, hsv_s, hsv_v, degrees, translate, scale, flipud, fliplr, mosaic, mixup } = hyp;
  return { hsv_h, hsv_s, hsv_v, degrees, translate, scale, flipud, fliplr, mosaic, mixup };
}
