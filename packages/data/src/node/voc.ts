import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { stringify } from 'yaml';
import { z } from 'zod';
import { DatasetError, LabelError } from '../errors.js';
import { formatLabels } from '../labels.js';
import { mapLimited, reasonOf, writeAtomic } from './atomic.js';
import { imageSize, isImagePath } from './image-file.js';

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

/** What {@link convertVoc} did. */
export interface Conversion {
  /** Path of the written data.yaml. */
  dataYaml: string;
  names: string[];
  /** Images and objects of each split. */
  splits: Record<string, { images: number; objects: number }>;
  warnings: string[];
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
      return { split, name, image, file, objects: await readAnnotation(file) };
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
    objects: await writeItem(item, names, out, warnings),
  }));
  const dataYaml = join(out, 'data.yaml');
  await writeAtomic(dataYaml, yamlText(splits, names));
  return { dataYaml, names, splits: summarise(splits, results), warnings: warnings.sort() };
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
  name: string;
  image: string;
  file: string;
  objects: VocObject[];
}

async function writeItem(item: Item, names: string[], out: string, warnings: string[]): Promise<number> {
  // The size comes from the image: some annotations say 0 x 0.
  const size = await imageSize(item.image);
  const rows: number[] = [];
  for (const object of item.objects) {
    const index = names.indexOf(object.name);
    if (index < 0) {
      warnings.push(`${item.file}: class "${object.name}" is not in the list and is left out`);
      continue;
    }
    const box = normalise(object, size, item.file, warnings);
    if (box) rows.push(index, ...box);
  }
  await placeImage(item.image, join(out, 'images', item.split, basename(item.image)));
  await writeAtomic(
    join(out, 'labels', item.split, `${item.name}.txt`),
    formatLabels(Float32Array.from(rows)),
  );
  return rows.length / 5;
}

function normalise(
  { name, bndbox }: VocObject,
  { width, height }: { width: number; height: number },
  file: string,
  warnings: string[],
): [number, number, number, number] | undefined {
  const edges = { x1: bndbox.xmin - 1, x2: bndbox.xmax - 1, y1: bndbox.ymin - 1, y2: bndbox.ymax - 1 };
  const cut = {
    x1: Math.min(Math.max(edges.x1, 0), width),
    x2: Math.min(Math.max(edges.x2, 0), width),
    y1: Math.min(Math.max(edges.y1, 0), height),
    y2: Math.min(Math.max(edges.y2, 0), height),
  };
  const text = `${name} box ${bndbox.xmin},${bndbox.ymin},${bndbox.xmax},${bndbox.ymax} of a ${width}x${height} image`;
  if (!(cut.x2 > cut.x1 && cut.y2 > cut.y1)) {
    warnings.push(`${file}: ${text} is empty and is left out`);
    return undefined;
  }
  if (cut.x1 !== edges.x1 || cut.x2 !== edges.x2 || cut.y1 !== edges.y1 || cut.y2 !== edges.y2) {
    warnings.push(`${file}: ${text} is cut to the image`);
  }
  return [
    (cut.x1 + cut.x2) / 2 / width,
    (cut.y1 + cut.y2) / 2 / height,
    (cut.x2 - cut.x1) / width,
    (cut.y2 - cut.y1) / height,
  ];
}

async function placeImage(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (await isSameFile(from, to)) return;
  await rm(to, { force: true });
  await link(from, to).catch(() => copyFile(from, to));
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = [await stat(a), await stat(b).catch(() => undefined)];
  return second !== undefined && first.ino === second.ino && first.dev === second.dev;
}

function yamlText(splits: SplitNames[], names: string[]): string {
  const folder = (split: string) => `images/${split}`;
  const entries = splits.map(({ split }) => [split, folder(split)]);
  return stringify({ path: '.', ...Object.fromEntries(entries), names: Object.fromEntries(names.entries()) });
}

function count(items: readonly { objects: readonly unknown[] }[]): number {
  return items.reduce((sum, { objects }) => sum + objects.length, 0);
}

function summarise(
  splits: SplitNames[],
  results: { split: string; objects: number }[],
): Conversion['splits'] {
  return Object.fromEntries(
    splits.map(({ split }) => {
      const own = results.filter((result) => result.split === split);
      return [split, { images: own.length, objects: own.reduce((sum, { objects }) => sum + objects, 0) }];
    }),
  );
}
