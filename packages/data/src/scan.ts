/** Reading a split: every image and its labels are checked, what can't be used is left out with a warning. */
import { type DatasetCounts, type DatasetImage, MIN_SIDE } from './dataset.js';
import { ClassError, ImageError, LabelError } from './errors.js';
import type { ParsedLabels } from './labels.js';
import { LABEL_COLUMNS } from './labels.js';

/** Labels of an image; `missing` where no file holds any. */
export interface ImageLabels extends ParsedLabels {
  readonly missing: boolean;
}

/** How the files of a dataset are read: from a disk, or out of what a visitor opened. */
export interface ScanFiles {
  /** The size of an image that can be decoded. @throws ImageError */
  checkImage(path: string): Promise<{ width: number; height: number }>;
  /** @throws LabelError */
  labelsOf(path: string, size: { width: number; height: number }): Promise<ImageLabels>;
}

/** An image that was looked at: usable, or the reason why it isn't. */
export interface ScannedImage {
  readonly image?: DatasetImage;
  readonly warnings: readonly string[];
  readonly missing: boolean;
  /** A class that the dataset doesn't name, where that is the reason. */
  readonly unknownClass?: number;
}

/** A split that was read. */
export interface ScanResult {
  readonly images: DatasetImage[];
  readonly warnings: string[];
  readonly counts: DatasetCounts;
}

export async function scanImage(files: ScanFiles, path: string): Promise<ScannedImage> {
  try {
    const { width, height } = await files.checkImage(path);
    if (Math.min(width, height) < MIN_SIDE)
      throw new ImageError(
        path,
        `${width}x${height} is too small; both sides must be at least ${MIN_SIDE} pixels`,
      );
    const { warnings, missing, ...labels } = await files.labelsOf(path, { width, height });
    return { image: { path, width, height, ...labels }, warnings, missing };
  } catch (error) {
    if (!(error instanceof ImageError || error instanceof LabelError)) throw error;
    const skipped = error instanceof LabelError ? ` (${path} skipped)` : ' (skipped)';
    const unknownClass = error instanceof ClassError ? { unknownClass: error.classIndex } : {};
    return { warnings: [`${error.message}${skipped}`], missing: false, ...unknownClass };
  }
}

/** Puts the images of a split together. */
export function combineScans(scanned: readonly ScannedImage[], numClasses: number): ScanResult {
  const images = scanned.flatMap(({ image }) => image ?? []);
  const counting = countedFromOne(scanned, images, numClasses);
  return {
    images,
    warnings: [...counting, ...scanned.flatMap(({ warnings }) => warnings)],
    counts: {
      missing: scanned.filter(({ missing }) => missing).length,
      empty: scanned.filter(({ image, missing }) => image && !missing && image.labels.length === 0).length,
      corrupt: scanned.length - images.length,
    },
  };
}

/** A warning where label files seem to count classes from 1. */
function countedFromOne(
  scanned: readonly ScannedImage[],
  images: readonly DatasetImage[],
  numClasses: number,
): string[] {
  const unknown = scanned.filter(({ unknownClass }) => unknownClass !== undefined);
  if (unknown.length === 0 || unknown.some(({ unknownClass }) => unknownClass !== numClasses)) return [];
  const hasZero = images.some(({ labels }) =>
    labels.some((value, i) => i % LABEL_COLUMNS === 0 && value === 0),
  );
  if (hasZero) return [];
  const files = `${unknown.length} ${unknown.length === 1 ? 'file has' : 'files have'} class ${numClasses}`;
  return [
    `the label files seem to count classes from 1 to ${numClasses}: no label has class 0, ${files}; the first class is 0. First: ${unknown[0]?.warnings[0]}`,
  ];
}
