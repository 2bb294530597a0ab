import { blit, createImage, PAD_VALUE, type RgbImage } from '../image.js';
import type { Rng } from '../rng.js';
import { clip, concatBoxes, type PixelBoxes, toPixels } from './boxes.js';
import type { Labeled } from './mosaic.js';
import { clampOutline, noOutlines, type Outlines, toPixelOutlines } from './outlines.js';

/** Where a tile goes, which follows from the sizes of the first tile and the previous one. */
interface Sizes {
  readonly side: number;
  readonly first: RgbImage;
  readonly before: RgbImage;
  readonly tile: RgbImage;
}

/** Left and top of each of nine tiles: the middle, then around it clockwise from above, each touching its neighbor. */
const PLACES: readonly ((sizes: Sizes) => readonly [left: number, top: number])[] = [
  ({ side }) => [side, side],
  ({ side, tile }) => [side, side - tile.height],
  ({ side, before, tile }) => [side + before.width, side - tile.height],
  ({ side, first }) => [side + first.width, side],
  ({ side, first, before }) => [side + first.width, side + before.height],
  ({ side, first, tile }) => [side + first.width - tile.width, side + first.height],
  ({ side, first, before, tile }) => [side + first.width - before.width - tile.width, side + first.height],
  ({ side, first, tile }) => [side - tile.width, side + first.height - tile.height],
  ({ side, first, before, tile }) => [side - tile.width, side + first.height - before.height - tile.height],
];

/**
 * Puts eight images around the first one and takes a random window of `2 imgsz` squared, gray where no image reaches. Boxes
 * and outlines are clipped to the window.
 */
export function mosaic9(
  tiles: readonly Labeled[],
  imgsz: number,
  rng: Rng,
): { image: RgbImage; boxes: PixelBoxes; outlines: Outlines } {
  const [first] = tiles;
  if (!first || tiles.length !== PLACES.length)
    throw new RangeError(`a mosaic of nine has 9 images, got ${tiles.length}`);
  const top = Math.floor(rng.uniform(0, imgsz));
  const left = Math.floor(rng.uniform(0, imgsz));
  const side = 2 * imgsz;
  const canvas = createImage(side, side, PAD_VALUE);
  let before = first.image;
  const placed = tiles.map(({ image, labels, segments }, i) => {
    const [x = 0, y = 0] = PLACES[i]?.({ side: imgsz, first: first.image, before, tile: image }) ?? [];
    before = image;
    blit(canvas, image, x - left, y - top);
    const boxes = toPixels(labels, image.width, image.height, x - left, y - top);
    const outlines = segments ? toPixelOutlines(segments, image, x - left, y - top) : noOutlines(boxes);
    return { boxes, outlines };
  });
  const boxes = clip(concatBoxes(placed.map((tile) => tile.boxes)), side, side);
  const outlines = placed.flatMap((tile) => tile.outlines);
  return { image: canvas, boxes, outlines: outlines.map((one) => one && clampOutline(one, side, side)) };
}
