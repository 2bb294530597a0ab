import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { DatasetError, LabelError } from '../errors.js';
import { LABEL_COLUMNS } from '../labels.js';
import { isCounted, parseVocAnnotation, type VocObject, vocLabels } from '../voc-annotation.js';
import { mapLimited } from './atomic.js';
import { reasonOf } from './files.js';
import { imageSize, isImagePath } from './image-file.js';
import { type Conversion, summarize, writeDataYaml, writeItem } from './yolo-layout.js';

/** What {@link convertVoc} reads and writes. */
export interface ConvertVocOptions {
  /** Folder of Pascal VOC XML files. */
  annotations: string;
  /** Folder of images. */
  images: string;
  /** Folder with train.txt, val.txt, test.txt of image names without extension. Without it everything is "train". */
  imageSets?: string;
  /** Folder to make: images/SPLIT, labels/SPLIT, data.yaml. */
  out: string;
  /** Class order; objects of other classes are left out with a warning. Default: all found, by name. */
  classes?: readonly string[];
}

/**
 * Converts Pascal VOC annotations to the YOLO layout. VOC counts pixels from 1, so a box's center is
 * `(min + max) / 2 - 1` pixels and its size `max - min`, the convention YOLO's own VOC conversion uses. Boxes are cut to
 * the image; objects marked difficult are left out, as there. Images are hard-linked where possible and copied elsewhere.
 * @throws DatasetError when folders or images are missing; LabelError for an XML file that isn't a VOC annotation
 */
export async function convertVoc(options: ConvertVocOptions): Promise<Conversion> {
  const out = resolve(options.out);
  const splits = await readSplits(options);
  const imageFiles = await indexImages(options.images);
  const warnings: string[] = [];
  const items = await mapLimited(
    splits.flatMap(({ split, names }) => names.map((name) => ({ split, name }))),
    16,
    async ({ split, name }) => {
      const image = imageFiles.get(name);
      if (!image)
        throw new DatasetError(`${options.images}: no image named ${name}, which the ${split} set lists`);
      const file = join(options.annotations, `${name}.xml`);
      return { split, image, file, objects: await readAnnotation(file) };
    },
  );
  const kept = items.map((item) => ({
    ...item,
    objects: item.objects.filter(isCounted),
  }));
  const difficult = count(items) - count(kept);
  if (difficult > 0) warnings.push(`${difficult} objects marked difficult are left out`);
  const found = [...new Set(kept.flatMap(({ objects }) => objects.map((object) => object.name)))].sort();
  const names = [...(options.classes ?? found)];
  if (names.length === 0)
    throw new DatasetError(`${options.annotations}: no objects found, so there are no classes`);
  const results = await mapLimited(kept, 16, async (item) => ({
    split: item.split,
    objects: await convertItem(item, names, out, warnings),
  }));
  const splitNames = splits.map(({ split }) => split);
  const dataYaml = await writeDataYaml(out, splitNames, names);
  return { dataYaml, names, splits: summarize(splitNames, results), warnings: warnings.sort() };
}

interface SplitNames {
  split: string;
  names: string[];
}

async function readSplits({ imageSets, annotations }: ConvertVocOptions): Promise<SplitNames[]> {
  if (!imageSets) {
    const files = await listFolder(annotations);
    const names = files.filter((file) => file.endsWith('.xml')).map((file) => basename(file, '.xml'));
    if (names.length === 0) throw new DatasetError(`${annotations}: no .xml files`);
    return [{ split: 'train', names: names.sort() }];
  }
  const splits: SplitNames[] = [];
  for (const split of ['train', 'val', 'test']) {
    const text = await readFile(join(imageSets, `${split}.txt`), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    // Per-class lists have a second column.
    const names = text.split('\n').map((line) => line.trim().split(/\s+/)[0]!);
    splits.push({ split, names: names.filter((name) => name !== '') });
  }
  if (splits.length === 0)
    throw new DatasetError(`${imageSets}: none of train.txt, val.txt, test.txt is there`);
  return splits;
}

async function indexImages(folder: string): Promise<Map<string, string>> {
  const files = (await listFolder(folder)).filter(isImagePath);
  return new Map(files.map((file) => [basename(file, extname(file)), join(folder, file)]));
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    throw new DatasetError(`${folder}: can't be listed: ${reasonOf(error)}`);
  }
}

async function readAnnotation(file: string): Promise<VocObject[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new LabelError(file, undefined, `can't be read: ${reasonOf(error)}`);
  });
  return parseVocAnnotation(text, file);
}

interface Item {
  split: string;
  image: string;
  file: string;
  objects: VocObject[];
}

async function convertItem(item: Item, names: string[], out: string, warnings: string[]): Promise<number> {
  const rows = vocLabels(item.objects, names, await imageSize(item.image), item.file, warnings);
  await writeItem(out, item.split, item.image, rows);
  return rows.length / LABEL_COLUMNS;
}

function count(items: readonly { objects: readonly unknown[] }[]): number {
  return items.reduce((sum, { objects }) => sum + objects.length, 0);
}
