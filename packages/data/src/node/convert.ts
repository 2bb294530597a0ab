/** Annotations of other tools to the layout that training reads. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import {
  type AnnotatedDataset,
  type AnnotatedImage,
  labelRowsOf,
  nothingLeft,
} from '../convert/annotated.js';
import { type AnnotationFormat, findFormat, noAnnotations, openAnnotated } from '../convert/open.js';
import { isContainer } from '../convert/tree.js';
import { SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError, ImageError } from '../errors.js';
import { LABEL_COLUMNS } from '../labels.js';
import { reasonOf } from './files.js';
import { checkImage } from './image-file.js';
import { mapLimited } from './map-limited.js';
import { fillFolder } from './staging.js';
import { type DiskTree, diskTree, type Mount } from './tree.js';
import { isZipPath, withUnzipped } from './unzip.js';
import { LAYOUT_ENTRIES, uniqueNames, writeDataYaml, writeItem } from './yolo-layout.js';

/** What {@link convertDataset} reads and writes. */
export interface ConvertOptions {
  /** A folder or zip archive with Pascal VOC or COCO annotations and images in any usual layout, or a COCO file. */
  readonly source?: string;
  /** Folder of VOC's XML files, where it isn't in the source. */
  readonly annotations?: string;
  /** Folder of images, where they aren't in the source. */
  readonly images?: string;
  /** Folder of VOC's train.txt, val.txt and test.txt, where it isn't in the source. */
  readonly imageSets?: string;
  /** Folder to make: images/SPLIT, labels/SPLIT, data.yaml. It appears when all is written. */
  readonly out: string;
  /** Replace what an earlier conversion wrote to `out`. Default false: `out` must be empty or not there. */
  readonly existOk?: boolean;
  /** Class order; objects of other classes are left out. Default: all, COCO's by id, VOC's by name. */
  readonly classes?: readonly string[];
  /** Keep the boxes of COCO's crowds. Default false. */
  readonly keepCrowds?: boolean;
  /** Share of images held out if the source names no validation set: one of this many. Default 5; 0 holds out none. */
  readonly holdOutEvery?: number;
}

/** What a conversion did. */
export interface Conversion {
  readonly format: AnnotationFormat;
  /** Path of the written data.yaml. */
  readonly dataYaml: string;
  readonly names: readonly string[];
  /** Images and objects of each split. */
  readonly splits: Readonly<Partial<Record<Split, { images: number; objects: number }>>>;
  /** What was decided, such as which images are held out. */
  readonly notes: readonly string[];
  /** What was left out or repaired, each naming file and place. */
  readonly warnings: readonly string[];
  /** How much was left out, by reason. */
  readonly leftOut: readonly string[];
}

/**
 * Converts Pascal VOC or COCO annotations to the YOLO layout. One odd file, image or object is left out with a warning
 * and never refuses the rest; boxes are scaled or turned to the image where the annotations state another size, and cut to
 * it. Images are hard-linked where possible and copied elsewhere.
 * @throws DatasetError, LabelError when there is nothing to convert, or `out` isn't empty
 */
export async function convertDataset(options: ConvertOptions): Promise<Conversion> {
  const { source } = options;
  if (source === undefined || !isZipPath(source)) return convertTree(options, await placesOf(options));
  return withUnzipped(source, (folder) =>
    convertTree(options, { mounts: [{ at: '', folder, shownAs: source }] }),
  );
}

interface Places {
  readonly mounts: readonly Mount[];
  /** COCO files as paths of the tree; all that are found by default. */
  readonly files?: readonly string[];
}

/** The folders that options name, put where they usually are. */
async function placesOf({ source, annotations, images, imageSets }: ConvertOptions): Promise<Places> {
  if (source === undefined && !(annotations && images))
    throw new DatasetError('name the folder, zip or COCO file to convert, or both annotations and images');
  const given: Mount[] = [
    ...(annotations ? [{ at: 'Annotations', folder: annotations }] : []),
    ...(images ? [{ at: 'images', folder: images }] : []),
    ...(imageSets ? [{ at: 'ImageSets/Main', folder: imageSets }] : []),
  ];
  if (source === undefined) return { mounts: given };
  const info = await stat(source).catch((error: unknown) => {
    throw new DatasetError(`${source}: can't be read: ${reasonOf(error)}`);
  });
  if (info.isDirectory()) return { mounts: [besides(source, { annotations, images, imageSets }), ...given] };
  return filePlaces(source, images);
}

/** A source without what is named apart from it. */
function besides(
  folder: string,
  { annotations, images, imageSets }: Pick<ConvertOptions, 'annotations' | 'images' | 'imageSets'>,
): Mount {
  const isText = (path: string) => /\.(xml|json|txt)$/i.test(path);
  return {
    at: '',
    folder,
    accept: (path) =>
      (images === undefined || isText(path)) &&
      (annotations === undefined || !/\.xml$/i.test(path)) &&
      (imageSets === undefined || !/\.txt$/i.test(path)),
  };
}

/** A COCO file: its images are beside it, or beside the folder of annotations that it is in. */
function filePlaces(file: string, images: string | undefined): Places {
  const folder = dirname(resolve(file));
  const root = isContainer(basename(folder)) ? dirname(folder) : folder;
  const name = basename(file);
  const inRoot = root === folder ? name : `${basename(folder)}/${name}`;
  const shownAs = root === folder ? dirname(file) : dirname(dirname(file));
  if (images === undefined) return { mounts: [{ at: '', folder: root, shownAs }], files: [inRoot] };
  const only: Mount = { at: '', folder, accept: (path) => path === name, shownAs: dirname(file) };
  return { mounts: [only, { at: 'images', folder: images }], files: [name] };
}

async function convertTree(options: ConvertOptions, { mounts, files }: Places): Promise<Conversion> {
  const source = options.source ?? options.annotations ?? '';
  const tree = await diskTree(mounts, resolve(options.out));
  const format = files ? 'coco' : await findFormat(tree);
  if (!format) throw await noAnnotations(source, tree);
  const dataset = await openAnnotated(tree, format, source, { ...options, ...(files ? { files } : {}) });
  const replace = options.existOk ? { replace: LAYOUT_ENTRIES } : {};
  const written = await fillFolder(options.out, replace, (staging) =>
    writeDataset(tree, dataset, source, staging),
  );
  const { log, notes, names } = dataset;
  const dataYaml = join(resolve(options.out), 'data.yaml');
  return { format, dataYaml, names, splits: written, notes, warnings: log.warnings, leftOut: log.leftOut };
}

type Written = Conversion['splits'];

async function writeDataset(
  tree: DiskTree,
  { splits, names, log }: AnnotatedDataset,
  source: string,
  out: string,
): Promise<Written> {
  const written: Partial<Record<Split, { images: number; objects: number }>> = {};
  const folders: Record<string, string> = {};
  for (const split of SPLITS) {
    if (splits[split].length === 0) continue;
    // Few images may both train and validate: they are written once.
    const isSame = split === 'val' && haveSameImages(splits.val, splits.train);
    folders[split] = isSame ? 'train' : split;
    const done = isSame ? written.train : await writeSplit(tree, splits[split], names, log, out, split);
    if (done) written[split] = done;
  }
  const used = Object.entries(written).filter(([, { images }]) => images > 0);
  if (used.every(([, { objects }]) => objects === 0)) throw nothingLeft(source, 'object can be used', log);
  await writeDataYaml(
    out,
    Object.fromEntries(used.map(([split]) => [split, folders[split] ?? split])),
    names,
  );
  return Object.fromEntries(used);
}

function haveSameImages(a: readonly AnnotatedImage[], b: readonly AnnotatedImage[]): boolean {
  return a.length === b.length && a.every(({ path }, i) => path === b[i]?.path);
}

async function writeSplit(
  tree: DiskTree,
  images: readonly AnnotatedImage[],
  names: readonly string[],
  log: AnnotatedDataset['log'],
  out: string,
  split: Split,
): Promise<{ images: number; objects: number }> {
  const files = uniqueNames(images.map(({ path }) => path));
  const counts = await mapLimited(images, 16, async (image, index) => {
    const rows = await rowsOf(tree, image, names, log);
    if (!rows) return undefined;
    await writeItem(out, split, tree.fileOf(image.path), files[index] ?? '', rows);
    return rows.length / LABEL_COLUMNS;
  });
  const kept = counts.filter((objects) => objects !== undefined);
  return { images: kept.length, objects: kept.reduce((sum, objects) => sum + objects, 0) };
}

/** Label rows of an image; undefined where it can't be used. */
async function rowsOf(
  tree: DiskTree,
  image: AnnotatedImage,
  names: readonly string[],
  log: AnnotatedDataset['log'],
): Promise<number[] | undefined> {
  try {
    return labelRowsOf(image, names, await checkImage(tree.fileOf(image.path)), log);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    log.leaveOut('badImage', image.where, error.message);
    return undefined;
  }
}
