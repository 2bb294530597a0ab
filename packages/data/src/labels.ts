import { LabelError } from './errors.js';
import { LABEL_ROW } from './rows.js';

/** Rows as `LABEL_ROW` lays them out, normalized to the image's width and height. */
export type Labels = Float32Array;
/** Numbers in one label row. */
export const LABEL_COLUMNS = LABEL_ROW.width;

/** `x, y, x, y, …` of the polygon of each label row, normalized; undefined where the row is a box. */
export type Segments = readonly (Float32Array | undefined)[];

/** Labels read from one file. */
export interface ParsedLabels {
  labels: Labels;
  /** Absent where no row is a polygon. */
  segments?: Segments;
  /** What was repaired, with file and line. */
  warnings: string[];
}

/**
 * Reads a YOLO label file: a line per object, `class cx cy w h`, or `class x1 y1 x2 y2 x3 y3 ...` (a polygon: its label
 * is the box around it). Repeated rows are dropped with a warning.
 * @throws LabelError on the first line with a wrong number of columns, something that isn't a number, a negative number, a
 * coordinate above 1, or a class that isn't an integer below `numClasses`.
 */
export function parseLabels(text: string, file: string, numClasses: number): ParsedLabels {
  const seen = new Set<string>();
  const rows: number[] = [];
  const segments: (Float32Array | undefined)[] = [];
  let repeated = 0;
  let firstRepeat = 0;
  text.split('\n').forEach((raw, index) => {
    const words = raw.trim().split(/\s+/);
    if (words[0] === '') return;
    const { row, polygon } = parseRow(words, file, index + 1, numClasses);
    const key = row.join(' ');
    if (seen.has(key)) {
      repeated += 1;
      firstRepeat ||= index + 1;
      return;
    }
    seen.add(key);
    rows.push(...row);
    segments.push(polygon && Float32Array.from(polygon));
  });
  const warnings =
    repeated > 0
      ? [`${file}:${firstRepeat}: ${repeated} repeated label ${repeated > 1 ? 'rows' : 'row'} removed`]
      : [];
  const polygons = segments.some((segment) => segment) ? { segments } : {};
  return { labels: Float32Array.from(rows), ...polygons, warnings };
}

function parseRow(
  words: string[],
  file: string,
  line: number,
  numClasses: number,
): { row: number[]; polygon?: number[] } {
  const isPolygon = words.length > LABEL_COLUMNS + 1 && words.length % 2 === 1;
  if (words.length !== LABEL_COLUMNS && !isPolygon) {
    throw new LabelError(
      file,
      line,
      `${words.length} columns; expected 5 (class cx cy w h) or a class and a polygon of 3 or more points`,
    );
  }
  const values = words.map((word) => {
    const value = Number(word);
    if (!Number.isFinite(value)) throw new LabelError(file, line, `"${word}" is not a number`);
    if (value < 0)
      throw new LabelError(file, line, `${word} is negative; classes and coordinates start at 0`);
    return value;
  });
  const [classIndex, ...coordinates] = values;
  if (!Number.isInteger(classIndex) || classIndex! >= numClasses) {
    throw new LabelError(
      file,
      line,
      `class ${words[0]} is not one of the ${numClasses} classes 0 to ${numClasses - 1}`,
    );
  }
  const outside = coordinates.find((value) => value > 1);
  if (outside !== undefined) {
    throw new LabelError(
      file,
      line,
      `coordinate ${outside} is above 1; divide by the image's width or height`,
    );
  }
  const box = isPolygon ? polygonBox(coordinates) : coordinates;
  const row = [classIndex!, ...box].map(Math.fround);
  return isPolygon ? { row, polygon: coordinates } : { row };
}

function polygonBox(points: number[]): number[] {
  const xs = points.filter((_, i) => i % 2 === 0);
  const ys = points.filter((_, i) => i % 2 === 1);
  const [x1, x2] = [Math.min(...xs), Math.max(...xs)];
  const [y1, y2] = [Math.min(...ys), Math.max(...ys)];
  return [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

/** The text of a YOLO label file for `labels`; six decimals, as the format's tools write. */
export function formatLabels(labels: Labels): string {
  let text = '';
  for (let i = 0; i < labels.length; i += LABEL_COLUMNS) {
    const box = Array.from(labels.subarray(i + 1, i + LABEL_COLUMNS), (value) => value.toFixed(6));
    text += `${[labels[i], ...box].join(' ')}\n`;
  }
  return text;
}

/** Where the labels of an image are: the last `/images/` of its path becomes `/labels/`, its extension `.txt`. */
export function labelPathOf(imagePath: string): string {
  const match = /^(.*[\\/])images([\\/].*)$/.exec(imagePath);
  const moved = match ? `${match[1]}labels${match[2]}` : imagePath;
  return moved.replace(/\.[^.\\/]+$/, '.txt');
}
