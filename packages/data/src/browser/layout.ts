import type { Labels, Segments } from '../labels.js';
import type { Splits } from './splits.js';

/** What a dataset format says: which images, which classes, and the labels of each image. */
export interface Layout extends Splits {
  readonly names: readonly string[];
  /** @throws LabelError when the image's label file can't be used */
  labelsOf(
    path: string,
    size: { width: number; height: number },
  ): Promise<{ labels: Labels; segments?: Segments; warnings: readonly string[]; missing: boolean }>;
}
