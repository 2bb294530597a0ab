import { ClassError, LabelError } from './errors.js';
import { LIMITS } from './limits.js';
import { LABEL_ROW } from './rows.js';
import { linesOf, printable } from './text.js';

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

/** One row of a label file that can be used. */
export interface LabelRow {
  /** Line number, from 1. */
  readonly line: number;
  /** `[class, cx, cy, w, h]` */
  readonly row: readonly number[];
  readonly polygon?: readonly number[];
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
  const repeated: number[] = [];
  for (const { line, row, polygon } of labelRows(text, file, numClasses)) {
    const key = row.join(' ');
    if (seen.has(key)) {
      repeated.push(line);
      continue;
    }
    seen.add(key);
    rows.push(...row);
    segments.push(polygon && Float32Array.from(polygon));
  }
  const [first] = repeated;
  const warnings =
    first === undefined
      ? []
      : [
          `${file}:${first}: ${repeated.length} repeated label ${repeated.length > 1 ? 'rows' : 'row'} removed`,
        ];
  const polygons = segments.some((segment) => segment) ? { segments } : {};
  return { labels: Float32Array.from(rows), ...polygons, warnings };
}

function* labelRows(text: string, file: string, numClasses: number): Generator<LabelRow> {
  for (const [index, line] of linesOf(text).entries()) {
    const row = parseLabelLine(line, file, index + 1, numClasses);
    if (row) yield row;
  }
}

/**
 * One line of a label file; undefined for an empty one.
 * @param line from 1
 * @throws LabelError as {@link parseLabels} does
 */
export function parseLabelLine(
  text: string,
  file: string,
  line: number,
  numClasses: number,
): LabelRow | undefined {
  const words = text.trim().split(/\s+/);
  if (words[0] === '') return undefined;
  const fail = (reason: string) => new LabelError(file, line, reason);
  const isPolygon = words.length > LABEL_COLUMNS + 1 && words.length % 2 === 1;
  if (words.length !== LABEL_COLUMNS && !isPolygon) throw fail(columnsReason(words.length));
  if (words.length > 1 + 2 * LIMITS.polygonPoints)
    throw fail(`a polygon of ${(words.length - 1) / 2} points; at most ${LIMITS.polygonPoints} can be used`);
  const [classIndex = 0, ...coordinates] = words.map((word) => numberOf(word, fail));
  if (!Number.isInteger(classIndex) || classIndex >= numClasses)
    throw new ClassError(file, line, classIndex, numClasses);
  const outside = coordinates.find((value) => value > 1);
  if (outside !== undefined)
    throw fail(`coordinate ${outside} is above 1; divide by the image's width or height`);
  const row = [classIndex, ...(isPolygon ? polygonBox(coordinates) : coordinates)].map(Math.fround);
  return isPolygon ? { line, row, polygon: coordinates } : { line, row };
}

function columnsReason(columns: number): string {
  const expected = 'expected 5 (class cx cy w h) or a class and a polygon of 3 or more points';
  const hint = columns === LABEL_COLUMNS + 1 ? '; is the sixth a confidence? take it out' : '';
  return `${columns} columns; ${expected}${hint}`;
}

function numberOf(word: string, fail: (reason: string) => LabelError): number {
  // Number() also reads 0x10.
  const value = /^[-+.\deE]+$/.test(word) ? Number(word) : Number.NaN;
  if (!Number.isFinite(value)) throw fail(`"${printable(word.slice(0, 40))}" is not a number`);
  if (value < 0) throw fail(`${word} is negative; classes and coordinates start at 0`);
  return value;
}

/** `[cx, cy, w, h]` of the box around points `x, y, x, y, …`. */
export function polygonBox(points: readonly number[]): [number, number, number, number] {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY] as [number, number];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY] as [number, number];
  points.forEach((value, i) => {
    const axis = i % 2 === 0 ? 0 : 1;
    low[axis] = Math.min(low[axis], value);
    high[axis] = Math.max(high[axis], value);
  });
  return [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, high[0] - low[0], high[1] - low[1]];
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
