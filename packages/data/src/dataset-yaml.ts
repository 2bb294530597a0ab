import { z } from 'zod';
import { ConfigError } from './errors.js';
import { parseYaml, type YamlFile } from './yaml.js';

/** The parts of a dataset that can be trained or tested on. */
export type Split = 'train' | 'val' | 'test';

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
  /** Where the data can be had. Shown to the user, never run. */
  readonly download?: string;
}

const entries = z
  .union([z.string(), z.array(z.string()), z.null()])
  .optional()
  .transform((value) => (value == null || value === '' ? [] : typeof value === 'string' ? [value] : value));
const name = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const schema = z.object({
  path: z.union([z.string(), z.null()]).optional(),
  train: entries,
  val: entries,
  test: entries,
  nc: z.number().int().positive().optional(),
  names: z.union([z.array(name), z.record(z.string(), name)]),
  download: z.union([z.string(), z.boolean(), z.null()]).optional(),
});

/**
 * Reads a dataset YAML as YOLOv5's: `path`, `train` / `val` / `test` (a folder, a list, or a text file), `names` (list, or
 * map from index) and an optional `nc`. `file` is used in messages. Throws {@link ConfigError} with file, line and key.
 */
export function parseDatasetYaml(text: string, file: string): DatasetConfig {
  const yaml = parseYaml(text, file);
  const parsed = schema.safeParse(yaml.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const path = issue.path.filter((key) => typeof key !== 'symbol');
    const key = path.length > 0 ? `"${path.join('.')}" ` : '';
    throw new ConfigError(
      file,
      yaml.lineOf(path),
      `${key}is not as expected: ${explain(path, issue.message)}`,
    );
  }
  const { path, train, val, test, nc, download } = parsed.data;
  const names = nameList(parsed.data.names, file, yaml);
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

function explain(path: readonly (string | number)[], message: string): string {
  if (path.length === 0) return 'a dataset YAML is a map with the keys path, train, val and names';
  if (path[0] === 'names') return 'names must be a list of class names or a map such as {0: person, 1: car}';
  return message;
}

function nameList(names: string[] | Record<string, string>, file: string, yaml: YamlFile): string[] {
  if (Array.isArray(names)) {
    if (names.length === 0)
      throw new ConfigError(file, yaml.lineOf(['names']), 'names is empty; name at least one class');
    return names;
  }
  const count = Object.keys(names).length;
  if (count === 0)
    throw new ConfigError(file, yaml.lineOf(['names']), 'names is empty; name at least one class');
  const list: string[] = [];
  for (let index = 0; index < count; index++) {
    const value = names[index];
    if (value === undefined) {
      const found = Object.keys(names).join(', ');
      throw new ConfigError(
        file,
        yaml.lineOf(['names']),
        `names has ${count} classes but no index ${index} (found ${found}); number them 0 to ${count - 1} without gaps`,
      );
    }
    list.push(value);
  }
  return list;
}
