import type { ClassMetrics, ClassResult } from './statistics.js';

/** mAP50-95 of each class; the mean for classes that don't occur. */
export function classMaps(
  { mAP50_95, classes }: Pick<ClassMetrics, 'mAP50_95'> & { readonly classes: readonly ClassResult[] },
  count: number,
): number[] {
  const maps = new Array<number>(count).fill(mAP50_95);
  for (const { classId, mAP50_95: own } of classes) maps[classId] = own;
  return maps;
}
