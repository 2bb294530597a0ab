/** A study: the same training with several freezes and seeds, one run each. What it is, and where it is written down. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import {
  differingSettings,
  recipeOf,
  resolveSettings,
  SETTINGS,
  type StudyRecipe,
} from '@froyolo/run/settings';
import { z } from 'zod';
import { StudyError } from './errors.js';
import { readJson } from './own-files.js';

export interface Study {
  /** What all runs have in common. */
  readonly recipe: StudyRecipe;
  /**
   * One selector per arm, as after `--freeze` of a training, several terms with commas: `10`, `0-9,17`, `backbone`; where
   * layers are freed later, with a slash and what follows `--unfreeze`: `24/10:20,5:25`.
   */
  readonly freezes: readonly string[];
  /** Each freeze is trained once with each. */
  readonly seeds: readonly number[];
}

/** What an arm's freeze is as settings of a training. */
export function freezeSettings(freeze: string): { freeze: [string]; unfreeze: string[] } {
  const [first = '', ...steps] = freeze.split('/');
  return { freeze: [first], unfreeze: steps };
}

/** One run of a study. */
export interface Arm {
  readonly freeze: string;
  readonly seed: number;
  /** Its folder, relative to that of the study. */
  readonly folder: string;
}

/**
 * The runs of a study in their order: every freeze with the first seed, then every freeze with the next, so that a study
 * that isn't finished compares like with like.
 */
export function armsOf({ freezes, seeds }: Study): Arm[] {
  return seeds.flatMap((seed) =>
    freezes.map((freeze) => ({ freeze, seed, folder: `freeze-${folderName(freeze)}-seed-${seed}` })),
  );
}

/** Characters that some file system refuses are written as their code, so that different selectors stay different. */
function folderName(freeze: string): string {
  return freeze.replace(/[^\w.,-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

const FORMAT = 'froyolo-study';
const VERSION = 1;

function studyFile(folder: string): string {
  return join(folder, 'study.json');
}

/** Whether a folder holds a study. */
export function isStudy(folder: string): boolean {
  return existsSync(studyFile(folder));
}

/** `study.json`; what a recipe holds is checked by the table of settings. */
const studySchema = z.object({
  format: z.literal(FORMAT, `not a study of this version (${FORMAT} ${VERSION})`),
  version: z.literal(VERSION, `not a study of this version (${FORMAT} ${VERSION})`),
  recipe: z.looseObject({ data: z.string() }),
  freezes: z.array(z.string()).min(1).readonly(),
  seeds: z.array(z.int().nonnegative()).min(1).readonly(),
});

/**
 * @throws StudyError if the folder holds no study that can be read; SettingsError for a setting of its recipe that can't
 * be
 */
export async function readStudy(folder: string): Promise<Study> {
  const file = studyFile(folder);
  if (!isStudy(folder))
    throw new StudyError(`${file} is missing: a study is resumed from the folder that it was started in`);
  const advice = 'start the study in another folder';
  const { recipe, freezes, seeds } = await readJson(file, studySchema, advice);
  return { recipe: recipeOf(resolveSettings(SETTINGS, 'compare', recipe, file)), freezes, seeds };
}

/**
 * Writes a study down in its folder. One that already exists may get other freezes and seeds, and another device, since
 * its runs stay comparable, but no other recipe.
 * @throws StudyError naming the settings that differ
 */
export async function writeStudy(folder: string, study: Study): Promise<void> {
  checkStudy(study);
  if (isStudy(folder)) checkSameRecipe((await readStudy(folder)).recipe, study.recipe, folder);
  await writeAtomic(
    studyFile(folder),
    `${JSON.stringify({ format: FORMAT, version: VERSION, ...study }, undefined, 2)}\n`,
  );
}

function checkStudy(study: Study): void {
  if (study.freezes.length === 0 || study.seeds.length === 0)
    throw new StudyError('a study needs at least one freeze and one seed');
  const folders = armsOf(study).map((arm) => arm.folder);
  const twice = armsOf(study).find((arm, i) => folders.indexOf(arm.folder) < i);
  if (twice)
    throw new StudyError(
      `freeze ${twice.freeze} with seed ${twice.seed} occurs twice; name each freeze once`,
    );
}

function checkSameRecipe(before: StudyRecipe, now: StudyRecipe, folder: string): void {
  const different = differingSettings(before, now).filter((name) => name !== 'device');
  if (different.length === 0) return;
  const [there, here]: Readonly<Record<string, unknown>>[] = [{ ...before }, { ...now }];
  const list = different.map(
    (name) => `${name} (${JSON.stringify(there?.[name])} there, ${JSON.stringify(here?.[name])} now)`,
  );
  throw new StudyError(
    `${folder} holds a study with other settings: ${list.join(', ')}; resume it as it is, or start one in another folder`,
  );
}
