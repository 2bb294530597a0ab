/** Pascal VOC annotations in a tree of files, with the images they are about. */
import { SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { linesOf } from '../text.js';
import type { AnnotatedImage } from './annotated.js';
import type { Found } from './find-coco.js';
import { ImageLookup } from './image-lookup.js';
import type { ConversionLog } from './log.js';
import { splitOfPath } from './splits.js';
import {
  composed,
  type FileTree,
  fileOf,
  folderOf,
  isContainer,
  isHidden,
  partsOf,
  stemOf,
  withoutTaskPrefix,
} from './tree.js';
import { readVoc, type VocAnnotation } from './voc.js';

/** Paths of the XML files in a tree. */
export function findVocFiles(tree: FileTree): string[] {
  return tree.paths.filter((path) => /\.xml$/i.test(path) && !isHidden(path));
}

/**
 * Reads annotations and finds their images: by the same name in a sibling folder (`Annotations` and `JPEGImages`), in the
 * same folder or anywhere, or else by the file name in the annotation. Lists in `ImageSets/Main` give the splits.
 */
export async function openVoc(tree: FileTree, files: readonly string[], log: ConversionLog): Promise<Found> {
  const lookup = new ImageLookup(tree.images);
  const byKey = imagesByKey(tree.images);
  const claimed = new Map<string, string>();
  const images: AnnotatedImage[] = [];
  for (const path of files) {
    const where = tree.where(path);
    const annotation = await readFile(tree, path, log);
    if (!annotation) continue;
    const image = imageOf(path, annotation, byKey, lookup);
    const problem = problemOf(image, claimed);
    if (problem !== undefined || !('path' in image)) log.leaveOut('missingImage', where, problem ?? '');
    else {
      claimed.set(image.path, where);
      images.push({ path: image.path, where, objects: annotation.objects, ...statedOf(annotation) });
    }
  }
  if (images.length === 0 && log.count('badFile') === files.length)
    throw new DatasetError(log.warnings[0] ?? 'no annotation can be read');
  const names = [...new Set(images.flatMap(({ objects }) => objects.map(({ name }) => name)))].sort();
  return { names, images: await withSplits(tree, images, log) };
}

const statedOf = ({ stated }: VocAnnotation) => (stated ? { stated } : {});

async function readFile(
  tree: FileTree,
  path: string,
  log: ConversionLog,
): Promise<VocAnnotation | undefined> {
  const file = tree.where(path);
  try {
    return readVoc(await tree.text(path, LIMITS.xmlBytes), file, log);
  } catch (error) {
    return log.leaveOutFile(file, error);
  }
}

type Place = { readonly path: string } | { readonly problem: string };

function problemOf(image: Place, claimed: ReadonlyMap<string, string>): string | undefined {
  if (!('path' in image)) return image.problem;
  const other = claimed.get(image.path);
  return other === undefined ? undefined : `its image ${image.path} is described in ${other} already`;
}

/** A path without its extension and the folders that only say what is in them: equal for an image and its annotation. */
function keyOf(path: string): string {
  const folders = partsOf(folderOf(path)).filter((folder) => !isContainer(folder));
  return [...folders, stemOf(path)].join('/');
}

function imagesByKey(images: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const image of images)
    for (const key of new Set([keyOf(image), stemOf(image)])) {
      const same = found.get(key);
      if (same) same.push(image);
      else found.set(key, [image]);
    }
  return found;
}

function imageOf(
  path: string,
  { filename }: VocAnnotation,
  byKey: ReadonlyMap<string, readonly string[]>,
  lookup: ImageLookup,
): Place {
  const keys = [keyOf(path), stemOf(path), withoutTaskPrefix(stemOf(path))];
  const keyed = keys.map((key) => byKey.get(key)).find((images) => images !== undefined) ?? [];
  const sameFolder = keyed.filter((image) => folderOf(image) === folderOf(path));
  const [only, another] = sameFolder.length > 0 ? sameFolder : keyed;
  if (only !== undefined && another === undefined) return { path: only };
  const named = filename ? lookup.find(filename, [folderOf(path)]) : undefined;
  if (named && 'path' in named) return named;
  if (only !== undefined) return { problem: `${keyed.length} images are called ${stemOf(path)}` };
  const also = filename && stemOf(filename) !== stemOf(path) ? ` or ${filename}` : '';
  return { problem: `there is no image called ${stemOf(path)}${also}` };
}

async function withSplits(
  tree: FileTree,
  images: readonly AnnotatedImage[],
  log: ConversionLog,
): Promise<Found['images']> {
  const lists = await listsOf(tree);
  if (lists.length === 0) return images.map((image) => ({ ...image, split: splitOfPath(image.path) }));
  const byName = namesOf(images);
  const listed = lists.flatMap(({ split, file, lines }) => {
    const found = new Set<AnnotatedImage>();
    for (const [index, line] of lines.entries()) {
      const matches = matchesOf(line, byName);
      if (!matches)
        log.leaveOut('missingImage', `${file}:${index + 1}`, `no image with an annotation is called ${line}`);
      for (const image of matches ?? []) found.add(image);
    }
    return [...found].map((image) => ({ ...image, split }));
  });
  const used = new Set(listed.map(({ path }) => path));
  for (const image of images.filter(({ path }) => !used.has(path)))
    log.leaveOut('unlisted', image.where, 'its image is in none of the lists of images');
  return listed;
}

/** A line of a list is a name, with an extension or without; lists of one class have a second column. */
function matchesOf(
  line: string,
  byName: ReadonlyMap<string, readonly AnnotatedImage[]>,
): readonly AnnotatedImage[] | undefined {
  const first = line.replace(/\s+\S+$/, '');
  const names = [line, first].map(composed).flatMap((name) => [name, fileOf(name.replaceAll('\\', '/'))]);
  return names.map((name) => byName.get(name)).find((found) => found !== undefined);
}

function namesOf(images: readonly AnnotatedImage[]): ReadonlyMap<string, readonly AnnotatedImage[]> {
  const found = new Map<string, AnnotatedImage[]>();
  for (const image of images)
    for (const name of new Set([stemOf(image.path), composed(fileOf(image.path))])) {
      const same = found.get(name);
      if (same) same.push(image);
      else found.set(name, [image]);
    }
  return found;
}

interface ImageList {
  readonly split: Split;
  readonly file: string;
  readonly lines: readonly string[];
}

const LIST_NAMES: Readonly<Record<Split, RegExp>> = {
  train: /^train$/i,
  val: /^val(id(ation)?)?$/i,
  test: /^test$/i,
};

/** `ImageSets/Main/train.txt` and its like; `trainval.txt` where there is no `train.txt`. */
async function listsOf(tree: FileTree): Promise<ImageList[]> {
  const files = tree.paths.filter(
    (path) => /(^|\/)ImageSets\/(.*\/)?[^/]+\.txt$/i.test(path) && !isHidden(path),
  );
  const inMain = files.filter((path) => /(^|\/)ImageSets\/(Main\/)?[^/]+$/i.test(path));
  const chosen = SPLITS.flatMap((split) => {
    const named = inMain.filter((path) => LIST_NAMES[split].test(stemOf(path)));
    const both = split === 'train' ? inMain.filter((path) => /^trainval$/i.test(stemOf(path))) : [];
    return (named.length > 0 ? named : both).map((path) => ({ split, path }));
  });
  return Promise.all(
    chosen.map(async ({ split, path }) => {
      const lines = linesOf(await tree.text(path, LIMITS.listBytes)).map((line) => line.trim());
      return { split, file: tree.where(path), lines: lines.filter((line) => line !== '') };
    }),
  );
}
