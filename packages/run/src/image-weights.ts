/** Weights of images for `imageWeights`: images of rare or poorly detected classes are drawn more often. */
import { LABEL_ROW, type Labels } from '@froyolo/data';

/**
 * A weight for each image: its objects, each by the inverse frequency of its class times (1 - mAP)², as in YOLOv5.
 * @param labels of each image
 * @param maps mAP50-95 of each class; empty before the first validation
 */
export function imageWeights(
  labels: readonly Labels[],
  classes: number,
  maps: readonly number[] = [],
): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const cls of labels.flatMap(classesIn)) counts[cls] = (counts[cls] ?? 0) + 1;
  const rarity = counts.map((count) => 1 / Math.max(count, 1));
  const total = rarity.reduce((a, b) => a + b, 0);
  const weights = rarity.map((value, cls) => (value / total) * (1 - (maps[cls] ?? 0)) ** 2);
  return labels.map((image) => classesIn(image).reduce((sum, cls) => sum + (weights[cls] ?? 0), 0));
}

function classesIn(labels: Labels): number[] {
  return Array.from({ length: labels.length / LABEL_ROW.width }, (_, row) =>
    Number(labels[row * LABEL_ROW.width + LABEL_ROW.at.cls]),
  );
}
