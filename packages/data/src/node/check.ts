/** Checks a dataset: lists every problem with its place, figures, and writes a cleaned copy. */
import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { findDuplicates } from '../check/duplicates.js';
import { type Finding, finding } from '../check/findings.js';
import {
  type CheckedImage,
  type ClassFigures,
  classFigures,
  classFindings,
  objectsPerImage,
} from '../check/statistics.js';
import { missingYaml } from '../convert/missing-yaml.js';
import type { Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { LIMITS } from '../limits.js';
import { writeFixed } from './check-fix.js';
import { Inspection } from './check-images.js';
import { loadDatasetConfig } from './dataset.js';
import { readTextBounded } from './files.js';
import { listFiles } from './find-images.js';
import { mapLimited } from './map-limited.js';
import { diskTree } from './tree.js';
import { isZipPath, withUnzipped } from './unzip.js';

export interface CheckOptions {
  /** Long side of the training images in pixels; box sizes are reported at that size. Default 640. */
  readonly imgsz?: number;
  /** Folder for a cleaned copy; it must be empty or missing. */
  readonly fix?: string;
  /** Replace what an earlier call wrote to `fix`. */
  readonly existOk?: boolean;
  /** Called with the number of images examined, and of all. */
  onProgress?(done: number, total: number): void;
}

export interface SplitFigures {
  /** Number of images in the split, and of those that training uses. */
  readonly images: number;
  readonly usable: number;
  readonly unlabeled: number;
  readonly objects: number;
}

export interface CheckReport {
  readonly dataset: string;
  readonly imgsz: number;
  readonly splits: Readonly<Partial<Record<Split, SplitFigures>>>;
  readonly classes: readonly ClassFigures[];
  readonly objectsPerImage: readonly { readonly range: string; readonly images: number }[];
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** The dataset YAML of the cleaned copy. */
  readonly fixed?: string;
}

/**
 * Looks at every image and label of a dataset. Paths in the report are relative to the root of the dataset.
 * @param source a dataset YAML, or a folder or zip archive with one
 * @throws DatasetError or ConfigError when there is no dataset
 */
export async function checkDataset(source: string, options: CheckOptions = {}): Promise<CheckReport> {
  if (isZipPath(source))
    return withUnzipped(source, async (folder) => checkYaml(await yamlIn(folder, source), source, options));
  const isFolder = (await stat(source).catch(() => undefined))?.isDirectory() ?? false;
  return checkYaml(isFolder ? await yamlIn(source, source) : source, source, options);
}

/** The dataset YAML nearest to the top of a folder. */
async function yamlIn(folder: string, source: string): Promise<string> {
  const yamls = (await listFiles(folder)).filter((path) => /\.ya?ml$/i.test(path));
  const texts = await Promise.all(
    yamls.map((path) => readTextBounded(path, LIMITS.yamlBytes).catch(() => '')),
  );
  const depth = (path: string) => path.split(/[\\/]/).length;
  const [yaml] = yamls
    .filter((_, i) => /^names\s*:/m.test(texts[i] ?? ''))
    .sort(
      (a, b) =>
        depth(a) - depth(b) || Number(/^data\./.test(basename(b))) - Number(/^data\./.test(basename(a))),
    );
  if (yaml) return yaml;
  const labels = await missingYaml(await diskTree([{ at: '', folder }]));
  if (labels !== undefined) throw new DatasetError(`${source}: ${labels}`);
  throw new DatasetError(
    `${source}: no dataset YAML in it; VOC and COCO annotations are converted first: froyolo data convert`,
  );
}

async function checkYaml(yaml: string, source: string, options: CheckOptions): Promise<CheckReport> {
  const { imgsz = 640 } = options;
  const config = await loadDatasetConfig(yaml);
  const check = new Inspection(config, config.path ?? dirname(resolve(yaml)), imgsz);
  const listed = await check.list(basename(yaml));
  let done = 0;
  const total = listed.reduce((sum, { paths }) => sum + paths.length, 0);
  for (const { split, paths } of listed)
    await mapLimited(paths, 8, async (path) => {
      await check.image(path, split);
      options.onProgress?.(++done, total);
    });
  await check.orphans();
  const images = check.readable();
  const classes = classFigures(config.names, images, imgsz);
  const duplicates = findDuplicates(check.fingerprints());
  const findings = [
    ...check.findings,
    ...sharedImages(listed, basename(yaml)),
    ...check.countedFromOne(basename(yaml)),
    ...duplicates.findings,
    ...classFindings(classes, basename(yaml)),
  ];
  const fixed =
    options.fix === undefined
      ? {}
      : {
          fixed: await writeFixed(
            source,
            options.fix,
            options.existOk ?? false,
            images.filter((image) => !check.isAmong(image, duplicates.exact)),
            config.names,
          ),
        };
  return {
    dataset: source,
    imgsz,
    splits: Object.fromEntries(
      listed.map(({ split, paths }) => [split, figuresOf(split, paths.length, images)]),
    ),
    classes,
    objectsPerImage: objectsPerImage(images),
    findings: sorted(findings),
    ...fixed,
  };
}

/** Finds splits that list the same files. */
function sharedImages(
  listed: readonly { readonly split: Split; readonly paths: readonly string[] }[],
  file: string,
): Finding[] {
  return listed.flatMap(({ split, paths }, i) =>
    listed.slice(0, i).flatMap((other) => {
      const there = new Set(other.paths);
      const count = paths.filter((path) => there.has(path)).length;
      const message = `${count} of ${paths.length} images of "${split}" are in "${other.split}", too: figures on them say little`;
      return count > 0 ? [finding('same-images', { split, file }, message)] : [];
    }),
  );
}

function figuresOf(split: Split, count: number, all: readonly CheckedImage[]): SplitFigures {
  const images = all.filter((image) => image.split === split);
  const usable = images.filter(({ isLeftOut }) => !isLeftOut);
  return {
    images: count,
    usable: usable.length,
    unlabeled: usable.filter(({ rows }) => rows.length === 0).length,
    objects: images.reduce((sum, { rows }) => sum + rows.length, 0),
  };
}

const RANKS = ['error', 'warning', 'note'];

function sorted(findings: readonly Finding[]): Finding[] {
  const key = ({ kind, file, line = 0 }: Finding) => `${kind}\n${file}\n${String(line).padStart(9, '0')}`;
  return [...findings].sort(
    (a, b) => RANKS.indexOf(a.severity) - RANKS.indexOf(b.severity) || (key(a) < key(b) ? -1 : 1),
  );
}
