/** Checks of the values of flags; what they throw is a usage error that names the flag. */
import { InvalidArgumentError } from 'commander';

interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** A whole number in a range, both ends included. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER }: Range = {}): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number${between(min, max)}.`);
    return value;
  };
}

/** Images of a batch. */
export function batchSize(text: string): number {
  if (text === '-1')
    throw new InvalidArgumentError('Only "froyolo train" finds the largest that fits; give a number here.');
  return integer({ min: 1 })(text);
}

/** Images of a batch, or -1 for as many as fit. */
export function batchSizeOrAuto(text: string): number {
  return text === '-1' ? -1 : batchSize(text);
}

/** A number from 0 to 1. */
export function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return value;
}

const BYTES: Readonly<Record<string, number>> = {
  ...{ B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
};

/** Bytes from a number with its unit: `1GB`, `1.5 GiB`, `800mb`. */
export function byteSize(text: string): number {
  const [, value = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? [];
  const bytes = Number(value) * (BYTES[unit.toUpperCase()] ?? Number.NaN);
  if (value === '' || !(bytes >= 1))
    throw new InvalidArgumentError('It must be a size such as 800MB or 1.5GB.');
  return Math.floor(bytes);
}

/** Collects pairs of class names: `crate=suitcase`. */
export function classPairs(text: string, previous: Record<string, string> = {}): Record<string, string> {
  const [, to = '', from = ''] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (!from) throw new InvalidArgumentError('It must be NEW=OLD, such as crate=suitcase.');
  return { ...previous, [to.trim()]: from.trim() };
}

/** Collects texts that are given one by one or with commas between. */
export function commaSeparated(text: string, previous: readonly string[] = []): string[] {
  const parts = text.split(',').map((part) => part.trim());
  return [...previous, ...parts.filter((part) => part !== '')];
}

/** Collects the values of a flag that takes several, each checked by `parse`. */
export function each<T>(parse: (text: string) => T): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous) => [...(previous ?? []), parse(text)];
}

function between(min: number, max: number): string {
  if (max < Number.MAX_SAFE_INTEGER) return ` from ${min} to ${max}`;
  return ` of at least ${min}`;
}
