import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { removeUnfinished } from '@froyolo/common/node';
import { type Dataset, type DatasetImage, withClasses } from '../dataset.js';
import { type DatasetConfig, parseDatasetYaml, SPLITS, type Split } from '../dataset-yaml.js';
import { ConfigError, DatasetError } from '../errors.js';
import { labelPathOf, parseLabels } from '../labels.js';
import { LIMITS } from '../limits.js';
import { combineScans, type ImageLabels, type ScanFiles, type ScanResult, scanImage } from '../scan.js';
import { readTextBounded, reasonOf } from './files.js';
import { findImages } from './find-images.js';
import { checkImage, isImagePath } from './image-file.js';
import { readScan, scanKey, writeScan } from './label-cache.js';
import { DiskLabels } from './label-files.js';
import { mapLimited } from './map-limited.js';

export type { Dataset, DatasetImage };

/** How {@link openDataset} reads. */
export interface OpenDatasetOptions {
  /** Treat every object as one class (index 0), called "item" unless the dataset has just one. */
  singleCls?: boolean;
  /** Keep label scans in a cache file beside the label folder. Default true. */
  cacheLabels?: boolean;
  /** Folder that relative paths of a config given as an object start from. Default the working directory. */
  root?: string;
}

/** Reads a dataset YAML file; see `parseDatasetYaml`. `path` in the result is absolute. Throws {@link ConfigError}. */
export async function loadDatasetConfig(file: string): Promise<DatasetConfig> {
  if (isImagePath(file)) throw new ConfigError(file, undefined, `is an image; ${WANTED}`);
  const text = await readTextBounded(file, LIMITS.yamlBytes).catch((error: unknown) => {
    throw new ConfigError(file, undefined, `can't be read: ${reasonOf(error)}`);
  });
  const other = otherKind(file, text);
  if (other !== undefined) throw new ConfigError(file, undefined, other);
  const config = parseDatasetYaml(text, file);
  return { ...config, path: rootOf(file, (config.path ?? '.').replaceAll('\\', '/')) };
}

/**
 * The folder that `path` names: relative to the YAML file or, if there is no such folder, to the one around the YAML's or
 * to the working directory. YOLOv5 keeps its YAML files in `data` and starts from the folder around that.
 */
function rootOf(file: string, path: string): string {
  const folder = dirname(resolve(file));
  const places = [folder, dirname(folder), '.'].map((from) => resolve(from, path));
  return places.find((place) => existsSync(place)) ?? resolve(folder, path);
}

const WANTED = 'a dataset YAML is a text with train, val and names';

/** Explains what a file is instead of a dataset YAML, and what to do. */
function otherKind(file: string, text: string): string | undefined {
  if (text.startsWith('PK\u0003')) return 'is a zip archive: unpack it, and name the dataset YAML in it';
  if (text.includes('\0')) return `is no text; ${WANTED}`;
  if (/\.(json|xml)$/i.test(file) && !/"names"/.test(text))
    return 'is no dataset YAML; VOC and COCO annotations are converted first: froyolo data convert';
  return undefined;
}

/**
 * Opens one split: finds the images, reads and checks every label file. Images that can't be used are left out with a
 * warning that names the file (and line); images without labels are kept as background.
 * @param data path of a dataset YAML, or its parsed content
 * @throws DatasetError when the split isn't named or has no usable image
 */
export async function openDataset(
  data: string | DatasetConfig,
  split: Split,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const config = typeof data === 'string' ? await loadDatasetConfig(data) : data;
  const label = typeof data === 'string' ? data : 'dataset';
  const root = resolve(options.root ?? '.', config.path ?? '.');
  const paths = await listSplit(config, split, root, label);
  const { images, warnings, counts } = await scanSplit(paths, config.names.length, split, options);
  if (images.length === 0)
    throw new DatasetError(
      `${label}: none of the ${paths.length} images of "${split}" (${config[split].join(', ')}) can be used; first: ${warnings[0]}`,
    );
  const { names } = config;
  const dataset = {
    split,
    images,
    names,
    counts,
    warnings: [...warnings, ...unlabeledWarning(images, split, label)],
  };
  if (!options.singleCls) return dataset;
  return withClasses(dataset, () => 0, names.length === 1 ? names : ['item']);
}

/**
 * The images of a split, each once.
 * @param label the dataset YAML, for messages
 */
export async function listSplit(
  config: DatasetConfig,
  split: Split,
  root: string,
  label: string,
): Promise<string[]> {
  const entries = config[split];
  if (entries.length === 0)
    throw splitError(label, `no "${split}" entry${onlyIn(config)}; name a folder, a list or a .txt file`);
  try {
    const lists = await Promise.all(entries.map((entry) => findImages(entry, root)));
    const paths = [...new Set(lists.flat())];
    if (paths.length > 0) return paths;
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const download = config.download
      ? `. Get the data as the YAML's download entry says, which is never run: ${config.download}`
      : '';
    throw splitError(label, `"${split}": ${error.message}${download}`);
  }
  throw splitError(label, `no images found for "${split}" in ${entries.join(', ')}`);
}

/** Which splits there are instead, for a message. */
function onlyIn(config: DatasetConfig): string {
  const there = SPLITS.filter((split) => config[split].length > 0).map((split) => `"${split}"`);
  return there.length === 0 ? '' : ` (there is ${there.join(' and ')})`;
}

const splitError = (where: string, what: string) => new DatasetError(`${where}: ${what}`, { what, where });

function unlabeledWarning(images: readonly DatasetImage[], split: Split, label: string): string[] {
  const [first] = images;
  if (!first || images.some(({ labels }) => labels.length > 0)) return [];
  return [`${label}: no labels found for "${split}"; looked for ${labelPathOf(first.path)} and its like`];
}

async function scanSplit(
  paths: readonly string[],
  numClasses: number,
  split: Split,
  { cacheLabels = true }: OpenDatasetOptions,
): Promise<ScanResult> {
  const labels = new DiskLabels();
  const files = diskFiles(numClasses, labels);
  const scan = async () =>
    combineScans(await mapLimited(paths, 16, (path) => scanImage(files, path)), numClasses);
  const [first] = paths;
  if (!cacheLabels || first === undefined) return scan();
  const file = `${dirname(labelPathOf(first))}.${split}.froyolo-cache`;
  await removeUnfinished(dirname(file), basename(file));
  const labelFiles = await mapLimited(
    paths,
    32,
    async (path) => (await labels.find(path)) ?? labelPathOf(path),
  );
  const key = await scanKey([...paths, ...labelFiles], numClasses);
  const { scan: cached, damage } = await readScan(file, key);
  if (cached) return cached;
  const fresh = await scan();
  const failure = await writeScan(file, key, fresh);
  return {
    ...fresh,
    warnings: [...fresh.warnings, ...[failure ?? damage].filter((text) => text !== undefined)],
  };
}

/** Images and label files on a disk. */
function diskFiles(numClasses: number, labelFiles: DiskLabels): ScanFiles {
  return {
    checkImage,
    async labelsOf(image): Promise<ImageLabels> {
      const file = await labelFiles.find(image);
      if (file === undefined) return { labels: new Float32Array(), warnings: [], missing: true };
      return { ...parseLabels(await labelFiles.read(file), file, numClasses), missing: false };
    },
  };
}
