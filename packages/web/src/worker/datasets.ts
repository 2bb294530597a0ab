/** What the page tells and shows of the images that were opened. */
import type { BrowserDataset } from '@froyolo/data/browser';
import { must } from '@froyolo/errors';
import type { Detection } from '@froyolo/yolo';

/** Validation images that are shown. */
const PICTURES = 8;

export function splitInfo({ images }: BrowserDataset) {
  return { images: images.length, objects: images.reduce((sum, { labels }) => sum + labels.length / 5, 0) };
}

/** A few images from all over the set, those with labels first. */
export function chosen({ images }: BrowserDataset): BrowserDataset['images'] {
  const labeled = images.filter(({ labels }) => labels.length > 0);
  const from = labeled.length >= PICTURES ? labeled : images;
  const step = Math.max(1, from.length / PICTURES);
  return Array.from({ length: Math.min(PICTURES, from.length) }, (_, i) => from[Math.floor(i * step)]);
}

export function labelBoxes(
  labels: Float32Array,
  width: number,
  height: number,
  names: readonly string[],
): Detection[] {
  return Array.from({ length: labels.length / 5 }, (_, i) => {
    const [classId, cx, cy, w, h] = Array.from(labels.subarray(5 * i, 5 * i + 5)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const box = [
      (cx - w / 2) * width,
      (cy - h / 2) * height,
      (cx + w / 2) * width,
      (cy + h / 2) * height,
    ] as const;
    return { classId, name: names[classId], confidence: 1, box };
  });
}

export const fileOf = ({ files }: BrowserDataset, path: string): Blob => must(files.get(path), path);
