/** A row of the table of settings, and the types that follow from the rows. */
import type { AnyKind, InputOf, OutputOf } from './kinds.js';

/**
 * What a resumed run makes of a value that is given again: `fixed` must equal the run's, `free` may change, `start` only
 * matters when a run starts and is ignored with a warning.
 */
type OnResume = 'fixed' | 'free' | 'start';

/** How a setting relates to YOLOv5: the same, different, or only here; with a note. */
export type Relation =
  | { readonly to: 'same'; readonly note?: string }
  | { readonly to: 'differs' | 'ours'; readonly note: string };

/** The field of the page's form. */
export interface Field {
  readonly label: string;
  /** `main` fields are always visible. */
  readonly group: 'main' | 'more';
}

/** All that is known of a setting besides its name, kind and default. */
export interface Details<C extends string> {
  /** Where it may be set: commands, and `page` for the form of the browser page. */
  readonly in: readonly C[];
  /** One line for `--help`. */
  readonly help: string;
  /** Markdown for the documentation, when it says more than `help`. */
  readonly doc?: string;
  /** What the value is called in `--help`, such as `count`; the default depends on the kind. */
  readonly value?: string;
  /** What the flag means without a value; without this, a value must follow. */
  readonly alone?: string | number | true;
  /** Other names of the flag, without hyphens. */
  readonly aliases?: readonly string[];
  /** What applies while the setting has no value. */
  readonly otherwise?: string;
  /** A value that a run replaces by one that it picks. */
  readonly automatic?: unknown;
  readonly resume?: OnResume;
  /** Whether the recipe of a study, which all its runs share, records it. */
  readonly recipe?: true;
  /** Not listed in `--help` and the documentation. */
  readonly hidden?: true;
  readonly field?: Field;
  readonly yolov5?: Relation;
}

/** Default values: one everywhere, or by command where they differ. Commands in `required` demand a value instead. */
export interface Defaults<K extends AnyKind, C extends string> {
  readonly default?: OutputOf<K>;
  readonly defaults?: { readonly [Command in C]?: OutputOf<K> };
  readonly required?: readonly C[];
}

export interface Row<
  N extends string = string,
  C extends string = string,
  K extends AnyKind = AnyKind,
  D = object,
> extends Details<C> {
  readonly name: N;
  readonly kind: K;
  readonly default?: unknown;
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  /** Carries the type of the defaults; holds nothing. */
  readonly given?: D;
}

/** Rows, in the order in which `--help` and the documentation list them. A name may have a row for each command. */
export type Table = readonly Row[];

/** Makes a row; the compiler checks the default against the kind. */
export function setting<
  const N extends string,
  const C extends string,
  K extends AnyKind,
  const D extends Defaults<K, C>,
>(name: N, kind: K, details: Details<C> & D): Row<N, C, K, D> {
  return { name, kind, ...details };
}

/** Rows of a command. */
type In<T extends Table, C extends string> = T[number] extends infer R
  ? R extends Row<string, infer Commands, AnyKind, object>
    ? C extends Commands
      ? R
      : never
    : never
  : never;

type Has<D, C extends string> = D extends { readonly default: unknown }
  ? true
  : D extends { readonly defaults: { readonly [Command in C]: unknown } }
    ? true
    : Required<D, C>;
type Required<D, C extends string> = D extends { readonly required: readonly (infer Command)[] }
  ? C extends Command
    ? true
    : false
  : false;

type NameIf<R, Is extends boolean, Wanted extends boolean> =
  R extends Row<infer N, string, AnyKind, object> ? (Is extends Wanted ? N : never) : never;
type Value<R> = R extends Row<string, string, infer K, object> ? OutputOf<K> : never;
type Given<R> = R extends Row<string, string, infer K, object> ? InputOf<K> : never;
type DefaultsOf<R> = R extends Row<string, string, AnyKind, infer D> ? D : never;

/** Settings of a command after the check: those with a default always have a value. */
export type SettingsOf<T extends Table, C extends string> = {
  readonly [R in In<T, C> as NameIf<R, Has<DefaultsOf<R>, C>, true>]: Value<R>;
} & {
  readonly [R in In<T, C> as NameIf<R, Has<DefaultsOf<R>, C>, false>]?: Value<R>;
};

/** Options of a program or a command line: only required settings must be present. */
export type OptionsOf<T extends Table, C extends string> = {
  readonly [R in In<T, C> as NameIf<R, Required<DefaultsOf<R>, C>, true>]: Given<R>;
} & {
  readonly [R in In<T, C> as NameIf<R, Required<DefaultsOf<R>, C>, false>]?: Given<R> | undefined;
};

/** Rows that a command has, in order. */
export function rowsIn(table: Table, command: string): Row[] {
  return table.filter((row) => row.in.includes(command));
}

/** The default of a setting in a command; undefined without one. */
export function defaultIn(row: Row, command: string): unknown {
  return row.defaults?.[command] ?? row.default;
}
