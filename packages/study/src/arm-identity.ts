/** Which run of a study a folder holds. `arm.json` says so, so that a file of another run is noticed. */
import { createHash } from 'node:crypto';
import { defaultIn, resolveSettings, rowsIn, SETTINGS, type TrainOptions } from '@froyolo/run/settings';
import { z } from 'zod';
import { StudyError } from './errors.js';

export const identitySchema = z.object({
  /** As in `Study.freezes`. */
  freeze: z.string(),
  seed: z.int().nonnegative(),
  /** SHA-256 of the other settings that can't change in a run. */
  settings: z.string(),
});

export type ArmIdentity = Readonly<z.output<typeof identitySchema>>;

/** A run; without `settings`, one with any. */
export type ExpectedRun = Omit<ArmIdentity, 'settings'> & Partial<ArmIdentity>;

/** Settings that have a field of their own, and the path of a file that is elsewhere on another machine. */
const NOT_SUMMED: readonly string[] = ['freeze', 'unfreeze', 'seed', 'hyp'];
const SUMMED = rowsIn(SETTINGS, 'train').filter(
  ({ name, resume }) => resume === 'fixed' && !NOT_SUMMED.includes(name),
);

/** The run that a training with these settings does. */
export function identityOf(options: TrainOptions): ArmIdentity {
  const settings = resolveSettings(SETTINGS, 'train', options);
  const values: Readonly<Record<string, unknown>> = { ...settings };
  // Leaves defaults out, so that a version with more settings finds the same sum.
  const changed = SUMMED.map((row) => [row.name, values[row.name], defaultIn(row, 'train')])
    .map((entry) => entry.map((value) => JSON.stringify(value)))
    .filter(([, value, standard]) => value !== standard)
    .map(([name, value]) => `${name}: ${value}\n`);
  return {
    freeze: [settings.freeze.join(','), ...(settings.unfreeze ?? [])].join('/'),
    seed: settings.seed,
    settings: createHash('sha256').update(changed.sort().join('')).digest('hex'),
  };
}

/** @throws StudyError if the file is of another run than the one that its folder is for */
export function checkIdentity(found: ArmIdentity, expected: ExpectedRun, file: string): void {
  const difference = differenceOf(found, expected);
  if (difference === undefined) return;
  throw new StudyError(
    `${file} belongs to another run: ${difference}; put the right file back, or delete its folder to do this run again`,
  );
}

function differenceOf(
  found: ArmIdentity,
  { freeze, seed, settings = found.settings }: ExpectedRun,
): string | undefined {
  if (found.freeze !== freeze) return `it says freeze ${found.freeze}, not ${freeze}`;
  if (found.seed !== seed) return `it says seed ${found.seed}, not ${seed}`;
  return found.settings === settings ? undefined : 'its settings are not those of this study';
}
