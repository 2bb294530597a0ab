/** Turns opened files into pictures of a project. */
import { classColor, DatasetError, type DatasetImage, ImageError } from '@froyolo/data';
import {
  checkImage,
  isBrowserImage,
  type OpenedDatasets,
  openDatasets,
  type SourceFile,
} from '@froyolo/data/browser';
import { addPictures, listPictures, type NewPicture } from '../library/pictures.js';
import type { Box, Picture, Project, ProjectClass, Split } from '../library/types.js';
import type { Imported, OnProgress } from './api.js';
import { openLabels } from './import-labels.js';
import { stemOf } from './names.js';
import { thumbnailOf } from './thumbnail.js';

/** Number of pictures decoded at the same time, and added in one step. */
const PARALLEL = 8;
/** One of this many pictures is held out for validation. */
const HELD_OUT = 5;

/** A picture before it has its number and its thumbnail. */
interface Found {
  readonly picture: Omit<NewPicture['picture'], 'split'>;
  readonly file: Blob;
  /** The split, if the files state it. */
  readonly split?: Split;
}

interface Understood {
  readonly found: readonly Found[];
  readonly names: readonly string[];
  readonly noLabels?: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** @throws DatasetError, ConfigError where nothing can be added */
export async function importFiles(
  project: Project,
  files: readonly SourceFile[],
  onProgress: OnProgress,
): Promise<Imported> {
  const images = files.filter(({ path }) => isBrowserImage(path));
  const before = await listPictures(project.id);
  if (images.length === 0) return importLabels(project, before, files, onProgress);
  // Each picture is checked first, and then made small.
  const total = 2 * images.length;
  const { found, names, ...told } = await understand(files, images, (done) => onProgress(done, total));
  const { classes, ids } = withNames(project.classes, names);
  const paths = new Set(before.map(({ path }) => path));
  const pictures: Picture[] = [];
  for (let at = 0; at < found.length; at += PARALLEL) {
    const some = found.slice(at, at + PARALLEL);
    const order = before.length + at;
    const added = some.map((one, i) => completed(one, { order: order + i, ids, paths }));
    pictures.push(...(await addPictures(project.id, await Promise.all(added))));
    onProgress(images.length + pictures.length, total);
  }
  return { pictures, labeled: [], classes, ...told };
}

/** Labels existing pictures: boxes from the files replace theirs. */
async function importLabels(
  project: Project,
  kept: readonly Picture[],
  files: readonly SourceFile[],
  onProgress: OnProgress,
): Promise<Imported> {
  const { datasets, pictures, unused } = await openLabels(files, kept, onProgress);
  const { train, val, notes } = datasets;
  const { classes, ids } = withNames(project.classes, train.names);
  const images = new Map([...train.images, ...val.images].map((image) => [image.path, image]));
  const labeled = [...images].flatMap(([path, image]) => {
    const picture = pictures.get(path);
    return picture ? [{ ...picture, done: true, boxes: withClasses(boxesOf(image), ids) }] : [];
  });
  return {
    pictures: [],
    labeled,
    classes,
    // Which pictures are held out is the project's own decision.
    notes: notes.filter((note) => !/validat/.test(note)),
    warnings: [...new Set([...train.warnings, ...val.warnings]), ...unused],
  };
}

async function understand(
  files: readonly SourceFile[],
  images: readonly SourceFile[],
  onProgress: (done: number) => void,
): Promise<Understood> {
  if (!files.some(({ path }) => /\.(txt|xml|json|ya?ml)$/i.test(path))) return unlabeled(images, onProgress);
  try {
    return labeled(files, await openDatasets(files, { onProgress }));
  } catch (error) {
    if (!(error instanceof DatasetError)) throw error;
    const bare = await unlabeled(images, onProgress);
    return { ...bare, noLabels: error.message };
  }
}

/** Reads pictures without labels. */
async function unlabeled(
  images: readonly SourceFile[],
  onProgress: (done: number) => void,
): Promise<Understood> {
  const warnings: string[] = [];
  const found: Found[] = [];
  let done = 0;
  const check = async ({ path, blob }: SourceFile) => {
    try {
      const { width, height } = await checkImage(blob, path);
      return [{ file: blob, picture: { path, width, height, done: false, boxes: [] } }];
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      warnings.push(`${error.message} (skipped)`);
      return [];
    } finally {
      onProgress(++done);
    }
  };
  for (let at = 0; at < images.length; at += PARALLEL)
    found.push(...(await Promise.all(images.slice(at, at + PARALLEL).map(check))).flat());
  const [first] = warnings;
  if (found.length === 0)
    throw new DatasetError(`none of the ${images.length} pictures can be used; first: ${first}`);
  return { found, names: [], notes: [], warnings };
}

/** Reads a dataset in a known format. */
function labeled(files: readonly SourceFile[], { train, val, notes }: OpenedDatasets): Understood {
  const inTrain = new Set(train.images.map(({ path }) => path));
  const heldOut = val.images.filter(({ path }) => !inTrain.has(path));
  const isAnnotated = annotatedPaths(files);
  const found = (images: readonly DatasetImage[], split?: Split): Found[] =>
    images.flatMap((image) => {
      const file = (split === 'val' ? val : train).files.get(image.path);
      const boxes = boxesOf(image);
      const { path, width, height } = image;
      const done = boxes.length > 0 || isAnnotated(path);
      return file
        ? [{ file, picture: { path, width, height, done, boxes }, ...(split ? { split } : {}) }]
        : [];
    });
  const isSplit = heldOut.length > 0;
  return {
    found: [...found(train.images, isSplit ? 'train' : undefined), ...found(heldOut, 'val')],
    names: train.names,
    notes,
    warnings: [...new Set([...train.warnings, ...val.warnings])],
  };
}

/** Tells which pictures have an annotation, even one without boxes: a file of the same name, or one for all pictures. */
function annotatedPaths(files: readonly SourceFile[]): (path: string) => boolean {
  const stems = new Set(
    files.filter(({ path }) => /\.(txt|xml)$/i.test(path)).map(({ path }) => stemOf(path)),
  );
  const isCoco = files.some(({ path }) => /\.json$/i.test(path));
  return (path) => isCoco || stems.has(stemOf(path));
}

/** Boxes in pixels. */
function boxesOf({ labels, width, height }: DatasetImage): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < labels.length; at += 5) {
    const [classId = 0, cx = 0, cy = 0, w = 0, h = 0] = labels.subarray(at, at + 5);
    const [left, top] = [(cx - w / 2) * width, (cy - h / 2) * height];
    boxes.push({ classId, box: [left, top, left + w * width, top + h * height] });
  }
  return boxes;
}

/** The project's classes followed by new ones, and the class of each name. */
function withNames(known: readonly ProjectClass[], names: readonly string[]) {
  const there = new Set(known.map(({ name }) => name));
  const added = [...new Set(names)].filter((name) => !there.has(name));
  const fresh = added.map((name, i) => ({ name, color: classColor(known.length + i) }));
  const classes: readonly ProjectClass[] = [...known, ...fresh];
  return { classes, ids: names.map((name) => classes.findIndex((one) => one.name === name)) };
}

const withClasses = (boxes: readonly Box[], ids: readonly number[]): Box[] =>
  boxes.map(({ classId, box }) => ({ classId: ids[classId] ?? 0, box }));

interface Place {
  /** Among all pictures of the project, from 0. */
  readonly order: number;
  /** The project's class by the class of the files. */
  readonly ids: readonly number[];
  /** Paths that are taken; the new one is added. */
  readonly paths: Set<string>;
}

async function completed({ picture, file, split }: Found, { order, ids, paths }: Place): Promise<NewPicture> {
  const path = freePath(picture.path, paths);
  paths.add(path);
  const boxes = withClasses(picture.boxes, ids);
  const held = order % HELD_OUT === HELD_OUT - 1 ? 'val' : 'train';
  return {
    picture: { ...picture, path, boxes, split: split ?? held },
    file,
    thumbnail: await thumbnailOf(file, picture),
  };
}

/** `a/b.jpg`, or `a/b (2).jpg` where that is taken. */
function freePath(path: string, taken: ReadonlySet<string>): string {
  let free = path;
  for (let n = 2; taken.has(free); n++) free = path.replace(/(\.[^.]+)?$/, ` (${n})$1`);
  return free;
}
