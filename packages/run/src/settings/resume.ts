/** What a resumed run makes of settings that are given again. */

import { SettingsError } from './errors.js';
import { checkValue } from './resolve.js';
import { defaultIn, type OptionsOf, type Row, rowsIn, type SettingsOf, type Table } from './row.js';
import { sameValue } from './same-value.js';

export interface ResumedSettings<S> {
  /** Settings of the run, with given values where they may change. */
  readonly settings: S;
  /** Names of given settings that only matter when a run starts. */
  readonly ignored: readonly string[];
}

/**
 * The settings that a run continues with.
 * @param saved settings that it was started with
 * @param given settings given now: values that may change replace those of the run, others must equal them
 * @throws SettingsError for a value that differs from one that is fixed
 */
export function resumeSettings<T extends Table, C extends string>(
  table: T,
  command: C,
  saved: SettingsOf<T, C>,
  given: Partial<OptionsOf<T, C>>,
): ResumedSettings<SettingsOf<T, C>> {
  const before: Readonly<Record<string, unknown>> = { ...saved };
  const now: Readonly<Record<string, unknown>> = { ...given };
  const rows = rowsIn(table, command).filter(({ name }) => now[name] !== undefined);
  const changes = rows.filter(({ resume }) => resume === 'free');
  for (const row of rows.filter(({ resume = 'fixed' }) => resume === 'fixed'))
    checkEqual(row, before[row.name] ?? defaultIn(row, command), now[row.name]);
  const changed = Object.fromEntries(changes.map((row) => [row.name, checkValue(row, now[row.name])]));
  const ignored = rows.filter(
    (row) => row.resume === 'start' && !sameValue(checkValue(row, now[row.name]), before[row.name]),
  );
  return { settings: { ...saved, ...changed }, ignored: ignored.map(({ name }) => name) };
}

/**
 * What two records of a run say differently of settings that can't change in it, in words.
 * @param here settings as one record has them @param there as the other has them; names that it lacks don't count
 */
export function differencesInRun<T extends Table, C extends string>(
  table: T,
  command: C,
  here: SettingsOf<T, C>,
  there: SettingsOf<T, C>,
): string[] {
  const one: Readonly<Record<string, unknown>> = { ...here };
  const other: Readonly<Record<string, unknown>> = { ...there };
  return rowsIn(table, command)
    .filter(({ name, resume }) => resume === 'fixed' && name in other && !sameValue(one[name], other[name]))
    .map(
      ({ name }) => `${name} is ${JSON.stringify(one[name])} here and ${JSON.stringify(other[name])} there`,
    );
}

function checkEqual(row: Row, before: unknown, now: unknown): void {
  const value = checkValue(row, now);
  const picksItself = row.automatic !== undefined && sameValue(value, row.automatic);
  if (picksItself || sameValue(value, before)) return;
  throw new SettingsError(
    row.name,
    `the run has ${JSON.stringify(before) ?? 'none'}, not ${JSON.stringify(value)}: leave it out to go on, or start a new run`,
  );
}
