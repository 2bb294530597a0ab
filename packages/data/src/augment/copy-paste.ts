import { roundHalfEven } from '@froyolo/common';
import type { RgbImage } from '../image.js';
import { LABEL_COLUMNS } from '../labels.js';
import type { Rng } from '../rng.js';
import { concatBoxes, type PixelBoxes } from './boxes.js';
import { fillOutline, type Outlines } from './outlines.js';

/** Largest share of another object that a copy may cover. */
const MAX_COVERED = 0.3;

/**
 * Copies objects that have an outline, mirrored, to the place of their mirror image (after Ghiasi et al., "Simple Copy-Paste
 * is a Strong Data Augmentation Method", 2021). A random share of `probability` of them is copied, but none that would
 * cover more than 30% of another box. Changes the image in place; adds boxes and outlines of the copies.
 */
export function copyPaste(
  image: RgbImage,
  boxes: PixelBoxes,
  outlines: Outlines,
  probability: number,
  rng: Rng,
): { boxes: PixelBoxes; outlines: Outlines } {
  const candidates = outlines.flatMap((outline, row) => (outline ? [{ outline, row }] : []));
  const chosen = rng.shuffle(candidates).slice(0, roundHalfEven(probability * candidates.length));
  const { width } = image;
  const pasted: Float32Array[] = [];
  let all = boxes;
  for (const { outline, row } of chosen) {
    const at = row * LABEL_COLUMNS;
    const [classId = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(at, at + LABEL_COLUMNS);
    const mirrored = Float32Array.of(classId, width - x2, y1, width - x1, y2);
    if (coversAnother(mirrored, all)) continue;
    all = concatBoxes([all, mirrored]);
    pasted.push(outline);
  }
  pasteMirrored(image, pasted);
  const mirror = (outline: Float32Array) => outline.map((value, i) => (i % 2 === 0 ? width - value : value));
  return { boxes: all, outlines: [...outlines, ...pasted.map(mirror)] };
}

function coversAnother(box: Float32Array, others: PixelBoxes): boolean {
  const overlap = (a1: number, a2: number, b1: number, b2: number) =>
    Math.max(Math.min(a2, b2) - Math.max(a1, b1), 0);
  for (let i = 0; i < others.length; i += LABEL_COLUMNS) {
    const [, x1 = 0, y1 = 0, x2 = 0, y2 = 0] = others.subarray(i, i + LABEL_COLUMNS);
    const covered = overlap(box[1], box[3], x1, x2) * overlap(box[2], box[4], y1, y2);
    if (covered > MAX_COVERED * (x2 - x1) * (y2 - y1)) return true;
  }
  return false;
}

function pasteMirrored(image: RgbImage, outlines: readonly Float32Array[]): void {
  if (outlines.length === 0) return;
  const { width, height, data } = image;
  // Copies are taken from the image as it was before.
  const original = data.slice();
  for (const outline of outlines)
    fillOutline(outline, width, height, (y, from, to) => {
      for (let x = from; x < to; x++) {
        const source = (y * width + x) * 3;
        data.set(original.subarray(source, source + 3), (y * width + width - 1 - x) * 3);
      }
    });
}
