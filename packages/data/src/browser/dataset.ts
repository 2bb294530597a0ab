/** Datasets from files that a visitor opened. */
import type { Dataset } from '../dataset.js';
import type { Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { chunk } from '../rect.js';
import { combineScans, type ScannedImage, scanImage } from '../scan.js';
import { annotatedLayout } from './annotated-layout.js';
import { checkImage } from './decode-image.js';
import { FileIndex } from './file-index.js';
import type { Layout, ShownImage } from './layout.js';
import type { SourceFile } from './source-files.js';
import { plainLayout, yamlLayout } from './yolo-layout.js';

/** Images that are decoded at the same time to be checked. */
const PARALLEL = 16;

/** A split with the files of its images, by path. */
export interface BrowserDataset extends Dataset {
  readonly files: ReadonlyMap<string, Blob>;
}

export interface OpenedDatasets {
  readonly train: BrowserDataset;
  readonly val: BrowserDataset;
  /** How the files were understood, for the user. */
  readonly notes: readonly string[];
}

export interface OpenDatasetsOptions {
  /** Images checked, of all. */
  onProgress?(done: number, total: number): void;
}

/**
 * Finds out how a folder of images is labeled and reads it: a dataset YAML with YOLO labels, COCO or Pascal VOC
 * annotations, or YOLO labels alone. Images that can't be used are left out with a warning; images without labels are
 * background.
 * @throws DatasetError when there are no images, no labels, or none that can be used; ConfigError for a bad YAML
 */
export async function openDatasets(
  files: readonly SourceFile[],
  { onProgress }: OpenDatasetsOptions = {},
): Promise<OpenedDatasets> {
  const index = new FileIndex(files);
  if (index.images.length === 0)
    throw new DatasetError(
      `none of the ${files.length} opened files is an image (JPEG, PNG, WebP, GIF, BMP, AVIF); open a folder or zip with images and their labels`,
    );
  const layout = await layoutOf(index);
  const total = new Set([...layout.train, ...layout.val]).size;
  let done = 0;
  const checked = new Map<string, Promise<ScannedImage>>();
  const source = scanFiles(index, layout);
  // An image that is in both splits is read once.
  const scan = (path: string) => {
    const known = checked.get(path);
    if (known) return known;
    const scanned = scanImage(source, path).finally(() => onProgress?.(++done, total));
    checked.set(path, scanned);
    return scanned;
  };
  const train = await openSplit(index, layout, 'train', scan);
  const val = await openSplit(index, layout, 'val', scan);
  return { train, val, notes: layout.notes };
}

async function layoutOf(index: FileIndex): Promise<Layout> {
  const candidates = index.paths.filter((path) => /\.ya?ml$/i.test(path));
  const texts = await Promise.all(
    candidates.map((path) => index.text(path, LIMITS.yamlBytes).catch(() => '')),
  );
  // Hyperparameters and architectures are YAML too; only a dataset names classes.
  const yamls = candidates.filter((_, i) => /^names\s*:/m.test(texts[i] ?? ''));
  // Prefers the file nearest to the top, and data.yaml among several there.
  const [yaml] = yamls.sort((a, b) => depth(a) - depth(b) || Number(isDataYaml(b)) - Number(isDataYaml(a)));
  const layout = yaml
    ? await yamlLayout(index, yaml)
    : ((await annotatedLayout(index)) ?? (await plainLayout(index)));
  if (layout) return layout;
  throw new DatasetError(
    `${index.images.length} images but no labels: open a folder or zip that also holds YOLO labels (a .txt for each image, best with a data.yaml), COCO (.json) or Pascal VOC annotations (.xml)`,
  );
}

const depth = (path: string) => path.split('/').length;
const isDataYaml = (path: string) => /(^|\/)data\.ya?ml$/i.test(path);

/** How the scan reads opened files; labels may depend on the orientation that the image was shown in. */
function scanFiles(index: FileIndex, layout: Layout) {
  const shown = new Map<string, ShownImage>();
  return {
    async checkImage(path: string) {
      const image = await checkImage(index.blob(path), path);
      shown.set(path, image);
      return image;
    },
    labelsOf: (path: string, size: ShownImage) => layout.labelsOf(path, shown.get(path) ?? size),
  };
}

async function openSplit(
  index: FileIndex,
  layout: Layout,
  split: Extract<Split, 'train' | 'val'>,
  scan: (path: string) => Promise<ScannedImage>,
): Promise<BrowserDataset> {
  const scanned: ScannedImage[] = [];
  for (const paths of chunk(layout[split], PARALLEL)) scanned.push(...(await Promise.all(paths.map(scan))));
  const { images, warnings, counts } = combineScans(scanned, layout.names.length);
  if (images.length === 0)
    throw new DatasetError(`none of the ${scanned.length} images can be used; first: ${warnings[0]}`);
  if (split === 'train' && images.every(({ labels }) => labels.length === 0))
    throw new DatasetError(
      `none of the ${images.length} training images has a box; put label files beside the images or in a "labels" folder beside "images"`,
    );
  return {
    split,
    images,
    names: layout.names,
    warnings: [...(layout.warnings ?? []), ...warnings],
    counts,
    files: new Map(images.map(({ path }) => [path, index.blob(path)])),
  };
}
