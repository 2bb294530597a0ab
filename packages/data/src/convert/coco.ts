/** COCO annotations as text: read entry by entry, so that an odd one is left out and the others stay. */
import { LabelError } from '../errors.js';
import { isGarbled } from '../text.js';
import type { AnnotatedImage, AnnotatedObject } from './annotated.js';
import { areFractions, boxOf, countCorners, inPixels, maskBox, numberOf } from './coco-boxes.js';
import { foreignHint } from './foreign.js';
import { parseJson } from './json.js';
import type { ConversionLog } from './log.js';

interface CocoCategory {
  readonly id: string;
  readonly name: string;
  /** Parent category, if the file states it. */
  readonly above: string | undefined;
}

/** An image of a COCO file; its path is still to be found. */
interface CocoImage extends Omit<AnnotatedImage, 'path'> {
  readonly reference: string;
}

export interface CocoFile {
  /** In the order of their ids. */
  readonly categories: readonly CocoCategory[];
  readonly images: readonly CocoImage[];
  /** Ids of the categories in use. */
  readonly used: ReadonlySet<string>;
}

export interface CocoOptions {
  /** Keep objects marked as crowds, as CVAT marks all masks. */
  readonly keepCrowds?: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Content of a COCO file. */
export const COCO_LISTS = ['images', 'annotations', 'categories'] as const;

/** Whether a text is likely to be a COCO file. */
export function looksLikeCoco(text: string): boolean {
  return COCO_LISTS.every((key) => text.includes(`"${key}"`));
}

/**
 * Reads a COCO instances file. Ids may be numbers or text, `iscrowd` any kind of yes or no; an object without a box gets
 * the box of its mask. Unusable entries are left out and logged.
 * @param file for messages
 * @throws LabelError when the text is no COCO file
 */
export function readCoco(
  text: string,
  file: string,
  log: ConversionLog,
  options: CocoOptions = {},
): CocoFile {
  const root = fieldsOf(parseJson(text, file)) ?? {};
  const lists = COCO_LISTS.map((key) => listOf(root, key, file, text));
  const [images = [], annotations = [], listed = []] = lists;
  const categories = readCategories(listed, file, log);
  const context: Context = {
    file,
    log,
    names: new Map(categories.map(({ id, name }) => [id, name])),
    options,
  };
  const objects = groupObjects(annotations, imageIds(images), context);
  const read = readImages(images, objects.byImage, context);
  return { categories, images: withPixels(read, file, log), used: objects.used };
}

/** Turns boxes given as fractions into pixels, and warns of boxes that look like corners. */
function withPixels(images: CocoImage[], file: string, log: ConversionLog): CocoImage[] {
  const corners = countCorners(images);
  if (corners !== undefined)
    log.note(
      file,
      `${corners} boxes leave their pictures and would fit as [x1, y1, x2, y2]; COCO's are [x, y, width, height]: is the file right?`,
    );
  if (!areFractions(images.flatMap(({ objects }) => objects))) return images;
  log.note(file, 'all boxes lie between 0 and 1: they are taken as fractions of their pictures');
  return images.map((image) => {
    const { width = 0, height = 0 } = image.stated ?? {};
    const stated = width > 0 && height > 0 ? { width, height } : { width: 1, height: 1 };
    return { ...image, stated, objects: image.objects.map((object) => inPixels(object, stated)) };
  });
}

interface Context {
  readonly file: string;
  readonly log: ConversionLog;
  readonly names: ReadonlyMap<string, string>;
  readonly options: CocoOptions;
}

function listOf(root: Fields, key: string, file: string, text: string): readonly unknown[] {
  const list = root[key];
  if (Array.isArray(list)) return list;
  const problem = list === undefined ? 'is missing' : 'is no list';
  throw new LabelError(file, undefined, `not a COCO instances file: "${key}" ${problem}${foreignHint(text)}`);
}

function readCategories(list: readonly unknown[], file: string, log: ConversionLog): CocoCategory[] {
  const categories = new Map<string, CocoCategory>();
  for (const [index, value] of list.entries()) {
    const fields = fieldsOf(value);
    const id = idOf(fields?.id);
    const name = textOf(fields?.name) ?? '';
    const place = `${file}: categories[${index}]`;
    if (isGarbled(name))
      throw new LabelError(
        file,
        undefined,
        `categories[${index}]: its name holds bytes that are no UTF-8; save the file as UTF-8`,
      );
    if (id === undefined || categories.has(id))
      log.leaveOut('badRecord', place, id === undefined ? 'has no id' : `has the id ${id} again`);
    else {
      if (name.trim() === '') log.note(place, `has no name and is called "category ${id}"`);
      categories.set(id, { id, name: name.trim() || `category ${id}`, above: textOf(fields?.supercategory) });
    }
  }
  return [...categories.values()].sort(byId);
}

/** Orders numbers by value, before text. */
function byId(a: { id: string }, b: { id: string }): number {
  const [x, y] = [Number(a.id), Number(b.id)];
  if (Number.isNaN(x) || Number.isNaN(y))
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || (a.id < b.id ? -1 : 1);
  return x - y;
}

/** Names of the images of each id. */
function imageIds(images: readonly unknown[]): ReadonlyMap<string, ReadonlySet<string>> {
  const named = new Map<string, Set<string>>();
  for (const value of images) {
    const fields = fieldsOf(value);
    const id = idOf(fields?.id);
    if (id === undefined) continue;
    const names = named.get(id) ?? new Set();
    named.set(id, names.add(textOf(fields?.file_name) ?? textOf(fields?.path) ?? ''));
  }
  return named;
}

function groupObjects(
  annotations: readonly unknown[],
  images: ReadonlyMap<string, ReadonlySet<string>>,
  context: Context,
): { byImage: Map<string, AnnotatedObject[]>; used: Set<string> } {
  const byImage = new Map<string, AnnotatedObject[]>();
  const used = new Set<string>();
  for (const [index, value] of annotations.entries()) {
    const fields = fieldsOf(value) ?? {};
    const place = `${context.file}: annotations[${index}]`;
    const [image, category] = [idOf(fields.image_id), idOf(fields.category_id)];
    if (image === undefined || !images.has(image)) {
      context.log.leaveOut(
        'unknownImage',
        place,
        `its image ${shown(fields.image_id)} is not listed in "images"`,
      );
      continue;
    }
    const object = readObject(fields, category, place, context);
    if (!object || category === undefined) continue;
    used.add(category);
    const group = byImage.get(image);
    if (group) group.push(object);
    else byImage.set(image, [object]);
  }
  return { byImage, used };
}

function readObject(
  fields: Fields,
  category: string | undefined,
  place: string,
  { names, log, options }: Context,
): AnnotatedObject | undefined {
  const name = category === undefined ? undefined : names.get(category);
  if (name === undefined) {
    const shownId = shown(fields.category_id);
    log.leaveOut('unknownClass', place, `its category ${shownId} is not listed in "categories"`);
    return undefined;
  }
  if (isYes(fields.iscrowd) && !options.keepCrowds) {
    log.leaveOut('crowd', place, 'is marked crowd');
    return undefined;
  }
  const stated = boxOf(fields.bbox);
  // Tools that only draw masks write zeros as boxes.
  const box = stated && stated[2] * stated[3] !== 0 ? stated : (maskBox(fields.segmentation) ?? stated);
  if (!box) {
    log.leaveOut('noBox', place, `bbox ${shown(fields.bbox)} is not [x, y, width, height]`);
    return undefined;
  }
  const [x, y, w, h] = box;
  return { name, edges: { x1: x, y1: y, x2: x + w, y2: y + h }, describe: `${name} box ${box.join(',')}` };
}

function readImages(
  images: readonly unknown[],
  objects: ReadonlyMap<string, AnnotatedObject[]>,
  { file, log }: Context,
): CocoImage[] {
  const ids = imageIds(images);
  const seen = new Set<string>();
  return images.flatMap((value, index) => {
    const fields = fieldsOf(value);
    const [id, reference] = [idOf(fields?.id), textOf(fields?.file_name) ?? textOf(fields?.path)];
    const place = `${file}: images[${index}]`;
    if (id === undefined || !reference) {
      log.leaveOut('badRecord', place, 'has no id or no file_name');
      return [];
    }
    if (seen.has(`${id}\n${reference}`)) return [];
    seen.add(`${id}\n${reference}`);
    if ((ids.get(id)?.size ?? 0) > 1) {
      log.leaveOut(
        'sameImage',
        place,
        `${reference} has the id ${id}, as another image has: whose objects are they?`,
      );
      return [];
    }
    const size = { width: numberOf(fields?.width) ?? 0, height: numberOf(fields?.height) ?? 0 };
    return [{ reference, where: `${file}: ${reference}`, stated: size, objects: objects.get(id) ?? [] }];
  });
}

/**
 * Collects the classes of several files by name, since files number them differently: in the order of the first file's ids,
 * then those that other files add. A category that only groups others (as Roboflow writes it) is not a class.
 */
export function mergeCategories(
  files: readonly { readonly file: string; readonly coco: CocoFile }[],
  log: ConversionLog,
): string[] {
  const names = new Set<string>();
  const idOfName = new Map<string, { id: string; file: string }>();
  for (const { file, coco } of files) {
    for (const { id, name } of coco.categories.filter((category) => !isGroup(category, coco))) {
      const first = idOfName.get(name);
      if (first && first.id !== id && first.file !== file)
        log.note(file, `category "${name}" has the id ${id}, in ${first.file} ${first.id}: matched by name`);
      if (first && first.file === file)
        log.note(file, `two categories are called "${name}": they are one class`);
      if (!first) idOfName.set(name, { id, file });
      names.add(name);
    }
  }
  return [...names];
}

function isGroup({ id, name, above }: CocoCategory, { categories, used }: CocoFile): boolean {
  const others = categories.filter((other) => other.id !== id);
  return (
    above === 'none' && !used.has(id) && others.length > 0 && others.every((other) => other.above === name)
  );
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** Ids as text, since some tools write 1 in one place and "1" in another. */
function idOf(value: unknown): string | undefined {
  const text = textOf(value)?.trim();
  return text === '' ? undefined : text;
}

const isYes = (value: unknown) =>
  value === true || numberOf(value) === 1 || textOf(value)?.toLowerCase() === 'true';

function shown(value: unknown): string {
  const isDeep = Array.isArray(value) ? value.some((item) => typeof item === 'object') : fieldsOf(value);
  const text = isDeep ? 'of another kind' : (JSON.stringify(value) ?? 'missing');
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
