/** The cleaned copy of a dataset that was checked. */
import { basename, extname, join, resolve } from 'node:path';
import type { CheckedImage } from '../check/statistics.js';
import { SPLITS, type Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import { formatLabels } from '../labels.js';
import { mapLimited } from './map-limited.js';
import { fillFolder } from './staging.js';
import { LAYOUT_ENTRIES, uniqueNames, writeDataYaml, writeItem } from './yolo-layout.js';

/** Writes images with rows that are cut to them and each once. @returns the dataset YAML */
export async function writeFixed(
  source: string,
  out: string,
  existOk: boolean,
  kept: readonly CheckedImage[],
  names: readonly string[],
): Promise<string> {
  if (kept.length === 0) throw new DatasetError(`${source}: nothing is left for a cleaned copy`);
  await fillFolder(out, existOk ? { replace: LAYOUT_ENTRIES } : {}, async (staging) => {
    const folders: Record<string, string> = {};
    for (const { split, folder, images } of distinctSplits(kept)) {
      folders[split] = folder;
      if (folder === split) await writeImages(staging, split, images);
    }
    await writeDataYaml(staging, folders, names);
  });
  return join(resolve(out), 'data.yaml');
}

/** Splits that share no image; one that has the very images of the training set stays the same folder. */
function distinctSplits(
  kept: readonly CheckedImage[],
): { split: Split; folder: string; images: readonly CheckedImage[] }[] {
  const pathsOf = (split: Split) =>
    new Set(kept.filter((image) => image.split === split).map(({ path }) => path));
  const [train, val, test] = [pathsOf('train'), pathsOf('val'), pathsOf('test')];
  const isTrain = (paths: ReadonlySet<string>) =>
    paths.size === train.size && [...paths].every((path) => train.has(path));
  const evaluated = new Set([val, test].filter((paths) => !isTrain(paths)).flatMap((paths) => [...paths]));
  const isKept = ({ split, path }: CheckedImage) => split !== 'train' || !evaluated.has(path);
  return SPLITS.flatMap((split) => {
    const images = kept.filter((image) => image.split === split && isKept(image));
    const folder = split !== 'train' && isTrain(pathsOf(split)) ? 'train' : split;
    return images.length > 0 ? [{ split, folder, images }] : [];
  });
}

async function writeImages(out: string, split: Split, images: readonly CheckedImage[]): Promise<void> {
  const names = uniqueNames(images.map(({ path }) => path));
  await mapLimited(images, 16, ({ path, rows }, i) =>
    writeItem(
      out,
      split,
      path,
      names[i] ?? basename(path, extname(path)),
      formatLabels(Float32Array.from(rows.flat())),
    ),
  );
}
