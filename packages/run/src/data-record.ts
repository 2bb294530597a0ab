/** Records a run's dataset when the run begins, to tell what has changed when it resumes. */
import { fnv1a } from '@froyolo/common';
import { countRows, type Dataset, LABEL_ROW } from '@froyolo/data';
import { z } from 'zod';

const splitSchema = z.object({
  images: z.int().nonnegative(),
  objects: z.int().nonnegative(),
  /** Checksum of the names of the images, their sizes and labels. */
  sum: z.string(),
});
export const dataRecordSchema = z.object({ train: splitSchema, val: splitSchema });

type SplitRecord = Readonly<z.output<typeof splitSchema>>;
export type DataRecord = Readonly<z.output<typeof dataRecordSchema>>;

/** Record of a dataset. */
interface RecordedData {
  readonly train: Pick<Dataset, 'images'>;
  readonly val: Pick<Dataset, 'images'>;
}

/** Records the counts and a checksum of both splits. */
export function recordData({ train, val }: RecordedData): DataRecord {
  return { train: recordSplit(train), val: recordSplit(val) };
}

function recordSplit({ images }: Pick<Dataset, 'images'>): SplitRecord {
  const lines = images.map(({ path, width, height, labels }) => {
    const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
    return `${path.split(/[\\/]/).at(-1)} ${width}x${height} ${fnv1a(bytes)}`;
  });
  return {
    images: images.length,
    objects: images.reduce((sum, { labels }) => sum + countRows(labels, LABEL_ROW), 0),
    sum: fnv1a(new TextEncoder().encode(lines.join('\n'))).toString(16),
  };
}

/** @returns a line for each split that has changed; none where nothing was written down */
export function dataChanges(before: DataRecord | undefined, now: DataRecord): string[] {
  if (!before) return [];
  return (['train', 'val'] as const).flatMap((split) => {
    const [then, today] = [before[split], now[split]];
    if (then.sum === today.sum) return [];
    const isSameCount = then.images === today.images && then.objects === today.objects;
    const what = isSameCount
      ? 'as many images and objects, but others'
      : `${then.images} images with ${then.objects} objects then, ${today.images} with ${today.objects} now`;
    return [`the ${split} split has changed since the run began: ${what}`];
  });
}
