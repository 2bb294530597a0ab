/** The rows of a label file, each looked at by itself. */
import type { Split } from '../dataset-yaml.js';
import { ClassError, LabelError } from '../errors.js';
import { parseLabelLine } from '../labels.js';
import { linesOf } from '../text.js';
import { type Finding, finding } from './findings.js';

export interface LabelCheck {
  readonly findings: readonly Finding[];
  /** Rows of `[class, cx, cy, w, h]` that can be trained on, cut to the image, each once. */
  readonly rows: readonly (readonly number[])[];
  /** A class that the dataset doesn't name. */
  readonly unknownClasses: readonly number[];
}

export interface LabelPlace {
  readonly file: string;
  readonly split: Split;
  readonly numClasses: number;
  /** Size of the image in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Long side that images are trained at. */
  readonly imgsz: number;
}

/** A box with a side below this many pixels, at the size of training, is hardly learned. */
const TINY_PIXELS = 3;
/** Edges may lie outside by as much as six decimals round. */
const TOLERANCE = 1e-4;

export function checkLabels(text: string, place: LabelPlace): LabelCheck {
  const findings: Finding[] = [];
  const unknownClasses: number[] = [];
  const rows = new Map<string, readonly number[]>();
  for (const [index, line] of linesOf(text).entries()) {
    const at = { split: place.split, file: place.file, line: index + 1 };
    try {
      const row = parseLabelLine(line, place.file, at.line, place.numClasses)?.row ?? [];
      if (row.length > 0) checkRow(row, at, place, rows, findings);
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      findings.push(finding('bad-label', at, error.reason));
      if (error instanceof ClassError) unknownClasses.push(error.classIndex);
      const repaired = repairRow(line, place.numClasses);
      if (repaired) rows.set(repaired.join(' '), repaired);
    }
  }
  return { findings, rows: [...rows.values()], unknownClasses };
}

function checkRow(
  row: readonly number[],
  at: { split: Split; file: string; line: number },
  { size, imgsz }: LabelPlace,
  rows: Map<string, readonly number[]>,
  findings: Finding[],
): void {
  const [, cx = 0, cy = 0, w = 0, h = 0] = row;
  if (w === 0 || h === 0) {
    findings.push(finding('empty-box', at, `the box has no area: ${short(w)} x ${short(h)}`));
    return;
  }
  const cut = cutToImage(row);
  const key = cut.join(' ');
  if (rows.has(key)) findings.push(finding('repeated-row', at, 'the same box of the same class again'));
  rows.set(key, cut);
  const outside = Math.max(w / 2 - cx, cx + w / 2 - 1, h / 2 - cy, cy + h / 2 - 1);
  if (outside > TOLERANCE)
    findings.push(
      finding('out-of-bounds', at, `the box reaches ${(outside * 100).toFixed(1)} % out of the image`),
    );
  const scale = imgsz / Math.max(size.width, size.height);
  const [width, height] = [w * size.width * scale, h * size.height * scale];
  if (Math.min(width, height) < TINY_PIXELS)
    findings.push(
      finding('tiny-box', at, `the box is ${width.toFixed(1)} x ${height.toFixed(1)} pixels at ${imgsz}`),
    );
}

/** As the file has it: values are kept in single precision. */
const short = (value: number) => Number(value.toPrecision(6));

function cutToImage([cls = 0, cx = 0, cy = 0, w = 0, h = 0]: readonly number[]): number[] {
  const within = (value: number) => Math.min(Math.max(value, 0), 1);
  const [x1, x2, y1, y2] = [within(cx - w / 2), within(cx + w / 2), within(cy - h / 2), within(cy + h / 2)];
  const isInside = cx - w / 2 >= 0 && cx + w / 2 <= 1 && cy - h / 2 >= 0 && cy + h / 2 <= 1;
  return isInside ? [cls, cx, cy, w, h] : [cls, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1];
}

/** A row of numbers with a known class that lies partly in the image, cut to it; undefined where nothing can be saved. */
function repairRow(line: string, numClasses: number): number[] | undefined {
  const values = line.trim().split(/\s+/).map(Number);
  const [cls = -1, , , w = 0, h = 0] = values;
  const isBox = values.length === 5 && values.every(Number.isFinite) && w > 0 && h > 0 && w <= 2 && h <= 2;
  if (!isBox || !Number.isInteger(cls) || cls < 0 || cls >= numClasses) return undefined;
  const cut = cutToImage(values);
  return (cut[3] ?? 0) > 0 && (cut[4] ?? 0) > 0 ? cut : undefined;
}
