import { readdir, readFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { DatasetError, LabelError } from '../errors.js';
import { LABEL_COLUMNS } from '../labels.js';
import { mapLimited, reasonOf } from './atomic.js';
import { imageSize, isImagePath } from './image-file.js';
import { type Conversion, normaliseBox, summarise, writeDataYaml, writeItem } from './yolo-layout.js';

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

const number = z.coerce.number();
const objectSchema = z.object({
  name: z.coerce.string(),
  difficult: z.coerce.string().optional(),
  bndbox: z.object({ xmin: number, ymin: number, xmax: number, ymax: number }),
});
const annotationSchema = z.object({
  annotation: z.object({ object: z.array(objectSchema).default([]) }),
});
type VocObject = z.output<typeof objectSchema>;

const parser = new XMLParser({
  isArray: (_name, path) => path === 'annotation.object',
  parseTagValue: false,
  processEntities: true,
});

/**
 * Converts Pascal VOC annotations to the YOLO layout. VOC counts pixels from 1, so a box's centre is
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
    objects: item.objects.filter((object) => object.difficult !== '1'),
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
  return { dataYaml, names, splits: summarise(splitNames, results), warnings: warnings.sort() };
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
  let document: unknown;
  try {
    document = parser.parse(await readFile(file, 'utf8'), true);
  } catch (error) {
    throw new LabelError(file, undefined, `can't be read as XML: ${reasonOf(error)}`);
  }
  const parsed = annotationSchema.safeParse(document);
  if (parsed.success) return parsed.data.annotation.object;
  const { path, message } = parsed.error.issues[0]!;
  throw new LabelError(file, undefined, `not a Pascal VOC annotation: ${path.join('.')}: ${message}`);
}

interface Item {
  split: string;
  image: string;
  file: string;
  objects: VocObject[];
}

async function convertItem(item: Item, names: string[], out: string, warnings: string[]): Promise<number> {
  // The size comes from the image: some annotations say 0 x 0.
  const size = await imageSize(item.image);
  const rows: number[] = [];
  for (const { name, bndbox } of item.objects) {
    const index = names.indexOf(name);
    if (index < 0) {
      warnings.push(`${item.file}: class "${name}" is not in the list and is left out`);
      continue;
    }
    const { xmin, ymin, xmax, ymax } = bndbox;
    const edges = { x1: xmin - 1, y1: ymin - 1, x2: xmax - 1, y2: ymax - 1 };
    const text = `${item.file}: ${name} box ${xmin},${ymin},${xmax},${ymax}`;
    const box = normaliseBox(edges, size, text, warnings);
    if (box) rows.push(index, ...box);
  }
  await writeItem(out, item.split, item.image, rows);
  return rows.length / LABEL_COLUMNS;
}

function count(items: readonly { objects: readonly unknown[] }[]): number {
  return items.reduce((sum, { objects }) => sum + objects.length, 0);
}
