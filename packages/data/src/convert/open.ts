/** Datasets in the formats of other tools, wherever their files are. */
import type { Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { type AnnotatedDataset, type AnnotatedImage, nothingLeft } from './annotated.js';
import { COCO_LISTS, type CocoOptions } from './coco.js';
import { type Found, findCocoFiles, openCoco } from './find-coco.js';
import { findVocFiles, openVoc } from './find-voc.js';
import { foreignHint } from './foreign.js';
import { ConversionLog } from './log.js';
import { holdOut, splitByFolder } from './splits.js';
import { type FileTree, isHidden } from './tree.js';

export type AnnotationFormat = 'coco' | 'voc';

export interface OpenAnnotatedOptions extends CocoOptions {
  /** COCO files to read, as paths of the tree. Default all that are found. */
  readonly files?: readonly string[];
  /** Class order; objects of other classes are left out. Default: all, COCO's by id, VOC's by name. */
  readonly classes?: readonly string[];
  /** Images of which one is held out if the source names no validation set. Default 5; 0 holds out none. */
  readonly holdOutEvery?: number;
}

/** The format of a tree's annotations; undefined without any. */
export async function findFormat(tree: FileTree): Promise<AnnotationFormat | undefined> {
  if ((await findCocoFiles(tree)).length > 0) return 'coco';
  return findVocFiles(tree).length > 0 ? 'voc' : undefined;
}

/**
 * Reads a dataset with COCO or Pascal VOC annotations. One odd file, image or object is left out and logged.
 * @param source for messages
 * @throws DatasetError or LabelError when nothing can be used
 */
export async function openAnnotated(
  tree: FileTree,
  format: AnnotationFormat,
  source: string,
  options: OpenAnnotatedOptions = {},
): Promise<AnnotatedDataset> {
  const log = new ConversionLog();
  const found =
    format === 'coco'
      ? await openCoco(tree, options.files ?? (await findCocoFiles(tree)), log, options)
      : await openVoc(tree, findVocFiles(tree), log);
  if (found.images.length === 0) throw nothingLeft(source, 'image can be used', log);
  countUnused(tree, found, log);
  const names = options.classes ?? found.names;
  if (names.length === 0) throw nothingLeft(source, 'object can be used, so there are no classes', log);
  const kept = new Set(names);
  if (kept.size < names.length) throw new DatasetError(`the classes ${names.join(', ')}: one is named twice`);
  const objects = found.images.flatMap((image) => image.objects);
  if (!objects.some(({ name }) => kept.has(name)))
    throw nothingLeft(source, missingObjects(objects.length, options, found), log);
  noteClasses(source, new Set(objects.map(({ name }) => name)), options.classes ?? [], log);
  return { names, ...distribute(found.images, options.holdOutEvery), log };
}

/** Warns of requested classes without objects, and of names that may mean the same class. */
function noteClasses(
  source: string,
  used: ReadonlySet<string>,
  asked: readonly string[],
  log: ConversionLog,
): void {
  for (const name of asked) if (!used.has(name)) log.note(source, `no object is of the class "${name}"`);
  const seen = new Map<string, string>();
  for (const name of used) {
    const key = name.toLowerCase().replace(/[\s_-]+/g, '');
    const other = seen.get(key);
    if (other !== undefined)
      log.note(source, `the classes "${other}" and "${name}" differ in capitals, spaces or dashes alone`);
    seen.set(key, name);
  }
}

/** Counts images without any annotation, not even one that was left out. */
function countUnused(tree: FileTree, { images }: Found, log: ConversionLog): void {
  const used = new Set(images.map(({ path }) => path));
  const unused = tree.images.filter((path) => !used.has(path)).length - log.count('unlisted');
  for (let i = 0; i < unused; i++) log.leaveOut('noAnnotation', '', '');
}

function missingObjects(count: number, { classes }: OpenAnnotatedOptions, { names }: Found): string {
  if (count === 0 || !classes) return 'object can be used';
  return `object is of the classes ${classes.join(', ')}; there are ${names.join(', ')}`;
}

function distribute(
  images: Found['images'],
  holdOutEvery?: number,
): Pick<AnnotatedDataset, 'splits' | 'notes'> {
  const inSplit = (split: Split | undefined) => images.filter((image) => image.split === split);
  const [train, val, test, rest] = [inSplit('train'), inSplit('val'), inSplit('test'), inSplit(undefined)];
  if (rest.length === images.length) return byPath(images, (paths) => splitByFolder(paths, holdOutEvery));
  const trainable = [...train, ...rest];
  if (val.length > 0 || trainable.length === 0)
    return { splits: { train: trainable, val, test }, notes: valOnlyNote(trainable, val) };
  const held = byPath(trainable, (paths) => holdOut(paths, holdOutEvery));
  return { ...held, splits: { ...held.splits, test } };
}

function valOnlyNote(train: readonly AnnotatedImage[], val: readonly AnnotatedImage[]): string[] {
  if (train.length > 0) return [];
  return [`No training set was found: all images are for ${val.length > 0 ? 'validation' : 'testing'}.`];
}

/** Images distributed by a rule for paths. */
function byPath(
  images: readonly AnnotatedImage[],
  rule: (paths: readonly string[]) => ReturnType<typeof holdOut>,
): Pick<AnnotatedDataset, 'splits' | 'notes'> {
  const byName = new Map(images.map((image) => [image.path, image]));
  const { notes, ...paths } = rule([...byName.keys()].sort());
  const of = (split: Split) => paths[split].flatMap((path) => byName.get(path) ?? []);
  return { splits: { train: of('train'), val: of('val'), test: of('test') }, notes };
}

/** The error for a source without readable annotations; it names files that look like some. */
export async function noAnnotations(source: string, tree: FileTree): Promise<DatasetError> {
  const { length } = tree.images;
  const images = length === 0 ? 'no images and' : `${length} ${length === 1 ? 'image' : 'images'} but`;
  const meant = await meantAsAnnotations(tree);
  return new DatasetError(
    `${source}: ${images} no annotations${meant}; name a folder or zip with Pascal VOC (.xml) or COCO (.json) annotations`,
  );
}

async function meantAsAnnotations(tree: FileTree): Promise<string> {
  const [json, ...more] = tree.paths.filter((path) => /\.json$/i.test(path) && !isHidden(path));
  if (json !== undefined) {
    const are = more.length === 0 ? 'is' : `and ${more.length} more are`;
    const hint = foreignHint(await tree.text(json, LIMITS.jsonBytes).catch(() => ''));
    return ` (${json} ${are} not COCO, which has ${COCO_LISTS.join(', ')}${hint})`;
  }
  const table = tree.paths.find((path) => /\.(csv|tfrecords?|gz)$/i.test(path) && !isHidden(path));
  return table === undefined ? '' : ` that can be read (${table} is of another format)`;
}
