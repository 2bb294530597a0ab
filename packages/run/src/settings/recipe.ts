/** The part of the settings that all runs of a study share. */

import { rowsIn } from './row.js';
import { sameValue } from './same-value.js';
import { type CompareSettings, SETTINGS } from './table.js';

/** Names of the settings that a study doesn't record: they say where it goes, or differ from run to run. */
type OwnName = 'freeze' | 'seeds' | 'resume' | 'project' | 'name' | 'existOk' | 'queue' | 'store';

/** Settings of every run of a study. */
export type StudyRecipe = Omit<CompareSettings, OwnName>;

const RECORDED = rowsIn(SETTINGS, 'compare').filter(({ recipe }) => recipe);

/** Picks the settings of a comparison that a study records. */
export function recipeOf(settings: CompareSettings): StudyRecipe;
export function recipeOf(settings: object): object {
  const values: Readonly<Record<string, unknown>> = { ...settings };
  return Object.fromEntries(
    RECORDED.filter(({ name }) => values[name] !== undefined).map(({ name }) => [name, values[name]]),
  );
}

/** Names of the settings in which two recipes differ. */
export function differingSettings(a: StudyRecipe, b: StudyRecipe): string[] {
  const [before, now]: Readonly<Record<string, unknown>>[] = [{ ...a }, { ...b }];
  return RECORDED.map(({ name }) => name).filter((name) => !sameValue(before?.[name], now?.[name]));
}
