/** Predictions for several views of the same images as one. */
import type { Tensor } from '@froyolo/core';
import type { ViewPredictions } from '../../family.js';

/**
 * Brings boxes back to the images and puts all rows together. The full view leaves out its coarsest level, the smallest
 * view its finest: the other views find those objects better.
 * @param levels of the head: each has a quarter of the rows of the one before
 */
export function joinViews(views: readonly ViewPredictions[], width: number, levels: number): Tensor {
  const [first] = views;
  if (!first) throw new RangeError('there are no views to join');
  const [images = 0, , columns = 0] = first.predictions.shape;
  const kept = views.map((view, i) => rowsKept(view, levels, i === 0, i === views.length - 1));
  const rows = kept.reduce((sum, { from, to }) => sum + to - from, 0);
  const data = new Float32Array(images * rows * columns);
  let at = 0;
  for (let image = 0; image < images; image++)
    for (const [i, view] of views.entries()) {
      const { from, to } = kept[i] ?? { from: 0, to: 0 };
      const perImage = (view.predictions.shape[1] ?? 0) * columns;
      const part = view.predictions.data.subarray(
        image * perImage + from * columns,
        image * perImage + to * columns,
      );
      for (let row = 0; row < part.length; row += columns) {
        for (let c = 0; c < columns; c++) data[at + c] = Number(part[row + c]) / (c < 4 ? view.scale : 1);
        if (view.mirrored) data[at] = width - Number(data[at]);
        at += columns;
      }
    }
  return { dtype: 'float32', shape: [images, rows, columns], data };
}

function rowsKept({ predictions }: ViewPredictions, levels: number, isFirst: boolean, isLast: boolean) {
  const rows = predictions.shape[1] ?? 0;
  // 1 + 4 + 16 + … parts, the coarsest level having one of them.
  const part = Math.floor(rows / ((4 ** levels - 1) / 3));
  const to = isFirst ? rows - part : rows;
  return { from: isLast ? part * 4 ** (levels - 1) : 0, to };
}
