/** A dataset split that has been read and checked, wherever its files are. */
import type { Split } from './dataset-yaml.js';
import type { Labels, Segments } from './labels.js';

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

/** A split that has been read and checked. */
export interface Dataset {
  split: Split;
  images: DatasetImage[];
  names: readonly string[];
  /** One line per bad file or repair, each naming the file. */
  warnings: string[];
  /** Images without a label file, with an empty one, and skipped as corrupt. */
  counts: { missing: number; empty: number; corrupt: number };
}

/** Images with a shorter side are taken for damaged. */
export const MIN_SIDE = 10;
