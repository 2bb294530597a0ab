import { IN_WORDS } from '@froyolo/errors';
import { z } from 'zod';
import { ConfigError } from './errors.js';
import { LIMITS } from './limits.js';
import { isGarbled, printable } from './text.js';
import { parseYaml, type YamlFile } from './yaml.js';

/** Parts of a dataset. */
export type Split = 'train' | 'val' | 'test';
export const SPLITS: readonly Split[] = ['train', 'val', 'test'];

/** A dataset description: where the images of each split are and what the classes are called. */
export interface DatasetConfig {
  /** Root that the split entries are relative to; itself relative to the YAML file's folder. */
  readonly path?: string;
  /** Each entry is a folder of images, a text file listing images, or an image. */
  readonly train: readonly string[];
  readonly val: readonly string[];
  readonly test: readonly string[];
  /** Class names by index. */
  readonly names: readonly string[];
  /** Where to get the data: the address of a zip archive, which `fetchDataset` fetches, or a script, which is shown and never run. */
  readonly download?: string;
}

const entries = z
  .union([z.string(), z.array(z.string()), z.null()])
  .optional()
  .transform((value) => (value == null || value === '' ? [] : typeof value === 'string' ? [value] : value));
const schema = z.object({
  path: z.union([z.string(), z.null()]).optional(),
  train: entries,
  val: entries,
  test: entries,
  nc: z.number().int().positive().optional(),
  names: z.union([z.array(z.unknown()), z.record(z.string(), z.unknown())]),
  download: z.union([z.string(), z.boolean(), z.null()]).optional(),
});

/**
 * Reads a dataset YAML as YOLOv5's: `path`, `train` / `val` / `test` (a folder, a list, or a text file), `names` (list, or
 * map from index) and an optional `nc`. Names are the text that stands in the file. `file` is used in messages.
 * @throws ConfigError with file, line and key
 */
export function parseDatasetYaml(text: string, file: string): DatasetConfig {
  const yaml = parseYaml(text, file);
  const parsed = schema.safeParse(withValidKey(yaml.value), IN_WORDS);
  if (!parsed.success) throw problemIn(yaml, file, parsed.error.issues[0]);
  const { path, train, val, test, nc, download } = parsed.data;
  const names = classNames(parsed.data.names, file, yaml);
  if (nc !== undefined && nc !== names.length) {
    throw new ConfigError(
      file,
      yaml.lineOf(['nc']),
      `nc is ${nc} but names has ${names.length} entries; make them agree`,
    );
  }
  return {
    ...(path ? { path } : {}),
    train,
    val,
    test,
    names,
    ...(typeof download === 'string' && download !== '' ? { download } : {}),
  };
}

/** Some exports write `valid:` for `val:`. */
function withValidKey(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'val' in value || !('valid' in value)) return value;
  return { ...value, val: value.valid };
}

function problemIn(yaml: YamlFile, file: string, issue: z.core.$ZodIssue | undefined): ConfigError {
  const path = (issue?.path ?? []).filter((key) => typeof key !== 'symbol');
  const key = path.length > 0 ? `"${path.join('.')}" ` : '';
  const problem = isMissing(path, yaml.value) ? 'is missing' : 'is not as expected';
  return new ConfigError(file, yaml.lineOf(path), `${key}${problem}: ${explain(path, issue?.message ?? '')}`);
}

function isMissing([key = '', ...rest]: readonly (string | number)[], value: unknown): boolean {
  return rest.length === 0 && typeof value === 'object' && value !== null && key !== '' && !(key in value);
}

function explain(path: readonly (string | number)[], message: string): string {
  if (path.length === 0) return 'a dataset YAML is a map with the keys path, train, val and names';
  if (path[0] === 'names') return 'names must be a list of class names or a map such as {0: person, 1: car}';
  return WANTED[String(path[0])] ?? message;
}

const PLACE = 'it must be a folder, an image or a .txt list, or a list of those';
const WANTED: Readonly<Record<string, string>> = {
  train: PLACE,
  val: PLACE,
  test: PLACE,
  path: 'it must be a folder, in quotes if it looks like a number',
  nc: 'it must be a whole number from 1, without quotes',
};

function classNames(
  names: readonly unknown[] | Record<string, unknown>,
  file: string,
  yaml: YamlFile,
): string[] {
  const keys = Object.keys(names);
  const at = yaml.lineOf(['names']);
  if (keys.length === 0) throw new ConfigError(file, at, 'names is empty; name at least one class');
  if (keys.length > LIMITS.classes)
    throw new ConfigError(file, at, `${keys.length} classes; at most ${LIMITS.classes} can be used`);
  if (!Array.isArray(names)) checkNumbering(keys, file, at);
  // The number may be quoted.
  const sources = yaml.sourcesIn(['names']);
  return keys.map((_, index) => nameAt(index, sources.get(String(index)), file, yaml));
}

function checkNumbering(keys: readonly string[], file: string, line: number | undefined): void {
  const found = new Set(keys);
  const missing = keys.findIndex((_, index) => !found.has(String(index)));
  if (missing < 0) return;
  const listed = keys.slice(0, 10).map(printable).join(', ') + (keys.length > 10 ? ', …' : '');
  const fromOne = missing === 0 && keys.every((_, index) => found.has(String(index + 1)));
  throw new ConfigError(
    file,
    line,
    fromOne
      ? `names counts its ${keys.length} classes from 1; count them from 0, in the label files too`
      : `names has ${keys.length} classes but no index ${missing} (found ${listed}); number them 0 to ${keys.length - 1} without gaps`,
  );
}

function nameAt(index: number, name: string | undefined, file: string, yaml: YamlFile): string {
  const path = ['names', index];
  if (name !== undefined && isGarbled(name))
    throw new ConfigError(
      file,
      yaml.lineOf(path),
      `the name of class ${index} holds bytes that are no UTF-8; save the file as UTF-8`,
    );
  const isNull = /^(null|Null|NULL|~|)$/.test(name ?? '') && valueAt(yaml.value, index) === null;
  if (name !== undefined && name !== '' && !isNull) return name;
  const found = name === undefined ? 'a list or map' : isNull && name !== '' ? name : 'empty';
  throw new ConfigError(
    file,
    yaml.lineOf(path),
    `the name of class ${index} is ${found}; write a text, in quotes if it is called so`,
  );
}

function valueAt(value: unknown, index: number): unknown {
  const names: unknown = typeof value === 'object' && value !== null && 'names' in value && value.names;
  if (typeof names !== 'object' || names === null) return undefined;
  return Object.entries(names).find(([key]) => key === String(index))?.[1];
}
