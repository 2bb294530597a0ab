import { blit, createImage, PAD_VALUE, type RgbImage } from '../image.js';
import type { Labels, Segments } from '../labels.js';
import type { Rng } from '../rng.js';
import { clip, concatBoxes, type PixelBoxes, toPixels } from './boxes.js';
import { clampOutline, noOutlines, type Outlines, toPixelOutlines } from './outlines.js';

/** An image whose long side is imgsz, with its labels. */
export interface Labeled {
  image: RgbImage;
  labels: Labels;
  segments?: Segments;
}

/**
 * Puts four images around a random center on a canvas of `2 imgsz` squared, gray where no image reaches, in the order upper
 * left, upper right, lower left, lower right. Boxes and outlines are clipped to the canvas.
 */
export function mosaic4(
  tiles: readonly Labeled[],
  imgsz: number,
  rng: Rng,
): { image: RgbImage; boxes: PixelBoxes; outlines: Outlines } {
  if (tiles.length !== 4) throw new RangeError(`a mosaic has 4 images, got ${tiles.length}`);
  const side = imgsz * 2;
  const centerY = Math.floor(rng.uniform(imgsz / 2, side - imgsz / 2));
  const centerX = Math.floor(rng.uniform(imgsz / 2, side - imgsz / 2));
  const canvas = createImage(side, side, PAD_VALUE);
  const placed = tiles.map(({ image, labels, segments }, i) => {
    const left = i % 2 === 0 ? centerX - image.width : centerX;
    const top = i < 2 ? centerY - image.height : centerY;
    blit(canvas, image, left, top);
    const boxes = toPixels(labels, image.width, image.height, left, top);
    return { boxes, outlines: segments ? toPixelOutlines(segments, image, left, top) : noOutlines(boxes) };
  });
  const boxes = clip(concatBoxes(placed.map((tile) => tile.boxes)), side, side);
  const outlines = placed.flatMap((tile) => tile.outlines);
  return { image: canvas, boxes, outlines: outlines.map((one) => one && clampOutline(one, side, side)) };
}

/** Blends `other` into `image` in place: `image * ratio + other * (1 - ratio)`. */
export function mixup(image: RgbImage, other: RgbImage, ratio: number): void {
  const { data } = image;
  for (let i = 0; i < data.length; i++) data[i] = data[i] * ratio + other.data[i] * (1 - ratio);
}
