/** Changes of pixels that leave boxes alone: what YOLOv5 does where the package Albumentations is installed. */
import type { RgbImage } from '../image.js';
import { blur, medianBlur } from '../ops/blur.js';
import { equalizeLocally } from '../ops/clahe.js';
import { toGray } from '../ops/gray.js';
import type { Rng } from '../rng.js';

/** Sides of the blur kernels in pixels. */
const SIDES = [3, 5, 7] as const;
/** Bounds of the contrast limit. */
const LIMIT = { low: 1, high: 4 } as const;

/** Applies blur, median blur, gray and local contrast (CLAHE), each with the same probability. */
export function alterPixels(image: RgbImage, probability: number | undefined, rng: Rng): void {
  if (!probability) return;
  const side = () => SIDES[rng.integer(SIDES.length)] ?? 3;
  if (rng.random() < probability) blur(image, side());
  if (rng.random() < probability) medianBlur(image, side());
  if (rng.random() < probability) toGray(image);
  if (rng.random() < probability) equalizeLocally(image, rng.uniform(LIMIT.low, LIMIT.high));
}
