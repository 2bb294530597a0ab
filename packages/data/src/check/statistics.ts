/** Figures of a dataset: classes, sizes of boxes, objects in an image. */
import type { Split } from '../dataset-yaml.js';
import { type Finding, finding } from './findings.js';

/** An image that can be used, with rows of `[class, cx, cy, w, h]`. */
export interface CheckedImage {
  readonly path: string;
  /** Whether training leaves it out, because a row of its labels can't be used. */
  readonly isLeftOut: boolean;
  readonly split: Split;
  readonly width: number;
  readonly height: number;
  readonly rows: readonly (readonly number[])[];
}

export interface ClassFigures {
  readonly name: string;
  readonly objects: Readonly<Record<Split, number>>;
  /** Images with an object of the class, of all splits. */
  readonly images: number;
  /** Boxes below 32 x 32, below 96 x 96 and above, in pixels at the size of training, as COCO counts them. */
  readonly small: number;
  readonly medium: number;
  readonly large: number;
  /** Median width and height in pixels at the size of training; 0 without objects. */
  readonly width: number;
  readonly height: number;
}

/** Objects of the most frequent class for one of a class that counts as rare. */
const IMBALANCE = 100;

export function classFigures(
  names: readonly string[],
  images: readonly CheckedImage[],
  imgsz: number,
): ClassFigures[] {
  const boxes = names.map((): { split: Split; path: string; w: number; h: number }[] => []);
  for (const { path, split, width, height, rows } of images) {
    const scale = imgsz / Math.max(width, height);
    for (const [cls = 0, , , w = 0, h = 0] of rows)
      boxes[cls]?.push({ split, path, w: w * width * scale, h: h * height * scale });
  }
  return names.map((name, cls) => {
    const own = boxes[cls] ?? [];
    const inSplit = (split: Split) => own.filter((box) => box.split === split).length;
    const small = own.filter(({ w, h }) => w * h < 32 ** 2).length;
    const large = own.filter(({ w, h }) => w * h >= 96 ** 2).length;
    return {
      name,
      objects: { train: inSplit('train'), val: inSplit('val'), test: inSplit('test') },
      images: new Set(own.map(({ path }) => path)).size,
      small,
      medium: own.length - small - large,
      large,
      width: median(own.map(({ w }) => w)),
      height: median(own.map(({ h }) => h)),
    };
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** How many images have 0, 1, 2, 3 to 5, 6 to 10, … objects. */
export function objectsPerImage(images: readonly CheckedImage[]): { range: string; images: number }[] {
  const limits = [0, 1, 2, 5, 10, 20, 50, 100, Number.POSITIVE_INFINITY];
  return limits.map((limit, i) => {
    const low = (limits[i - 1] ?? -1) + 1;
    const range =
      limit === Number.POSITIVE_INFINITY
        ? `${low} and more`
        : low === limit
          ? `${limit}`
          : `${low} to ${limit}`;
    return { range, images: images.filter(({ rows }) => rows.length >= low && rows.length <= limit).length };
  });
}

/** What the figures of the classes say. @param file the dataset YAML */
export function classFindings(figures: readonly ClassFigures[], file: string): Finding[] {
  const most = Math.max(0, ...figures.map(({ objects }) => objects.train));
  const seen = new Map<string, number>();
  return figures.flatMap(({ name, objects }, index) => {
    const place = { file };
    const called = `class ${index} "${name}"`;
    const first = seen.get(name);
    seen.set(name, first ?? index);
    const twice =
      first === undefined ? [] : [finding('class-name', place, `${called} is called as class ${first} is`)];
    if (objects.train + objects.val + objects.test === 0)
      return [...twice, finding('class-without-objects', place, `${called} has no objects`)];
    if (objects.train === 0)
      return [
        ...twice,
        finding(
          'class-only-validated',
          place,
          `${called} has no object to train on, ${objects.val} to validate and ${objects.test} to test`,
        ),
      ];
    if (objects.train * IMBALANCE < most)
      return [
        ...twice,
        finding(
          'class-imbalance',
          place,
          `${called} has ${objects.train} objects to train on, the most frequent class ${most}`,
        ),
      ];
    return twice;
  });
}
