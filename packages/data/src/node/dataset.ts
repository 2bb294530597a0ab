import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Dataset, type DatasetImage, MIN_SIDE } from '../dataset.js';
import { type DatasetConfig, parseDatasetYaml, type Split } from '../dataset-yaml.js';
import { ConfigError, DatasetError, ImageError, LabelError } from '../errors.js';
import { type Labels, labelPathOf, parseLabels } from '../labels.js';
import { mapLimited, reasonOf } from './atomic.js';
import { findImages } from './find-images.js';
import { checkComplete, imageSize } from './image-file.js';
import { readScan, type Scan, scanKey, writeScan } from './label-cache.js';

export type { Dataset, DatasetImage };

/** How {@link openDataset} reads. */
export interface OpenDatasetOptions {
  /** Treat every object as one class "item" (index 0). */
  singleCls?: boolean;
  /** Keep label scans in a cache file beside the label folder. Default true. */
  cacheLabels?: boolean;
  /** Folder that relative paths of a config given as an object start from. Default the working directory. */
  root?: string;
}

/** Reads a dataset YAML file; see `parseDatasetYaml`. `path` in the result is absolute. Throws {@link ConfigError}. */
export async function loadDatasetConfig(file: string): Promise<DatasetConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(file, undefined, `can't be read: ${reasonOf(error)}`);
  });
  const config = parseDatasetYaml(text, file);
  return { ...config, path: resolve(dirname(file), config.path ?? '.') };
}

/**
 * Opens one split: finds the images, reads and checks every label file. Images that can't be used are left out with a
 * warning that names the file (and line); images without labels are kept as background.
 * @param data path of a dataset YAML, or its parsed content
 * @throws DatasetError when the split isn't named or has no usable image
 */
export async function openDataset(
  data: string | DatasetConfig,
  split: Split,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const config = typeof data === 'string' ? await loadDatasetConfig(data) : data;
  const label = typeof data === 'string' ? data : 'dataset';
  const root = resolve(options.root ?? '.', config.path ?? '.');
  if (config[split].length === 0)
    throw new DatasetError(`${label}: no "${split}" entry; name a folder, a list or a .txt file`);
  const paths = await listSplit(config, split, root);
  if (paths.length === 0)
    throw new DatasetError(`${label}: no images found for "${split}" in ${config[split].join(', ')}`);
  const { scan, warnings } = await scanCached(paths, config.names.length, split, options.cacheLabels ?? true);
  if (scan.images.length === 0) {
    throw new DatasetError(
      `${label}: none of the ${paths.length} images of "${split}" can be used; first: ${scan.warnings[0]}`,
    );
  }
  if (scan.images.every(({ labels }) => labels.length === 0)) {
    const where = labelPathOf(scan.images[0]!.path);
    warnings.push(`${label}: no labels found for "${split}"; looked for ${where} and its like`);
  }
  const single = options.singleCls ?? false;
  return {
    split,
    images: scan.images.map((image) => toImage(image, single)),
    names: single ? ['item'] : config.names,
    warnings,
    counts: { missing: scan.missing, empty: scan.empty, corrupt: scan.corrupt },
  };
}

async function listSplit(config: DatasetConfig, split: Split, root: string): Promise<string[]> {
  try {
    const lists = await Promise.all(config[split].map((entry) => findImages(resolve(root, entry))));
    return [...new Set(lists.flat())];
  } catch (error) {
    if (!(error instanceof DatasetError) || !config.download) throw error;
    throw new DatasetError(
      `${error.message}. The YAML's download entry is not run; get the data by hand: ${config.download}`,
    );
  }
}

async function scanCached(paths: string[], numClasses: number, split: Split, useCache: boolean) {
  if (!useCache) {
    const scan = await scanImages(paths, numClasses);
    return { scan, warnings: [...scan.warnings] };
  }
  const file = `${dirname(labelPathOf(paths[0]!))}.${split}.froyolo-cache`;
  const key = await scanKey([...paths, ...paths.map(labelPathOf)], numClasses);
  const cached = await readScan(file, key);
  if (cached) return { scan: cached, warnings: [...cached.warnings] };
  const scan = await scanImages(paths, numClasses);
  const failure = await writeScan(file, key, scan);
  return { scan, warnings: failure ? [...scan.warnings, failure] : [...scan.warnings] };
}

async function scanImages(paths: string[], numClasses: number): Promise<Scan> {
  const scan: Scan = { images: [], warnings: [], missing: 0, empty: 0, corrupt: 0 };
  const results = await mapLimited(paths, 16, (path) => scanImage(path, numClasses));
  for (const result of results) {
    scan.warnings.push(...result.warnings);
    if (!result.image) scan.corrupt += 1;
    else scan.images.push(result.image);
    if (result.missing) scan.missing += 1;
    else if (result.image?.labels.length === 0) scan.empty += 1;
  }
  return scan;
}

interface ScanResult {
  image?: Scan['images'][number];
  warnings: string[];
  missing: boolean;
}

async function scanImage(path: string, numClasses: number): Promise<ScanResult> {
  try {
    const { width, height } = await imageSize(path);
    if (Math.min(width, height) < MIN_SIDE) {
      throw new ImageError(
        path,
        `${width}x${height} is too small; both sides must be at least ${MIN_SIDE} pixels`,
      );
    }
    await checkComplete(path);
    const { warnings, missing, ...read } = await readLabels(path, numClasses);
    return { image: { path, width, height, ...read }, warnings, missing };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof LabelError)) throw error;
    const skipped = error instanceof LabelError ? ` (${path} skipped)` : ' (skipped)';
    return { warnings: [`${error.message}${skipped}`], missing: false };
  }
}

async function readLabels(path: string, numClasses: number) {
  const file = labelPathOf(path);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { labels: [], warnings: [], missing: true };
    }
    throw new LabelError(file, undefined, `can't be read: ${reasonOf(error)}`);
  }
  const { labels, segments, warnings } = parseLabels(text, file, numClasses);
  const polygons = segments ? { segments: segments.map((points) => (points ? Array.from(points) : [])) } : {};
  return { labels: Array.from(labels), ...polygons, warnings, missing: false };
}

function toImage({ segments, ...image }: Scan['images'][number], singleCls: boolean): DatasetImage {
  const labels = toLabels(image.labels, singleCls);
  if (!segments) return { ...image, labels };
  const polygons = segments.map((points) => (points.length > 0 ? Float32Array.from(points) : undefined));
  return { ...image, labels, segments: polygons };
}

function toLabels(values: number[], singleCls: boolean): Labels {
  const labels = Float32Array.from(values);
  if (singleCls) for (let i = 0; i < labels.length; i += 5) labels[i] = 0;
  return labels;
}
