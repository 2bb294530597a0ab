/** The form's settings as a run takes them. */
import { type Hyperparameters, hypPresets, parseHyp } from '@froyolo/data';
import { type PageSettings, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import demoHyp from '@froyolo/shapes/embedded/demo-hyp.yaml?raw';
import type { TrainSettings } from './api.js';

export const DEMO_HYP = parseHyp(demoHyp, 'demo-hyp.yaml');

/** The form's settings, checked, with the defaults of the page. */
export function pageSettings({ more, freeze, recipe, ...settings }: TrainSettings): PageSettings {
  const named = { ...settings, ...more, hyp: recipe, freeze: freeze.trim().split(/\s+/) };
  return resolveSettings(SETTINGS, 'page', named);
}

export function recipeOf({ recipe }: TrainSettings): Hyperparameters {
  const hyp = { ...hypPresets, demo: DEMO_HYP }[recipe];
  if (!hyp) throw new Error(`there is no recipe "${recipe}"`);
  return hyp;
}
