/** Rows of the table of settings as options of a command. */
import {
  checkOptions,
  defaultIn,
  flagOf,
  flagSyntax,
  type OptionsOf,
  type Row,
  rowsIn,
  SettingsError,
  shownDefault,
} from '@froyolo/run/settings';
import { type Command, Option } from 'commander';
import { UsageError } from '../errors.js';
import { FLAGS } from '../flags.js';

/** What was given on the command line, by the names of settings. */
export type Given<C extends string> = Partial<OptionsOf<typeof FLAGS, C>>;

/** Adds the flags of a command, in the order of the table. */
export function addFlags(command: Command, name: string): void {
  for (const row of rowsIn(FLAGS, name)) {
    const option = new Option(flagSyntax(row), helpOf(row, name));
    command.addOption(row.hidden ? option.hideHelp() : option);
  }
}

/** Other spellings of flags: `--img` of `--imgsz`. */
export function aliasesIn(name: string): Readonly<Record<string, string>> {
  const pairs = rowsIn(FLAGS, name).flatMap((row) =>
    (row.aliases ?? []).map((alias) => [`--${alias}`, flagOf(row)]),
  );
  return Object.fromEntries(pairs);
}

/**
 * Reads and checks what was given; defaults are not added.
 * @throws UsageError naming the flag, what it must be, and what was written
 */
export function readFlags<C extends string>(command: Command, name: C): Given<C> {
  const values = rowsIn(FLAGS, name).flatMap((row) => {
    const raw: unknown = command.getOptionValue(row.name);
    return raw === undefined ? [] : [[row.name, flagValue(row, raw)] as const];
  });
  return withFlagNames(() => checkOptions(FLAGS, name, Object.fromEntries(values)));
}

/** Does something with settings; an error about one names its flag. */
function withFlagNames<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw usageError(error);
  }
}

/** An error about a setting that the command line gave, or didn't, is one of usage. */
export function usageError(error: unknown): unknown {
  if (!(error instanceof SettingsError) || error.file !== undefined) return error;
  return new UsageError(`${flagOf({ name: error.setting })}: ${error.what}`, { cause: error });
}

function flagValue({ kind, alone }: Row, raw: unknown): unknown {
  if (kind.values === 'none') return true;
  if (Array.isArray(raw)) return raw.map((one) => kind.read(String(one)));
  return raw === true ? alone : kind.read(String(raw));
}

function helpOf(row: Row, name: string): string {
  const { kind, help } = row;
  const value = row.required?.includes(name) ? undefined : shownDefault(row, defaultIn(row, name));
  const notes = [
    ...(kind.choices && kind.choices.length > 1 ? [`choices: ${kind.choices.join(', ')}`] : []),
    ...(value === undefined ? [] : [`default: ${value === '' ? "''" : value}`]),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
}
