/** The form of the browser page. */
import type { Control, Kind } from './kinds.js';
import { defaultIn, type Field, type Row, rowsIn } from './row.js';
import { SETTINGS } from './table.js';

/** A field of the form, ready to be drawn. */
export interface FormField extends Field {
  /** Name of the setting. */
  readonly name: string;
  readonly control: Control;
  readonly help: string;
  /** The default in the page; lists have spaces between their values, and without a default it is empty. */
  readonly value: string | number | boolean;
}

/** Fields of the page's settings, in the order of the table. */
export function formFields(): FormField[] {
  return rowsIn(SETTINGS, 'page').flatMap((row) => (row.field ? [formField(row, row.field)] : []));
}

/**
 * The value of a field as the setting takes it: lists are written with spaces between; empty text means no value.
 * @param written content of the control
 */
export function readField(name: string, written: string | number | boolean): unknown {
  if (typeof written !== 'string') return written;
  if (written.trim() === '') return undefined;
  const kind: Kind<unknown, unknown> | undefined = rowsIn(SETTINGS, 'page').find(
    (row) => row.name === name,
  )?.kind;
  if (kind?.values === 'several') return written.trim().split(/\s+/);
  return kind ? kind.read(written) : written;
}

function formField(row: Row, { label, group }: Field): FormField {
  const value = defaultIn(row, 'page');
  return { name: row.name, label, group, control: row.kind.control, help: row.help, value: shown(value) };
}

function shown(value: unknown): FormField['value'] {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return Array.isArray(value) ? value.join(' ') : String(value ?? '');
}
