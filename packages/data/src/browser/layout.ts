import type { Splits } from '../convert/splits.js';
import type { ImageLabels } from '../scan.js';

/** An image as it is shown, and the orientation that was applied. */
export interface ShownImage {
  readonly width: number;
  readonly height: number;
  readonly orientation?: number;
}

/** What a dataset format says: which images, which classes, and the labels of each image. */
export interface Layout extends Omit<Splits, 'test'> {
  readonly names: readonly string[];
  /** What was left out when the annotations were read. */
  readonly warnings?: readonly string[];
  /** @throws LabelError when the image's label file can't be used */
  labelsOf(path: string, size: ShownImage): Promise<ImageLabels>;
}
