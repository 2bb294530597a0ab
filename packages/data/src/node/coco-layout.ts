import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Split } from '../dataset-yaml.js';
import { DatasetError } from '../errors.js';
import type { ConvertCocoOptions } from './coco.js';

type Splits = ConvertCocoOptions['splits'];

/** The file that exports in COCO format keep beside the images of each split. */
const BESIDE_IMAGES = '_annotations.coco.json';

/**
 * The COCO annotations that a path stands for, each with its folder of images: an instances file, a folder with
 * `annotations/instances_*.json` (images in `NAME` or `images/NAME`, as in `train2017`), or one whose folders `train`, `valid`
 * and `test` hold `_annotations.coco.json` beside the images. Undefined where there are none.
 * @param images folder of the images, where it isn't the usual one
 * @throws DatasetError when the images aren't there, or two files are for one split
 */
export async function findCoco(path: string, images?: string): Promise<Splits | undefined> {
  if (/\.json$/i.test(path)) return together([await inFile(path, images)]);
  const [listed, beside] = [join(path, 'annotations'), await foldersWith(path, BESIDE_IMAGES)];
  const files = (await namesIn(listed)).filter((name) => /^instances_.+\.json$/.test(name)).sort();
  if (files.length > 0) return together(files.map((name) => listedIn(path, name, images)));
  if (beside.length === 0) return undefined;
  return together(
    beside.map((folder) => ({
      split: splitOf(basename(folder)),
      annotations: join(folder, BESIDE_IMAGES),
      images: images ?? folder,
    })),
  );
}

interface Found {
  readonly split: Split;
  readonly annotations: string;
  readonly images: string;
}

function together(found: readonly Found[]): Splits {
  const splits: Splits = {};
  for (const { split, annotations, images } of found) {
    const other = splits[split];
    if (other)
      throw new DatasetError(
        `${annotations}: "${split}" has annotations in ${other.annotations} already; convert them one by one`,
      );
    splits[split] = { annotations, images };
  }
  return splits;
}

async function inFile(file: string, images?: string): Promise<Found> {
  const name = basename(file).replace(/\.json$/i, '');
  const folder = dirname(file);
  if (images || !name.startsWith('instances_'))
    return { split: splitOf(name), annotations: file, images: images ?? folder };
  return listedIn(dirname(folder), basename(file), undefined, folder);
}

/** `annotations/instances_train2017.json`, whose images are in `train2017` or `images/train2017`. */
function listedIn(
  root: string,
  file: string,
  images: string | undefined,
  folder = join(root, 'annotations'),
): Found {
  const annotations = join(folder, file);
  const name = file.replace(/^instances_/, '').replace(/\.json$/, '');
  const places = images ? [images] : [join(root, name), join(root, 'images', name)];
  const place = places.find((candidate) => existsSync(candidate));
  if (!place)
    throw new DatasetError(`${annotations}: no images in ${places.join(' or ')}; name their folder`);
  return { split: splitOf(name), annotations, images: place };
}

/** By how a name begins or what it contains; what says nothing is for training. */
function splitOf(name: string): Split {
  const found = /(train|val|test)/i.exec(name);
  return (found?.[1]?.toLowerCase() as Split | undefined) ?? 'train';
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function foldersWith(root: string, file: string): Promise<string[]> {
  const folders = (await namesIn(root)).sort().map((name) => join(root, name));
  return folders.filter((folder) => existsSync(join(folder, file)));
}
