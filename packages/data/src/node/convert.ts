/** Converts annotations of other tools to the layout that training reads. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { nothingLeft } from '../convert/annotated.js';
import { type AnnotationFormat, findFormat } from '../convert/open.js';
import { isContainer } from '../convert/tree.js';
import { SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { annotatedSource, type ConversionSource, type ConvertedImage, yoloSource } from './convert-source.js';
import { reasonOf } from './files.js';
import { mapLimited } from './map-limited.js';
import { fillFolder } from './staging.js';
import { diskTree, type Mount } from './tree.js';
import { isZipPath, withUnzipped } from './unzip.js';
import { LAYOUT_ENTRIES, uniqueNames, writeDataYaml, writeItem } from './yolo-layout.js';

/** What {@link convertDataset} reads and writes. */
export interface ConvertOptions {
  /**
   * A folder or zip archive with Pascal VOC or COCO annotations, or YOLO's labels without a dataset YAML, and images in any
   * usual layout; or a COCO file.
   */
  readonly source?: string;
  /** Folder or zip of VOC's XML files, where they aren't in the source. */
  readonly annotations?: string;
  /** Folder or zip of images, where they aren't in the source. */
  readonly images?: string;
  /** Folder of VOC's train.txt, val.txt and test.txt, where it isn't in the source. */
  readonly imageSets?: string;
  /** Folder to create, with images/SPLIT, labels/SPLIT and data.yaml. It appears when all is written. */
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
  readonly format: AnnotationFormat | 'yolo';
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
 * Converts Pascal VOC or COCO annotations, or a folder of YOLO's labels, to the YOLO layout. One odd file, image or object is left out with a warning
 * and never refuses the rest; boxes are scaled or turned to the image where the annotations state another size, and cut to
 * it. Images are hard-linked where possible and copied elsewhere.
 * @throws DatasetError, LabelError when there is nothing to convert, or `out` isn't empty
 */
export async function convertDataset(options: ConvertOptions): Promise<Conversion> {
  const { source, annotations, images, imageSets } = options;
  const zips = [source, annotations, images, imageSets].filter(
    (path) => path !== undefined && isZipPath(path),
  );
  return withAllUnzipped(zips, async (unzipped) => convertTree(options, await placesOf(options, unzipped)));
}

/** Calls `use` with the folders of archives, by their paths. */
function withAllUnzipped<T>(
  [zip, ...more]: readonly (string | undefined)[],
  use: (folders: ReadonlyMap<string, string>) => Promise<T>,
): Promise<T> {
  if (zip === undefined) return use(new Map());
  return withUnzipped(zip, (folder) =>
    withAllUnzipped(more, (others) => use(new Map([...others, [zip, folder]]))),
  );
}

interface Places {
  readonly mounts: readonly Mount[];
  /** COCO files as paths of the tree; all that are found by default. */
  readonly files?: readonly string[];
}

/** The folders that options name, put where they usually are. @param unzipped folders of those that are archives */
async function placesOf(
  { source, annotations, images, imageSets }: ConvertOptions,
  unzipped: ReadonlyMap<string, string>,
): Promise<Places> {
  if (source === undefined && !(annotations && images))
    throw new DatasetError('name the folder, zip or COCO file to convert, or both annotations and images');
  const mount = (at: string, path: string | undefined): Mount[] =>
    path === undefined ? [] : [{ at, folder: unzipped.get(path) ?? path, shownAs: path }];
  const given = [
    ...mount('Annotations', annotations),
    ...mount('images', images),
    ...mount('ImageSets/Main', imageSets),
  ];
  if (source === undefined) return { mounts: given };
  if (!unzipped.has(source) && !(await isFolder(source))) return filePlaces(source, mount('images', images));
  const accept = isBesides({ annotations, images, imageSets });
  return { mounts: [...mount('', source).map((whole) => ({ ...whole, accept })), ...given] };
}

async function isFolder(source: string): Promise<boolean> {
  const info = await stat(source).catch((error: unknown) => {
    throw new DatasetError(`${source}: can't be read: ${reasonOf(error)}`);
  });
  return info.isDirectory();
}

/** Whether a file of the source counts: not if another option names it. */
function isBesides({
  annotations,
  images,
  imageSets,
}: Pick<ConvertOptions, 'annotations' | 'images' | 'imageSets'>): (path: string) => boolean {
  const isText = (path: string) => /\.(xml|json|txt|names|labels|ya?ml)$/i.test(path);
  return (path) =>
    (images === undefined || isText(path)) &&
    (annotations === undefined || !/\.xml$/i.test(path)) &&
    (imageSets === undefined || !/\.txt$/i.test(path));
}

/** The source of a COCO file: its images are beside it, or beside its folder of annotations. */
function filePlaces(file: string, images: readonly Mount[]): Places {
  const folder = dirname(resolve(file));
  const root = isContainer(basename(folder)) ? dirname(folder) : folder;
  const name = basename(file);
  const inRoot = root === folder ? name : `${basename(folder)}/${name}`;
  const shownAs = root === folder ? dirname(file) : dirname(dirname(file));
  if (images.length === 0) return { mounts: [{ at: '', folder: root, shownAs }], files: [inRoot] };
  const only: Mount = { at: '', folder, accept: (path) => path === name, shownAs: dirname(file) };
  return { mounts: [only, ...images], files: [name] };
}

async function convertTree(options: ConvertOptions, { mounts, files }: Places): Promise<Conversion> {
  const source = options.source ?? options.annotations ?? '';
  const tree = await diskTree(mounts, resolve(options.out));
  const format = files ? 'coco' : await findFormat(tree);
  const dataset = format
    ? await annotatedSource(tree, format, source, { ...options, ...(files ? { files } : {}) })
    : await yoloSource(tree, source, options);
  const replace = options.existOk ? { replace: LAYOUT_ENTRIES } : {};
  const written = await fillFolder(options.out, replace, (staging) => writeDataset(dataset, source, staging));
  return {
    format: format ?? 'yolo',
    dataYaml: join(resolve(options.out), 'data.yaml'),
    names: dataset.names,
    splits: written,
    notes: dataset.notes,
    warnings: dataset.log.warnings,
    leftOut: dataset.log.leftOut,
  };
}

type Written = Conversion['splits'];

async function writeDataset(source: ConversionSource, name: string, out: string): Promise<Written> {
  const { splits, names, log } = source;
  const written: Partial<Record<Split, { images: number; objects: number }>> = {};
  const folders: Record<string, string> = {};
  for (const split of SPLITS) {
    if (splits[split].length === 0) continue;
    // With few images, the same ones may train and validate: they are written once.
    const isSame = split === 'val' && haveSameImages(splits.val, splits.train);
    folders[split] = isSame ? 'train' : split;
    const done = isSame ? written.train : await writeSplit(source, out, split);
    if (done) written[split] = done;
  }
  const used = Object.entries(written).filter(([, { images }]) => images > 0);
  if (used.every(([, { objects }]) => objects === 0)) throw nothingLeft(name, 'object can be used', log);
  await writeDataYaml(
    out,
    Object.fromEntries(used.map(([split]) => [split, folders[split] ?? split])),
    names,
  );
  return Object.fromEntries(used);
}

function haveSameImages(a: readonly ConvertedImage[], b: readonly ConvertedImage[]): boolean {
  return a.length === b.length && a.every(({ path }, i) => path === b[i]?.path);
}

async function writeSplit(
  { splits, labelsOf, fileOf }: ConversionSource,
  out: string,
  split: Split,
): Promise<{ images: number; objects: number }> {
  const images = splits[split];
  const files = uniqueNames(images.map(({ path }) => path));
  const counts = await mapLimited(images, 16, async ({ path }, index) => {
    const labels = await labelsOf(path);
    if (labels) await writeItem(out, split, fileOf(path), files[index] ?? '', labels.text);
    return labels?.objects;
  });
  const kept = counts.filter((objects) => objects !== undefined);
  return { images: kept.length, objects: kept.reduce((sum, objects) => sum + objects, 0) };
}
