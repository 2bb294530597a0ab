import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { normalizeBox } from '../box-edges.js';
import type { Split } from '../dataset-yaml.js';
import { DatasetError, LabelError } from '../errors.js';
import { LABEL_COLUMNS } from '../labels.js';
import { mapLimited } from './atomic.js';
import { reasonOf } from './files.js';
import { imageSize } from './image-file.js';
import { type Conversion, summarize, writeDataYaml, writeItem } from './yolo-layout.js';

/** What {@link convertCoco} reads and writes. */
export interface ConvertCocoOptions {
  /** For each split, a COCO "instances" JSON file and the folder its `file_name`s are in. */
  splits: Partial<Record<Split, { annotations: string; images: string }>>;
  /** Folder to make: images/SPLIT, labels/SPLIT, data.yaml. */
  out: string;
}

const cocoSchema = z.object({
  images: z.array(z.object({ id: z.number(), file_name: z.string() })),
  annotations: z.array(
    z.object({
      image_id: z.number(),
      category_id: z.number(),
      bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      iscrowd: z.number().optional(),
    }),
  ),
  categories: z.array(z.object({ id: z.number(), name: z.string() })),
});
type Coco = z.output<typeof cocoSchema>;

/**
 * Converts COCO instance annotations to the YOLO layout. Categories, in the order of their ids, become classes from 0;
 * boxes `[x, y, w, h]` count from 0 and are cut to the image; crowds are left out.
 * @throws DatasetError or LabelError naming the file that is missing or isn't COCO
 */
export async function convertCoco({ splits, out }: ConvertCocoOptions): Promise<Conversion> {
  const folder = resolve(out);
  const sources = Object.entries(splits).map(([split, source]) => ({ split, ...source }));
  if (sources.length === 0) throw new DatasetError('no split to convert; name at least one annotation file');
  const read = await Promise.all(
    sources.map(async (source) => ({ ...source, coco: await readCoco(source.annotations) })),
  );
  const categories = new Map(read.flatMap(({ coco }) => coco.categories.map(({ id, name }) => [id, name])));
  const ids = [...categories.keys()].sort((a, b) => a - b);
  const names = ids.map((id) => categories.get(id)!);
  if (names.length === 0)
    throw new DatasetError(`${sources[0]!.annotations}: no categories, so there are no classes`);
  const warnings: string[] = [];
  const items: { split: string; objects: number }[] = [];
  for (const { split, images, annotations, coco } of read) {
    checkFileNames(annotations, coco);
    const byImage = groupByImage(coco.annotations);
    const counts = await mapLimited(coco.images, 16, async ({ id, file_name }) => {
      const image = join(images, file_name);
      const size = await imageSize(image);
      const rows = labelRows(byImage.get(id) ?? [], {
        ids,
        names,
        size,
        place: `${annotations}: ${file_name}`,
        warnings,
      });
      await writeItem(folder, split, image, rows);
      return rows.length / LABEL_COLUMNS;
    });
    items.push(...counts.map((objects) => ({ split, objects })));
  }
  const splitNames = sources.map(({ split }) => split);
  const dataYaml = await writeDataYaml(folder, splitNames, names);
  return { dataYaml, names, splits: summarize(splitNames, items), warnings: warnings.sort() };
}

/** All images of a split come into one folder. */
function checkFileNames(file: string, { images }: Coco): void {
  const seen = new Set<string>();
  for (const { file_name } of images) {
    const name = basename(file_name).replace(/\.[^.]+$/, '');
    if (seen.has(name)) throw new DatasetError(`${file}: two images are called ${name}; rename one of them`);
    seen.add(name);
  }
}

interface RowContext {
  ids: number[];
  names: string[];
  size: { width: number; height: number };
  /** File and image, for messages. */
  place: string;
  warnings: string[];
}

function labelRows(
  annotations: Coco['annotations'],
  { ids, names, size, place, warnings }: RowContext,
): number[] {
  const rows: number[] = [];
  for (const { category_id, bbox, iscrowd } of annotations) {
    if (iscrowd === 1) continue;
    const index = ids.indexOf(category_id);
    if (index < 0)
      throw new LabelError(place, undefined, `category ${category_id} is not listed in "categories"`);
    const [x, y, w, h] = bbox;
    const text = `${place}: ${names[index]} box ${bbox.join(',')}`;
    const box = normalizeBox({ x1: x, y1: y, x2: x + w, y2: y + h }, size, text, warnings);
    if (box) rows.push(index, ...box);
  }
  return rows;
}

function groupByImage(annotations: Coco['annotations']): Map<number, Coco['annotations']> {
  const groups = new Map<number, Coco['annotations']>();
  for (const annotation of annotations) {
    const group = groups.get(annotation.image_id);
    if (group) group.push(annotation);
    else groups.set(annotation.image_id, [annotation]);
  }
  return groups;
}

async function readCoco(file: string): Promise<Coco> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new DatasetError(`${file}: can't be read as JSON: ${reasonOf(error)}`);
  }
  const parsed = cocoSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new LabelError(file, undefined, `not a COCO instances file: ${path.join('.')}: ${message}`);
}
