/** What is converted: images by split, and the labels of each as YOLO writes them. */
import { type AnnotatedImage, labelRowsOf } from '../convert/annotated.js';
import type { ShownSize } from '../convert/frame.js';
import { ConversionLog } from '../convert/log.js';
import {
  type AnnotationFormat,
  noAnnotations,
  type OpenAnnotatedOptions,
  openAnnotated,
} from '../convert/open.js';
import { fileOf as baseOf, isHidden } from '../convert/tree.js';
import { openYoloFolder, type YoloFolder } from '../convert/yolo-folder.js';
import { type LabelText, renumbered } from '../convert/yolo-labels.js';
import { SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError, ImageError } from '../errors.js';
import { formatLabels, LABEL_COLUMNS } from '../labels.js';
import { LIMITS } from '../limits.js';
import { checkImage } from './image-file.js';
import type { DiskTree } from './tree.js';

export interface ConvertedImage {
  /** Path in the tree. */
  readonly path: string;
}

export interface ConversionSource {
  readonly splits: Readonly<Record<Split, readonly ConvertedImage[]>>;
  readonly names: readonly string[];
  /** How files were interpreted, for the user. */
  readonly notes: readonly string[];
  readonly log: ConversionLog;
  /** The file of an image. */
  fileOf(path: string): string;
  /** Labels of an image; undefined if it can't be used, which is logged. */
  labelsOf(path: string): Promise<LabelText | undefined>;
}

/** Pascal VOC or COCO annotations. @param source for messages @throws DatasetError or LabelError when nothing can be used */
export async function annotatedSource(
  tree: DiskTree,
  format: AnnotationFormat,
  source: string,
  options: OpenAnnotatedOptions,
): Promise<ConversionSource> {
  const { splits, names, notes, log } = await openAnnotated(tree, format, source, options);
  const images = new Map(
    SPLITS.flatMap((split) => splits[split]).map((image): [string, AnnotatedImage] => [image.path, image]),
  );
  return {
    splits,
    names,
    notes,
    log,
    fileOf: tree.fileOf,
    async labelsOf(path) {
      const image = images.get(path);
      const size = image && (await sizeOf(tree, path, image.where, log));
      const rows = size && labelRowsOf(image, names, size, log);
      return rows && { text: formatLabels(Float32Array.from(rows)), objects: rows.length / LABEL_COLUMNS };
    },
  };
}

/**
 * A folder of YOLO's labels without a dataset YAML. Images without a label file are background.
 * @param source for messages
 * @throws DatasetError without labels, or where a dataset YAML says that nothing is to be converted
 */
export async function yoloSource(
  tree: DiskTree,
  source: string,
  { classes, holdOutEvery }: Pick<OpenAnnotatedOptions, 'classes' | 'holdOutEvery'>,
): Promise<ConversionSource> {
  const folder = await openYoloFolder(tree, { holdOutEvery });
  if (!folder) throw await noAnnotations(source, tree);
  await refuseDatasetYaml(tree);
  const log = new ConversionLog();
  const { names, labels } = folder;
  const asked = classes ?? names;
  const { length } = tree.images.filter((path) => !labels.has(path));
  if (length > 0)
    log.note(source, `${length} ${length === 1 ? 'image has' : 'images have'} no label file: background`);
  return {
    splits: imagesOf(folder),
    names: asked,
    notes: folder.notes,
    log,
    fileOf: tree.fileOf,
    async labelsOf(path) {
      const file = labels.get(path);
      if (!(await sizeOf(tree, path, tree.where(path), log))) return undefined;
      if (file === undefined) return { text: '', objects: 0 };
      try {
        return renumbered(await tree.text(file, LIMITS.labelBytes), tree.where(file), { names, asked }, log);
      } catch (error) {
        return log.leaveOutFile(tree.where(file), error);
      }
    },
  };
}

const imagesOf = (folder: YoloFolder): ConversionSource['splits'] => {
  const split = (name: Split) => folder[name].map((path) => ({ path }));
  return { train: split('train'), val: split('val'), test: split('test') };
};

/** The size of an image; undefined for one that can't be used, which is logged. */
async function sizeOf(
  tree: DiskTree,
  path: string,
  where: string,
  log: ConversionLog,
): Promise<ShownSize | undefined> {
  try {
    return await checkImage(tree.fileOf(path));
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    log.leaveOut('badImage', where, error.message);
    return undefined;
  }
}

/** Refuses a source with a dataset YAML: it names splits and classes, and can be trained on as it is. */
async function refuseDatasetYaml(tree: DiskTree): Promise<void> {
  for (const path of tree.paths.filter((file) => /\.ya?ml$/i.test(file) && !isHidden(file))) {
    const text = await tree.text(path, LIMITS.yamlBytes).catch(() => '');
    if (!/^names\s*:/m.test(text)) continue;
    throw new DatasetError(
      `${tree.where(path)}: this is a dataset in YOLO's layout already: unpacked, it is trained on with --data ${baseOf(path)}; froyolo data check --fix writes a cleaned copy`,
    );
  }
}
