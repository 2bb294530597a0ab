/** Layouts of the rows that boxes travel in after the network. Labels on their way to it: `LABEL_ROW` of `@froyolo/data`. */
import { type RowLayout, rowLayout } from '@froyolo/data';
import { type Fit, scaleBoxes } from './boxes.js';

/** Columns that the label rows of every family of detectors have: class, then center, width and height of the box, normalized. */
export type LabelColumn = 'cls' | 'cx' | 'cy' | 'w' | 'h';

/** Layout of the labels that a detector is trained on; a family may add columns to these. */
export type LabelRow = Pick<RowLayout<LabelColumn>, 'width' | 'at'>;

/** A box that suppression left: corners in pixels of the fitted image. */
export const DETECTION_ROW = rowLayout('x1', 'y1', 'x2', 'y2', 'confidence', 'cls');

/** A label that detections are compared with: corners in the same pixels as theirs. */
export const TRUTH_ROW = rowLayout('cls', 'x1', 'y1', 'x2', 'y2');

/** Row `i` of a flat array, as a view. */
export function rowAt(values: Float32Array, { width }: Pick<RowLayout, 'width'>, i: number): Float32Array {
  return values.subarray(i * width, (i + 1) * width);
}

/** A layout with the corners of a box in four columns that follow each other. */
type CornerLayout = Pick<RowLayout<'x1'>, 'width' | 'at'>;

/** The corners of every row, `[n, 4]`. */
export function cornersOf(values: ArrayLike<number>, { width, at }: CornerLayout): Float32Array {
  const corners = new Float32Array((values.length / width) * 4);
  for (let i = 0; i < corners.length; i++) corners[i] = values[Math.floor(i / 4) * width + at.x1 + (i % 4)];
  return corners;
}

/** One column of every row. */
export function columnOf<Column extends string>(
  values: Float32Array,
  { width, at }: RowLayout<Column>,
  column: Column,
): number[] {
  return Array.from({ length: values.length / width }, (_, row) => values[row * width + at[column]]);
}

/** The rows with their corners in pixels of the original image. */
export function scaleRows(values: Float32Array, layout: CornerLayout, fit: Fit): Float32Array {
  const scaled = values.slice();
  scaleBoxes(cornersOf(values, layout), fit).forEach((value, i) => {
    scaled[Math.floor(i / 4) * layout.width + layout.at.x1 + (i % 4)] = value;
  });
  return scaled;
}
