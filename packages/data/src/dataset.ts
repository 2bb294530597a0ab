/** A dataset split that has been read and checked, wherever its files are. */
import type { Split } from './dataset-yaml.js';
import type { Labels, Segments } from './labels.js';
import { LABEL_ROW } from './rows.js';

/** An image that is usable, with its size after orientation and its labels. */
export interface DatasetImage {
  path: string;
  width: number;
  height: number;
  /** Rows of `[class, cx, cy, w, h]`, normalized. */
  labels: Labels;
  /** Polygons of the labels; absent where all are boxes. */
  segments?: Segments;
}

/** Images without a label file, with an empty one, and skipped as corrupt. */
export interface DatasetCounts {
  missing: number;
  empty: number;
  corrupt: number;
}

/** A split that has been read and checked. */
export interface Dataset {
  split: Split;
  images: DatasetImage[];
  names: readonly string[];
  /** One line per bad file or repair, each naming the file. */
  warnings: string[];
  counts: DatasetCounts;
}

/**
 * The same split with other classes.
 * @param classOf the new class of each old one
 * @param names of the new classes
 */
export function withClasses<D extends Pick<Dataset, 'images' | 'names'>>(
  dataset: D,
  classOf: (classId: number) => number,
  names: readonly string[],
): D {
  const images = dataset.images.map((image) => {
    const labels = image.labels.map((value, i) =>
      i % LABEL_ROW.width === LABEL_ROW.at.cls ? classOf(value) : value,
    );
    return { ...image, labels };
  });
  return { ...dataset, images, names };
}

/** Images with a shorter side are taken for damaged. */
export const MIN_SIDE = 10;

/**
 * What a split holds, in words: `8 images (1 with labels, 7 without a label file, 2 left out)`; just `8 images` where all
 * have labels.
 */
export function describeImages({ images, counts }: Pick<Dataset, 'images' | 'counts'>): string {
  const { missing, empty, corrupt } = counts;
  const total = `${images.length} ${images.length === 1 ? 'image' : 'images'}`;
  const parts = [
    [images.length - missing - empty, 'with labels'],
    [missing, 'without a label file'],
    [empty, 'with an empty label file'],
    [corrupt, 'left out'],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return missing + empty + corrupt === 0 ? total : `${total} (${told.join(', ')})`;
}
