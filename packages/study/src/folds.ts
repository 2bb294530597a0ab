/** Cross-validation: the labeled images in parts, each of which validates a training on the others. */
import { join } from 'node:path';
import { makeFolder, writeAtomic } from '@froyolo/common/node';
import { Rng } from '@froyolo/data';
import { type DatasetImage, openDataset } from '@froyolo/data/node';
import { StudyError } from './errors.js';

/** Separates the random order of images from other random numbers of the same seed. */
const STREAM = 5;

/**
 * Deals images to parts of nearly equal size, so that each gets its share of every class: by their rarest class, in an
 * order that is the same each time.
 */
export function dealFolds<T extends { readonly labels: ArrayLike<number> }>(
  images: readonly T[],
  count: number,
): T[][] {
  const frequency = new Map<number, number>();
  for (const image of images)
    for (const cls of classesOf(image)) frequency.set(cls, (frequency.get(cls) ?? 0) + 1);
  const rarity = (image: T) => Math.min(...classesOf(image).map((cls) => frequency.get(cls) ?? 0));
  const shuffled = new Rng(0, STREAM).shuffle([...images]);
  const sorted = shuffled.map((image) => ({ image, key: rarity(image) })).sort((a, b) => a.key - b.key);
  const folds: T[][] = Array.from({ length: count }, () => []);
  sorted.forEach(({ image }, i) => {
    folds[i % count]?.push(image);
  });
  return folds;
}

const classesOf = ({ labels }: { readonly labels: ArrayLike<number> }) => [
  ...new Set(Array.from(labels).filter((_, i) => i % LABEL_COLUMNS === 0)),
];

/** Class, cx, cy, w, h. */
const LABEL_COLUMNS = 5;

/**
 * Writes a dataset YAML per fold. The images of `train` and `val` are split together; `test` stays as it is.
 * @param data dataset YAML
 * @param folder where they go; the same images are dealt alike each time
 * @returns a YAML for each fold that validates
 * @throws StudyError if there are fewer images than folds
 */
export async function writeFolds(data: string, count: number, folder: string): Promise<string[]> {
  const [train, val] = [await openDataset(data, 'train'), await openDataset(data, 'val')];
  const images = [...new Map([...train.images, ...val.images].map((image) => [image.path, image])).values()];
  if (images.length < count)
    throw new StudyError(
      `${data} has ${images.length} images to train and validate on: too few for ${count} folds`,
    );
  const folds = dealFolds(images, count);
  makeFolder(folder);
  const files: string[] = [];
  for (const index of folds.keys()) files.push(await writeFold(folds, index, train.names, folder));
  return files;
}

async function writeFold(
  folds: readonly (readonly DatasetImage[])[],
  index: number,
  names: readonly string[],
  folder: string,
): Promise<string> {
  const list = async (name: string, images: readonly DatasetImage[]) => {
    await writeAtomic(join(folder, name), `${images.map(({ path }) => path).join('\n')}\n`);
    return name;
  };
  const number = index + 1;
  const val = await list(`fold${number}-val.txt`, folds[index] ?? []);
  const train = await list(`fold${number}-train.txt`, folds.filter((_, i) => i !== index).flat());
  const file = join(folder, `fold${number}.yaml`);
  await writeAtomic(file, `path: .\ntrain: ${train}\nval: ${val}\nnames: ${JSON.stringify(names)}\n`);
  return file;
}
