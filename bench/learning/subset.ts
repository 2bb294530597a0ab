/** Fewer images of a dataset: nested, so that a larger subset has all of a smaller one. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { Rng } from '@froyolo/data';
import { openDataset } from '@froyolo/data/node';

/** Apart from what else is drawn from a seed. */
const STREAM = 12345;

/** The first `count` of a list that is shuffled alike for every count. */
export function nestedSubset<T>(items: readonly T[], count: number): T[] {
  return new Rng(0, STREAM).shuffle([...items]).slice(0, count);
}

/**
 * Writes a dataset YAML whose training images are a subset.
 * @param count 0 for all
 * @param isWritten whether one is written for all images, too: by absolute paths, as YOLOv5 needs it, which looks for relative ones
 * where its own code lies
 */
export async function writeSubset(
  data: string,
  count: number,
  folder: string,
  isWritten = false,
): Promise<{ readonly data: string; readonly trainImages: number }> {
  const [train, val] = [await openDataset(data, 'train'), await openDataset(data, 'val')];
  const all = train.images.length;
  const isWhole = count === 0 || count >= all;
  if (isWhole && !isWritten) return { data, trainImages: all };
  const trainImages = isWhole ? all : count;
  mkdirSync(folder, { recursive: true });
  const list = async (name: string, paths: readonly string[]) => {
    await writeAtomic(join(folder, name), `${paths.join('\n')}\n`);
    return name;
  };
  const trainList = await list(
    'train.txt',
    nestedSubset(train.images, trainImages).map(({ path }) => path),
  );
  const valList = await list(
    'val.txt',
    val.images.map(({ path }) => path),
  );
  const yaml = `path: ${JSON.stringify(resolve(folder))}\ntrain: ${trainList}\nval: ${valList}\nnames: ${JSON.stringify(train.names)}\n`;
  const file = join(folder, 'data.yaml');
  await writeAtomic(file, yaml);
  return { data: file, trainImages };
}
