/** Turns the options of a program, a command line or a file into the settings of a command. */
import { SettingsError } from './errors.js';
import { defaultIn, type OptionsOf, type Row, rowsIn, type SettingsOf, type Table } from './row.js';

/**
 * Checks options and adds the defaults of a command.
 * @param options values by the names of settings; `undefined` counts as not given
 * @param where the file that the options are from, for the error
 * @throws SettingsError for a name that the command doesn't know, a value that is out of range, or one that is missing
 */
export function resolveSettings<T extends Table, C extends string>(
  table: T,
  command: C,
  options: OptionsOf<T, C>,
  where?: string,
): SettingsOf<T, C>;
export function resolveSettings(table: Table, command: string, options: object, where?: string): object {
  const rows = rowsIn(table, command);
  const given: Readonly<Record<string, unknown>> = { ...options };
  rejectUnknown(Object.keys(given), rows, command, where);
  const entries = rows.flatMap((row) => {
    const value = resolvedValue(row, command, given[row.name], where);
    return value === undefined ? [] : [[row.name, value] as const];
  });
  return Object.fromEntries(entries);
}

/**
 * Checks options without adding defaults.
 * @throws SettingsError for a name that the command doesn't know, or a value that is out of range
 */
export function checkOptions<T extends Table, C extends string>(
  table: T,
  command: C,
  options: Readonly<Record<string, unknown>>,
  where?: string,
): Partial<OptionsOf<T, C>>;
export function checkOptions(
  table: Table,
  command: string,
  options: Readonly<Record<string, unknown>>,
  where?: string,
): object {
  const rows = rowsIn(table, command);
  rejectUnknown(Object.keys(options), rows, command, where);
  const given = rows.filter(({ name }) => options[name] !== undefined);
  return Object.fromEntries(given.map((row) => [row.name, checkValue(row, options[row.name], where)]));
}

/**
 * Checks a value of a setting.
 * @throws SettingsError saying what it must be
 */
export function checkValue(row: Row, value: unknown, where?: string): unknown {
  const result = row.kind.schema.safeParse(value);
  if (result.success) return result.data;
  throw new SettingsError(row.name, `it must be ${row.kind.expects}, not ${shown(value)}`, where);
}

/** As JSON, which has no word for NaN and infinity. */
const shown = (value: unknown) => (typeof value === 'number' ? String(value) : JSON.stringify(value));

function resolvedValue(row: Row, command: string, value: unknown, where?: string): unknown {
  if (value !== undefined) return checkValue(row, value, where);
  if (row.required?.includes(command))
    throw new SettingsError(row.name, `it is missing: give the ${row.help}`, where);
  return defaultIn(row, command);
}

function rejectUnknown(
  names: readonly string[],
  rows: readonly Row[],
  command: string,
  where?: string,
): void {
  const unknown = names.find((name) => !rows.some((row) => row.name === name));
  if (unknown === undefined) return;
  const known = rows.map((row) => row.name).join(', ');
  throw new SettingsError(unknown, `"${command}" has no such setting; it has ${known}`, where);
}
