/** Flags that were given, checked by their rows. */
import { checkOptions, flagOf, type OptionsOf, type Row, rowsIn, SettingsError } from '@froyolo/run/settings';
import type { Command } from 'commander';
import { UsageError } from '../errors.js';
import { FLAGS } from '../flags.js';

/** What was given on the command line, by the names of settings. */
export type Given<C extends string> = Partial<OptionsOf<typeof FLAGS, C>>;

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
