/** How settings are written as flags. */
import type { Row } from './row.js';

/** `--batch-size` of `batchSize`. */
export function flagOf({ name }: Pick<Row, 'name'>): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** A flag with what follows it: `--batch-size <count>`, `--cache [what]`, `--freeze <selectors...>`, `--rect`. */
export function flagSyntax(row: Row): string {
  const flag = flagOf(row);
  if (row.kind.values === 'none') return flag;
  const value = `${row.value ?? 'value'}${row.kind.values === 'several' ? '...' : ''}`;
  return `${flag} ${row.alone === undefined ? `<${value}>` : `[${value}]`}`;
}

/** A default as it is shown; undefined if nothing needs to be said. */
export function shownDefault(row: Row, value: unknown): string | undefined {
  if (value === undefined) return row.otherwise;
  if (value === false) return undefined;
  return Array.isArray(value) ? value.join(' ') : String(value);
}
