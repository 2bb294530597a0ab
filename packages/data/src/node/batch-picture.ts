import type { Batch } from '../batch.js';
import { blit, createImage, PAD_VALUE, type RgbImage } from '../image.js';
import { resizeArea } from '../ops/resize.js';
import { classColor } from '../palette.js';
import { type AnnotatedBox, annotateImage } from './annotate.js';

const MAX_IMAGES = 16;
const MAX_SIDE = 1920;

/** A box on an image of a batch. */
export interface BatchBox {
  /** `[x1, y1, x2, y2]` in the batch's pixels. */
  readonly box: readonly [number, number, number, number];
  readonly classId: number;
  readonly label: string;
}

/**
 * The first 16 images of a batch as one picture of at most 1920 pixels a side, in rows, with boxes.
 * @param boxes of each image; by default those of the batch's targets, named by `names`
 */
export async function batchPicture(
  batch: Batch,
  names: readonly string[],
  boxes: readonly (readonly BatchBox[])[] = targetBoxes(batch, names),
): Promise<RgbImage> {
  const [count, , height, width] = batch.shape;
  const shown = Math.min(count, MAX_IMAGES);
  const columns = Math.ceil(Math.sqrt(shown));
  const rows = Math.ceil(shown / columns);
  const scale = Math.min(1, MAX_SIDE / Math.max(columns * width, rows * height));
  const [w, h] = [width, height].map((side) => Math.max(1, Math.floor(side * scale))) as [number, number];
  const picture = createImage(columns * w, rows * h, PAD_VALUE);
  const placed: AnnotatedBox[] = [];
  for (let i = 0; i < shown; i++) {
    const [left, top] = [(i % columns) * w, Math.floor(i / columns) * h];
    blit(picture, resizeArea(imageOf(batch, i), w, h), left, top);
    for (const { box, classId, label } of boxes[i] ?? []) {
      const [x1, y1, x2, y2] = box.map((value, k) => value * scale + (k % 2 === 0 ? left : top));
      placed.push({ box: [x1, y1, x2, y2], label, color: classColor(classId) });
    }
  }
  return annotateImage(picture, placed, Math.max(1, (w + h) * 0.0015));
}

/** Image `index` of a batch's planes, its channels interleaved. */
function imageOf({ images, shape: [, , height, width] }: Batch, index: number): RgbImage {
  const area = height * width;
  const image = createImage(width, height);
  for (let c = 0; c < 3; c++) {
    const plane = images.subarray((index * 3 + c) * area, (index * 3 + c + 1) * area);
    for (let i = 0; i < area; i++) image.data[i * 3 + c] = plane[i];
  }
  return image;
}

function targetBoxes({ targets, shape }: Batch, names: readonly string[]): BatchBox[][] {
  const [count, , height, width] = shape;
  const boxes: BatchBox[][] = Array.from({ length: count }, () => []);
  for (let row = 0; row < targets.length; row += 6) {
    const [image = 0, classId = 0, cx = 0, cy = 0, w = 0, h = 0] = targets.subarray(row, row + 6);
    boxes[image].push({
      box: [(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width, (cy + h / 2) * height],
      classId,
      label: names[classId] ?? String(classId),
    });
  }
  return boxes;
}
