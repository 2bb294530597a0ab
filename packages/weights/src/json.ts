import { CheckpointError, SUSPICIOUS } from './errors.js';
import type { PickleValue } from './pickle/values.js';

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}

const MAX_NODES = 100_000;
/** Characters in all: a pickle names the same long text again for two bytes. */
const MAX_TEXT = 2 ** 24;
const MAX_DEPTH = 32;

/**
 * Plain data of a pickled value; objects, tensors and bytes become null. Throws a `CheckpointError` when the value
 * contains itself, or shares its parts so often that written out it would be huge.
 */
export function toJson(value: PickleValue | undefined, where: string): JsonValue {
  let nodes = 0;
  let text = 0;
  const convert = (item: PickleValue | undefined, depth: number): JsonValue => {
    if (typeof item === 'string') text += item.length;
    else if (item instanceof Map) {
      for (const key of item.keys()) if (typeof key === 'string') text += key.length;
    }
    if (++nodes > MAX_NODES || depth > MAX_DEPTH || text > MAX_TEXT) {
      throw new CheckpointError(`"${where}" contains itself or too much`, 'data.pkl', SUSPICIOUS);
    }
    if (typeof item === 'string' || typeof item === 'boolean' || typeof item === 'number') return item;
    if (typeof item === 'bigint') return Number(item);
    if (Array.isArray(item) || item instanceof Set)
      return Array.from(item, (part) => convert(part, depth + 1));
    if (item instanceof Map) {
      // fromEntries defines properties, so that a key "__proto__" is only a key.
      return Object.fromEntries(
        [...item].filter(isNamed).map(([key, part]) => [String(key), convert(part, depth + 1)]),
      );
    }
    return null;
  };
  return convert(value, 0);
}

function isNamed([key]: readonly [PickleValue, PickleValue]): boolean {
  return typeof key === 'string' || typeof key === 'number';
}

/** The value when it is a JSON object, else undefined. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** The value when it is a number, else undefined. */
export function asNumber(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** Class names as YOLOv5 stores them, a list or a map from index to name, as a list; undefined when it is neither. */
export function asNames(value: JsonValue | undefined): string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  const map = asObject(value);
  if (!map) return undefined;
  return Object.keys(map)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => String(map[key]));
}
