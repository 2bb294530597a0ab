/** Views of images for augmented inference: scaled and mirrored copies. */
import type { Tensor } from '@froyolo/core';
import type { View } from '../family.js';

/** Those of YOLOv5: full size, then smaller ones, the first of them mirrored. */
export const VIEWS: readonly View[] = [
  { scale: 1, mirrored: false },
  { scale: 0.83, mirrored: true },
  { scale: 0.67, mirrored: false },
];

/** Mean of the images of ImageNet: what YOLOv5 fills up with here. */
const FILL = 0.447;

/** Height and width of a view with what is filled up: multiples of the stride. */
export function viewShape(
  [height, width]: readonly [number, number],
  { scale }: View,
  stride: number,
): [height: number, width: number] {
  if (scale === 1) return [height, width];
  return [Math.ceil((height * scale) / stride) * stride, Math.ceil((width * scale) / stride) * stride];
}

/**
 * A view of images: mirrored, made smaller by linear interpolation between pixel centers, filled up at the right and bottom.
 * @param images bytes, `[N, C, H, W]`
 * @returns values in 0..1, `[N, C, …viewShape]`
 */
export function viewOf(images: Tensor, view: View, stride: number): Tensor {
  const [count = 0, channels = 0, height = 0, width = 0] = images.shape;
  const [toHeight, toWidth] = viewShape([height, width], view, stride);
  const rows = taps(height, Math.trunc(height * view.scale));
  const columns = taps(width, Math.trunc(width * view.scale));
  const data = new Float32Array(count * channels * toHeight * toWidth).fill(FILL);
  const column = view.mirrored ? (x: number) => width - 1 - x : (x: number) => x;
  for (let plane = 0; plane < count * channels; plane++) {
    const at = plane * height * width;
    const value = (y: number, x: number) => Number(images.data[at + y * width + column(x)]) / 255;
    for (const [y, { from: top, weight: down }] of rows.entries()) {
      const bottom = Math.min(top + 1, height - 1);
      for (const [x, { from: left, weight: right }] of columns.entries()) {
        const next = Math.min(left + 1, width - 1);
        const upper = value(top, left) * (1 - right) + value(top, next) * right;
        const lower = value(bottom, left) * (1 - right) + value(bottom, next) * right;
        data[(plane * toHeight + y) * toWidth + x] = upper * (1 - down) + lower * down;
      }
    }
  }
  return { dtype: 'float32', shape: [count, channels, toHeight, toWidth], data };
}

/** For each place of a line of `to` values: the place before it among `from`, and how far it is to the next. */
function taps(from: number, to: number): { from: number; weight: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.max((i + 0.5) * (from / to) - 0.5, 0);
    const before = Math.min(Math.floor(at), from - 1);
    return { from: before, weight: at - before };
  });
}
