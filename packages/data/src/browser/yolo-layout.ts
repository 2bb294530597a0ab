/** Datasets in YOLO's layout: a text file of boxes for each image, with a dataset YAML or without. */
import { CLASS_LISTS } from '../convert/missing-yaml.js';
import { holdOut, type Splits, splitByFolder } from '../convert/splits.js';
import { folderOf } from '../convert/tree.js';
import { type DatasetConfig, parseDatasetYaml } from '../dataset-yaml.js';
import { DatasetError, LabelError } from '../errors.js';
import { labelPathOf, parseLabels } from '../labels.js';
import { LIMITS } from '../limits.js';
import type { ImageLabels } from '../scan.js';
import { entriesOf, linesOf } from '../text.js';
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
  return { ...splits, names: config.names, labelsOf: (path) => readLabels(index, path, config.names.length) };
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

interface NamedClasses {
  /** Path of the file that names them. */
  readonly from: string;
  readonly names: readonly string[];
}

/** The layout of images with label files; undefined without any. @param known the classes, else looked for */
export async function plainLayout(index: FileIndex, known?: NamedClasses): Promise<Layout | undefined> {
  const labelFiles = index.images.flatMap((image) => labelFileOf(index, image) ?? []);
  if (labelFiles.length === 0) return undefined;
  const { test: _, ...splits } = splitByFolder(index.images);
  const named = known ?? (await classList(index, labelFiles));
  const names = named?.names ?? (await numberedClasses(index, labelFiles));
  const note = named
    ? `Class names are from ${named.from}.`
    : `No dataset YAML or classes.txt was found: the ${names.length} classes in the labels have no names.`;
  return {
    ...splits,
    notes: [...splits.notes, note],
    names,
    labelsOf: (path) => readLabels(index, path, names.length),
  };
}

async function classList(index: FileIndex, labelFiles: readonly string[]): Promise<NamedClasses | undefined> {
  const from = index.paths.find((path) => CLASS_LISTS.test(path) && !labelFiles.includes(path));
  return from ? { from, names: entriesOf(await index.text(from, LIMITS.yamlBytes)) } : undefined;
}

async function numberedClasses(index: FileIndex, labelFiles: readonly string[]): Promise<string[]> {
  let highest = 0;
  for (const file of labelFiles) {
    for (const line of linesOf(await index.text(file, LIMITS.labelBytes))) {
      const classIndex = Number(line.trim().split(/\s+/)[0]);
      if (Number.isInteger(classIndex)) highest = Math.max(highest, classIndex);
    }
  }
  if (highest >= LIMITS.classes)
    throw new DatasetError(
      `the labels have a class ${highest}; at most ${LIMITS.classes} classes can be used`,
    );
  return Array.from({ length: highest + 1 }, (_, i) => `class ${i}`);
}

/** The label file of an image: in the `labels` folder beside `images`, or beside the image. */
function labelFileOf(index: FileIndex, image: string): string | undefined {
  const moved = labelPathOf(`/${image}`).slice(1);
  const beside = image.replace(/\.[^.\\/]+$/, '.txt');
  return index.spelled(moved) ?? index.spelled(beside);
}

async function readLabels(index: FileIndex, image: string, numClasses: number): Promise<ImageLabels> {
  const file = labelFileOf(index, image);
  if (!file) return { labels: new Float32Array(), warnings: [], missing: true };
  const text = await index.text(file, LIMITS.labelBytes).catch((error: unknown) => {
    throw new LabelError(file, undefined, error instanceof Error ? error.message : String(error));
  });
  return { ...parseLabels(text, file, numClasses), missing: false };
}
