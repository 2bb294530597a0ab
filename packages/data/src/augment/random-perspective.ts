import { PAD_VALUE, type RgbImage } from '../image.js';
import { LABEL_COLUMNS } from '../labels.js';
import { type Matrix3, multiply, warpAffine, warpPerspective } from '../ops/warp.js';
import type { Rng } from '../rng.js';
import { clip, type PixelBoxes } from './boxes.js';
import { noOutlines, type Outlines, visibleBounds, warpOutline } from './outlines.js';

/** Ranges of {@link randomPerspective}: the hyperparameters of the same names. */
export interface PerspectiveRanges {
  degrees: number;
  translate: number;
  scale: number;
  shear: number;
  perspective: number;
}

// A transformed box is kept if both sides exceed 2 px, enough of its area is left (a tenth; less for one from an outline,
// which fits tightly), and it isn't a sliver.
const MIN_SIDE = 2;
const MIN_AREA_LEFT = 0.1;
const MIN_AREA_LEFT_OF_OUTLINE = 0.01;
const MAX_ASPECT = 100;

/** Draws a map from an image of `from` to one of `to`: perspective, rotation and zoom about the center, shear, shift. */
export function drawMatrix(
  from: { width: number; height: number },
  to: { width: number; height: number },
  ranges: PerspectiveRanges,
  rng: Rng,
): { matrix: Matrix3; scale: number } {
  const center: Matrix3 = [1, 0, -from.width / 2, 0, 1, -from.height / 2, 0, 0, 1];
  const px = rng.uniform(-ranges.perspective, ranges.perspective);
  const py = rng.uniform(-ranges.perspective, ranges.perspective);
  const perspective: Matrix3 = [1, 0, 0, 0, 1, 0, px, py, 1];
  const angle = radians(rng.uniform(-ranges.degrees, ranges.degrees));
  const scale = rng.uniform(1 - ranges.scale, 1 + ranges.scale);
  const [cos, sin] = [Math.cos(angle) * scale, Math.sin(angle) * scale];
  const rotation: Matrix3 = [cos, sin, 0, -sin, cos, 0, 0, 0, 1];
  const shearX = Math.tan(radians(rng.uniform(-ranges.shear, ranges.shear)));
  const shearY = Math.tan(radians(rng.uniform(-ranges.shear, ranges.shear)));
  const shear: Matrix3 = [1, shearX, 0, shearY, 1, 0, 0, 0, 1];
  const dx = rng.uniform(0.5 - ranges.translate, 0.5 + ranges.translate) * to.width;
  const dy = rng.uniform(0.5 - ranges.translate, 0.5 + ranges.translate) * to.height;
  const shift: Matrix3 = [1, 0, dx, 0, 1, dy, 0, 0, 1];
  const matrix = [shift, shear, rotation, perspective, center].reduce(multiply);
  return { matrix, scale };
}

/** Warps an image and its boxes to `width` x `height` by a drawn map; boxes that leave the image are dropped. */
export function randomPerspective(
  image: RgbImage,
  boxes: PixelBoxes,
  size: { width: number; height: number },
  ranges: PerspectiveRanges,
  rng: Rng,
  outlines: Outlines = noOutlines(boxes),
): { image: RgbImage; boxes: PixelBoxes } {
  const { matrix, scale } = drawMatrix(image, size, ranges, rng);
  const warp = ranges.perspective > 0 ? warpPerspective : warpAffine;
  return {
    image: warp(image, matrix, size.width, size.height, PAD_VALUE),
    boxes: warpBoxes(boxes, matrix, scale, size.width, size.height, outlines),
  };
}

/** The boxes around the mapped corners or outlines, cut to the image; those that keep too little are dropped. */
export function warpBoxes(
  boxes: PixelBoxes,
  matrix: Matrix3,
  scale: number,
  width: number,
  height: number,
  outlines: Outlines = noOutlines(boxes),
): PixelBoxes {
  const moved = new Float32Array(boxes.length);
  for (let i = 0; i < boxes.length; i += LABEL_COLUMNS) {
    moved[i] = boxes[i];
    const outline = outlines[i / LABEL_COLUMNS];
    const box = outline
      ? visibleBounds(warpOutline(outline, matrix), width, height)
      : mapBox(boxes.subarray(i + 1, i + LABEL_COLUMNS), matrix);
    moved.set(box, i + 1);
  }
  const cut = clip(moved, width, height);
  const kept: number[] = [];
  for (let i = 0; i < boxes.length; i += LABEL_COLUMNS) {
    const before = (boxes[i + 3] - boxes[i + 1]) * (boxes[i + 4] - boxes[i + 2]) * scale * scale;
    const row = cut.subarray(i, i + LABEL_COLUMNS);
    const least = before * (outlines[i / LABEL_COLUMNS] ? MIN_AREA_LEFT_OF_OUTLINE : MIN_AREA_LEFT);
    if (isCandidate(row[3] - row[1], row[4] - row[2], least)) kept.push(...row);
  }
  return Float32Array.from(kept);
}

function isCandidate(w: number, h: number, leastArea: number): boolean {
  if (w <= MIN_SIDE || h <= MIN_SIDE) return false;
  return w * h > leastArea && Math.max(w / h, h / w) < MAX_ASPECT;
}

function mapBox(box: Float32Array, m: Matrix3): [number, number, number, number] {
  const [x1, y1, x2, y2] = [box[0], box[1], box[2], box[3]];
  const corners = [
    [x1, y1],
    [x2, y2],
    [x1, y2],
    [x2, y1],
  ].map(([x, y]) => {
    const w = m[6] * x + m[7] * y + m[8];
    return [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w];
  });
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
