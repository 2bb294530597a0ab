/** Kinds of values that settings have: how a flag writes one, how it is checked, which control of a form edits it. */
import { z } from 'zod';

/** What a form offers for a value. */
export type Control =
  | { readonly type: 'number'; readonly min?: number; readonly max?: number; readonly step?: number }
  | { readonly type: 'select'; readonly choices: readonly string[] }
  | { readonly type: 'checkbox' }
  | { readonly type: 'text' };

/** A kind of value; `Input` is what a program may pass, `Output` what a setting holds after the check. */
export interface Kind<Output, Input = Output> {
  readonly schema: z.ZodType<Output, Input>;
  /** What the text after a flag stands for, before the check. Text that stands for nothing stays text. */
  read(text: string): unknown;
  /** Completes "It must be …". */
  readonly expects: string;
  /** Values after the flag: none (a switch), one, or several. */
  readonly values: 'none' | 'one' | 'several';
  readonly choices?: readonly string[];
  readonly control: Control;
}

export type AnyKind = Kind<unknown, unknown>;
export type OutputOf<K> = K extends Kind<infer Output, infer _> ? Output : never;
export type InputOf<K> = K extends Kind<infer _, infer Input> ? Input : never;

/** On or off; the flag alone means on. */
export const toggle = (): Kind<boolean> => ({
  schema: z.boolean(),
  read: (text) => text === 'true' || (text === 'false' ? false : text),
  expects: 'true or false',
  values: 'none',
  control: { type: 'checkbox' },
});

/** A whole number in a range, both ends included. */
export const whole = ({ min = 0, max, step }: NumberRange = {}): Kind<number> => ({
  schema: z
    .int()
    .min(min)
    .max(max ?? Number.MAX_SAFE_INTEGER),
  read: readNumber,
  expects: `a whole number ${max === undefined ? `of at least ${min}` : `from ${min} to ${max}`}`,
  values: 'one',
  control: { type: 'number', min, ...(max === undefined ? {} : { max }), ...(step ? { step } : {}) },
});

interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** Step of the control in a form. */
  readonly step?: number;
}

/** A whole number of at least 1, or -1 for "as many as fit". */
export const wholeOrAuto = (): Kind<number> => ({
  ...whole({ min: 1 }),
  schema: z.int().refine((value) => value >= 1 || value === -1),
  expects: 'a whole number of at least 1, or -1 for as many as fit',
  control: { type: 'number', min: -1 },
});

/** A number from 0 to 1. */
export const fraction = (): Kind<number> => ({
  schema: z.number().min(0).max(1),
  read: readNumber,
  expects: 'a number from 0 to 1',
  values: 'one',
  control: { type: 'number', min: 0, max: 1, step: 0.05 },
});

/** Text that isn't looked into here: a path, a name, a device. */
export const text = (): Kind<string> => ({
  schema: z.string(),
  read: (written) => written,
  expects: 'text',
  values: 'one',
  control: { type: 'text' },
});

/** One of a few words. */
export const choice = <const Word extends string>(choices: readonly Word[]): Kind<Word> => ({
  schema: z.enum(choices),
  read: (written) => written,
  expects: `one of ${choices.join(', ')}`,
  values: 'one',
  choices,
  control: { type: 'select', choices },
});

/** Bytes; a size with its unit, such as `1.5GB`, is read as well. */
export const byteSize = (): Kind<number, number | string> => ({
  schema: z.preprocess(
    (value: number | string) => (typeof value === 'string' ? (parseByteSize(value) ?? value) : value),
    z.number().min(1),
  ),
  read: (written) => parseByteSize(written) ?? written,
  expects: 'a size such as 800MB or 1.5GB',
  values: 'one',
  control: { type: 'text' },
});

/** Seconds; a time with its unit, such as `5m` or `1h30m`, is read as well. */
export const duration = (): Kind<number, number | string> => ({
  schema: z.preprocess(
    (value: number | string) => (typeof value === 'string' ? (parseDuration(value) ?? value) : value),
    z.number().min(1),
  ),
  read: (written) => parseDuration(written) ?? written,
  expects: 'a time such as 90s, 5m or 1h30m',
  values: 'one',
  control: { type: 'text' },
});

/** Several values of a kind; a program may pass one alone. At least one, unless `least` is 0. */
export const list = <Output, Input>(
  item: Kind<Output, Input>,
  least = 1,
): Kind<readonly Output[], Input | readonly Input[]> => ({
  ...item,
  schema: z.preprocess(
    (value: Input | readonly Input[]) => (Array.isArray(value) ? value : [value]),
    z.array(item.schema).min(least),
  ),
  values: 'several',
});

/** A term that chooses layers or parameters; counts may be numbers. */
export const selector = (): Kind<string, string | number> => ({
  ...text(),
  schema: z.preprocess((value: string | number) => String(value), z.string()),
  expects: 'a selector such as 10, 0-9, backbone or model.9',
});

/** Names by names, such as `{ crate: 'suitcase' }`; flags write `crate=suitcase`. */
export const pairs = (): Kind<Pairs, Pairs | string | readonly string[]> => ({
  ...text(),
  schema: z.preprocess(
    (value: Pairs | string | readonly string[]) =>
      typeof value === 'string' ? pairsOf([value]) : isList(value) ? pairsOf(value) : value,
    z.record(z.string(), z.string()),
  ),
  expects: 'pairs such as crate=suitcase',
  values: 'several',
});

type Pairs = Readonly<Record<string, string>>;

/** `Array.isArray` for lists that can't be changed. */
const isList = (value: object | readonly string[]): value is readonly string[] => Array.isArray(value);

function pairsOf(written: readonly string[]): Pairs | undefined {
  const pairs = written.flatMap((part) => part.split(',')).map((part) => part.split('='));
  if (pairs.some((pair) => pair.length !== 2 || pair.some((name) => name.trim() === ''))) return undefined;
  return Object.fromEntries(pairs.map(([to = '', from = '']) => [to.trim(), from.trim()]));
}

/** Text, or `true` where a flag stands alone. */
export const textOrTrue = (): Kind<string | true> => ({
  ...text(),
  schema: z.union([z.string(), z.literal(true)]),
});

/** A file or a name, or the values themselves as a record. */
export const fileOrValues = <Values extends object>(): Kind<string | Values> => ({
  ...text(),
  schema: z.custom<string | Values>(
    (value) => typeof value === 'string' || (typeof value === 'object' && value !== null),
  ),
  expects: 'a file, the name of a preset, or values',
});

function readNumber(written: string): unknown {
  return written.trim() === '' || Number.isNaN(Number(written)) ? written : Number(written);
}

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

/** Bytes of a number with its unit (`1GB`, `1.5 GiB`, `800mb`); undefined for anything else. */
export function parseByteSize(written: string): number | undefined {
  const [, value = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(written.trim()) ?? [];
  const bytes = Math.floor(Number(value) * (UNITS[unit.toUpperCase()] ?? Number.NaN));
  return value !== '' && bytes >= 1 ? bytes : undefined;
}

const SECONDS = { h: 3600, m: 60, s: 1 } as const;

/** Seconds from parts with their units, from hours to seconds: `1h30m`, `90s`. Undefined for other text. */
export function parseDuration(text: string): number | undefined {
  const match = /^(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s)?$/.exec(text.trim());
  const [, h, m, s] = match ?? [];
  if (h === undefined && m === undefined && s === undefined) return undefined;
  const seconds = Number(h ?? 0) * SECONDS.h + Number(m ?? 0) * SECONDS.m + Number(s ?? 0);
  return Number.isFinite(seconds) ? seconds : undefined;
}
