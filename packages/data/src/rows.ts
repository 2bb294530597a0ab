/** Layouts of rows: what the numbers of a flat array stand for. */

/** Named columns of rows that lie one after the other in a flat array. */
export interface RowLayout<Column extends string = string> {
  /** Numbers in a row. */
  readonly width: number;
  readonly columns: readonly Column[];
  /** Position of each column within a row. */
  readonly at: Readonly<Record<Column, number>>;
}

/** The layout with these columns, in their order. */
export function rowLayout<const Column extends string>(...columns: readonly Column[]): RowLayout<Column> {
  const at = Object.fromEntries(columns.map((column, i) => [column, i]));
  return { width: columns.length, columns, at: at as Record<Column, number> };
}

/** Rows in a flat array. */
export function countRows(values: ArrayLike<number>, { width }: RowLayout): number {
  return values.length / width;
}

/** A label of an image: its class, then center, width and height of its box, normalized to the image. */
export const LABEL_ROW = rowLayout('cls', 'cx', 'cy', 'w', 'h');

/** A label of a batch: which image of it, then the label's row. */
export const TARGET_ROW = rowLayout('image', ...LABEL_ROW.columns);
