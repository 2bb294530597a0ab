/** COCO annotations in a tree of files, with the images they are about. */
import type { Split } from '../dataset-yaml.js';
import { LIMITS } from '../limits.js';
import { type AnnotatedImage, nothingLeft } from './annotated.js';
import { type CocoFile, type CocoOptions, looksLikeCoco, mergeCategories, readCoco } from './coco.js';
import { ImageLookup, type Lookup } from './image-lookup.js';
import type { ConversionLog } from './log.js';
import { splitOfName, splitOfPath } from './splits.js';
import { type FileTree, fileOf, folderOf, isHidden, stemOf, withoutImageExtension } from './tree.js';

/** Names that exporters use, the most reliable first; other JSON files are opened to see. */
const USUAL_NAMES = [/^instances_.+\.json$/i, /^_annotations\.coco\.json$/i];
/** A folder with more JSON files than this has one per image, in another format. */
const MAX_CANDIDATES = 50;

/** What annotations say before images are distributed: some of them may state no split. */
export interface Found {
  readonly names: readonly string[];
  readonly images: readonly (AnnotatedImage & { readonly split: Split | undefined })[];
}

/**
 * Paths of the COCO files in a tree: `instances_*.json`, `_annotations.coco.json`, or any JSON file that is one.
 */
export async function findCocoFiles(tree: FileTree): Promise<string[]> {
  const jsons = tree.paths.filter((path) => /\.json$/i.test(path) && !isHidden(path));
  for (const name of USUAL_NAMES) {
    const named = jsons.filter((path) => name.test(fileOf(path)));
    if (named.length > 0) return named;
  }
  if (jsons.length > MAX_CANDIDATES) return [];
  const texts = await Promise.all(jsons.map((path) => tree.text(path, LIMITS.jsonBytes).catch(() => '')));
  return jsons.filter((_, i) => looksLikeCoco(texts[i] ?? ''));
}

/** Reads COCO files. @throws DatasetError or LabelError naming the file that can't be used, where it is the only one */
export async function openCoco(
  tree: FileTree,
  files: readonly string[],
  log: ConversionLog,
  options: CocoOptions,
): Promise<Found> {
  const read: { path: string; file: string; coco: CocoFile }[] = [];
  for (const path of inSplitOrder(files)) {
    const coco = await readFile(tree, path, files.length === 1, log, options);
    if (coco) read.push({ path, file: tree.where(path), coco });
  }
  const named = new ImageLookup(tree.images);
  const found = read.map(({ path, coco }) => {
    const hints = hintsFor(path);
    return {
      path,
      images: coco.images.map((image) => ({ ...image, found: named.find(image.reference, hints) })),
    };
  });
  const claims: Claims = {
    claimed: new Map(),
    byName: new Set(found.flatMap(({ images }) => images.flatMap((image) => pathOf(image.found) ?? []))),
    byStem: new ImageLookup(tree.images, withoutImageExtension),
  };
  const images = found.flatMap((file) => claimImages(file, claims, tree, log));
  return { names: mergeCategories(read, log), images };
}

async function readFile(
  tree: FileTree,
  path: string,
  isOnly: boolean,
  log: ConversionLog,
  options: CocoOptions,
): Promise<CocoFile | undefined> {
  const file = tree.where(path);
  try {
    const coco = readCoco(await tree.text(path, LIMITS.jsonBytes), file, log, options);
    if (coco.images.length > 0 || !isOnly) return coco;
    throw nothingLeft(file, 'image is listed that can be used', log);
  } catch (error) {
    if (isOnly) throw error;
    return log.leaveOutFile(file, error);
  }
}

const pathOf = (found: Lookup) => ('path' in found ? found.path : undefined);

/** An image entry of a file, and the image that its `file_name` means. */
type FoundImage = CocoFile['images'][number] & { readonly found: Lookup };

interface Claims {
  /** Images described so far, and where. */
  readonly claimed: Map<string, string>;
  /** Images whose full path is a `file_name` in any file. */
  readonly byName: ReadonlySet<string>;
  /** Pictures that were saved in another format after they were labeled. */
  readonly byStem: ImageLookup;
}

function claimImages(
  { path, images }: { readonly path: string; readonly images: readonly FoundImage[] },
  { claimed, byName, byStem }: Claims,
  tree: FileTree,
  log: ConversionLog,
): Found['images'] {
  const split = splitOfFile(path);
  const renamed: string[] = [];
  const used = images.flatMap(({ reference, found, ...image }) => {
    const similar = pathOf(found) === undefined ? pathOf(byStem.find(reference, hintsFor(path))) : undefined;
    const other = similar === undefined || byName.has(similar) ? undefined : similar;
    const file = pathOf(found) ?? other;
    if (file === undefined) {
      log.leaveOut('missingImage', image.where, 'problem' in found ? found.problem : '');
      return [];
    }
    const before = claimed.get(file);
    if (before !== undefined) {
      log.leaveOut('sameImage', image.where, `${tree.where(file)} is described in ${before} already`);
      return [];
    }
    if (other !== undefined) renamed.push(`${fileOf(file)} for ${reference}`);
    claimed.set(file, image.where);
    return [{ ...image, path: file, split: split ?? splitOfPath(file) }];
  });
  noteRenamed(tree.where(path), renamed, log);
  return used;
}

function noteRenamed(file: string, [first, ...more]: readonly string[], log: ConversionLog): void {
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  log.note(file, `images with another extension than "file_name" has are used: ${first}${others}`);
}

/** `instances_train2017.json`, or a file in a folder `train`. */
const splitOfFile = (path: string) => splitOfName(stemOf(path)) ?? splitOfPath(path);

/** Folders that a file's names may start from: `NAME` and `images/NAME` beside `annotations`, and those around it. */
function hintsFor(path: string): string[] {
  const name = stemOf(path).replace(/^instances_/i, '');
  const folder = folderOf(path);
  const root = folderOf(folder);
  const places = [folder, root].flatMap((at) => [
    at,
    `${at}/images`,
    `${at}/${name}`,
    `${at}/images/${name}`,
  ]);
  return [...new Set(places.map((place) => place.replace(/^\//, '')))];
}

/** Training files first: they set the order of the classes. */
function inSplitOrder(files: readonly string[]): string[] {
  const rank = (path: string) => ['train', undefined, 'val', 'test'].indexOf(splitOfFile(path));
  return [...files].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
