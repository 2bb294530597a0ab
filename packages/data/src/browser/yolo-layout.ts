/** Datasets in YOLO's layout: a text file of boxes for each image, with a dataset YAML or without. */
import { holdOut, type Splits } from '../convert/splits.js';
import { folderOf } from '../convert/tree.js';
import { labelFileOf, type NamedClasses, openYoloFolder } from '../convert/yolo-folder.js';
import { type DatasetConfig, parseDatasetYaml } from '../dataset-yaml.js';
import { DatasetError, LabelError } from '../errors.js';
import { parseLabels } from '../labels.js';
import { LIMITS } from '../limits.js';
import type { ImageLabels } from '../scan.js';
import type { FileIndex } from './file-index.js';
import type { Layout } from './layout.js';

/** The layout that a dataset YAML describes. @param yaml its path */
export async function yamlLayout(index: FileIndex, yaml: string): Promise<Layout> {
  const config = parseDatasetYaml(await index.text(yaml, LIMITS.yamlBytes), yaml);
  const train = await imagesOfSplit(index, yaml, config, 'train');
  if (train.length === 0) {
    // Files that were picked without their folders.
    const plain = await plainLayout(index, { from: yaml, names: config.names });
    if (plain) return plain;
    const entries = config.train.join(', ') || 'no "train" entry';
    throw new DatasetError(
      `${yaml}: none of the opened images is in its training set (${entries}); open the folder that holds both`,
    );
  }
  const val = await imagesOfSplit(index, yaml, config, 'val');
  const splits: Omit<Splits, 'test'> = val.length > 0 ? { train, val, notes: [] } : holdOut(train);
  const fileOf = (path: string) => labelFileOf(path, (file) => index.spelled(file));
  return {
    ...splits,
    names: config.names,
    labelsOf: (path) => readLabels(index, fileOf(path), config.names.length),
  };
}

async function imagesOfSplit(
  index: FileIndex,
  yaml: string,
  { path = '', ...config }: DatasetConfig,
  split: 'train' | 'val',
): Promise<string[]> {
  const lists = config[split].map((entry) => index.imagesAt(`${path}/${entry}`, folderOf(yaml)));
  return [...new Set((await Promise.all(lists)).flat())];
}

/** The layout of images with label files; undefined without any. @param known the classes, else looked for */
export async function plainLayout(index: FileIndex, known?: NamedClasses): Promise<Layout | undefined> {
  const folder = await openYoloFolder(index, { known });
  if (!folder) return undefined;
  const { test: _, labels, ...layout } = folder;
  return {
    ...layout,
    labelsOf: (path) => readLabels(index, labels.get(path), layout.names.length),
  };
}

async function readLabels(
  index: FileIndex,
  file: string | undefined,
  numClasses: number,
): Promise<ImageLabels> {
  if (file === undefined) return { labels: new Float32Array(), warnings: [], missing: true };
  const text = await index.text(file, LIMITS.labelBytes).catch((error: unknown) => {
    throw new LabelError(file, undefined, error instanceof Error ? error.message : String(error));
  });
  return { ...parseLabels(text, file, numClasses), missing: false };
}
