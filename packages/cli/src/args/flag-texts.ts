/**
 * What commander needs to know of the flags: texts alone, from the rows of the settings. The build puts the value of this
 * module in its place (build/evaluate.ts), so that `--help` and typing errors load neither the table nor what checks values.
 */
import { defaultIn, flagSyntax, type Row, shownDefault } from '@froyolo/run/settings';
import { FLAGS } from '../flags.js';

interface FlagText {
  /** As commander takes it: `--batch-size <count>`. */
  readonly syntax: string;
  readonly help: string;
  readonly hidden: boolean;
  /** Other spellings: `--img` of `--imgsz`. */
  readonly aliases: readonly string[];
}

/** The flags of each command, in the order of the table. */
export const FLAG_TEXTS: Readonly<Record<string, readonly FlagText[]>> = textsOf(FLAGS);

function textsOf(rows: readonly Row[]): Record<string, FlagText[]> {
  const texts: Record<string, FlagText[]> = {};
  for (const row of rows) {
    for (const command of row.in) {
      texts[command] ??= [];
      texts[command].push(textOf(row, command));
    }
  }
  return texts;
}

function textOf(row: Row, command: string): FlagText {
  const aliases = (row.aliases ?? []).map((alias) => `--${alias}`);
  return { syntax: flagSyntax(row), help: helpOf(row, command), hidden: row.hidden ?? false, aliases };
}

function helpOf(row: Row, command: string): string {
  const { kind, help } = row;
  const isRequired = row.required?.includes(command) ?? false;
  const value = isRequired ? undefined : shownDefault(row, defaultIn(row, command));
  const notes = [
    ...(isRequired ? ['required'] : []),
    ...(kind.choices && kind.choices.length > 1 ? [`choices: ${kind.choices.join(', ')}`] : []),
    ...(value === undefined ? [] : [`default: ${value === '' ? "''" : value.replaceAll('`', '')}`]),
  ];
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`;
}
