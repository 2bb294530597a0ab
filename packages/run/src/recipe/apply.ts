/** A recipe under what is given: settings and hyperparameters that are given count more. */
import { type Hyperparameters, hyperparametersSchema } from '@froyolo/data';
import type { TrainOptions, TrainSettings } from '../settings/index.js';
import type { RecipeName } from './recipe.js';
import type { Recipe } from './recipe-type.js';

export interface Cooked {
  readonly settings: TrainSettings;
  readonly hyp: Hyperparameters;
}

/** The recipe that options ask for: `--time` plans by the clock, which the one for thousands of images can't. */
export function recipeName({ recipe, time }: Pick<TrainOptions, 'recipe' | 'time'>): RecipeName {
  return recipe ?? (time === undefined ? 'yolov5' : 'auto');
}

/** Images per batch to plan with, where as many as fit are to be taken. */
export const plannedBatch = (batchSize: number) => (batchSize > 0 ? batchSize : 16);

/** Whether options say what to freeze, or don't let features be cached: then no recipe decides it. */
export function isFreezeGiven(options: TrainOptions): boolean {
  return options.freeze !== undefined || isCacheGiven(options);
}

/** Whether options say what to cache, or don't let features be cached. */
export function isCacheGiven(options: TrainOptions): boolean {
  const { unfreeze, cache, rect, multiScale, quad, imageWeights, freezeBn = 'eval' } = options;
  const isRuledOut = [rect, multiScale, quad, imageWeights, freezeBn !== 'eval'].some(Boolean);
  return isRuledOut || unfreeze !== undefined || cache !== undefined;
}

/**
 * Puts a recipe under what is given. Of hyperparameters that are given it only settles those that YOLOv5 doesn't know and
 * that have no value.
 * @param options as given
 * @param before the same, with defaults
 */
export function withRecipe(options: TrainOptions, before: Cooked, { settings, hyp }: Recipe): Cooked {
  return {
    settings: { ...before.settings, ...without(settings, options) },
    hyp: options.hyp === undefined ? { ...before.hyp, ...hyp } : { ...hyp, ...given(before.hyp) },
  };
}

/** Entries whose names have no value in `taken`. */
function without<T extends object>(values: T, taken: object): Partial<T>;
function without(values: object, taken: object): object {
  const names = new Map(Object.entries(taken));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.get(name) === undefined));
}

/** Hyperparameters that have a value. */
function given(hyp: Hyperparameters): Hyperparameters {
  return hyperparametersSchema.parse(
    Object.fromEntries(Object.entries(hyp).filter(([, value]) => value !== undefined)),
  );
}
