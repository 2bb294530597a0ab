/** What `detect` writes: pictures and videos with boxes, label rows, crops and a table. */
import { appendFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { classColor, type RgbImage, safeFileName } from '@froyolo/data';
import { annotateImage, saveImage } from '@froyolo/data/node';
import type { DetectSettings } from '@froyolo/run/settings';
import type { Detection } from '@froyolo/yolo';

/** A crop is this much larger than its box, and then this many pixels wider and higher. */
const CROP_GAIN = 1.02;
const CROP_PAD = 10;
const WRITABLE = ['.jpg', '.jpeg', '.png'];

/** Files to write and their folder; nothing is written without one. */
export interface ResultOptions
  extends Pick<
    DetectSettings,
    | 'nosave'
    | 'saveTxt'
    | 'saveConf'
    | 'saveCrop'
    | 'saveCsv'
    | 'lineThickness'
    | 'hideLabels'
    | 'hideConf'
    | 'visualize'
  > {
  readonly folder: string | undefined;
}

/** Whether any file is asked for. */
export function writesFiles(options: Omit<ResultOptions, 'folder'>): boolean {
  const { nosave, saveTxt, saveCrop, saveCsv, visualize } = options;
  return !nosave || saveTxt || saveCrop || saveCsv || visualize;
}

/** Gives each image of a run a name of its own, also where files in two folders share one. */
export class ResultNames {
  readonly #taken = new Set<string>();

  /** Without extension. */
  of(path: string): string {
    const stem = basename(path, extname(path));
    let name = stem;
    for (let n = 2; this.#taken.has(name); n++) name = `${stem}-${n}`;
    this.#taken.add(name);
    return name;
  }
}

/** The extension of the picture that is written for an image. */
export function pictureExtension(path: string): string {
  const extension = extname(path).toLowerCase();
  return WRITABLE.includes(extension) ? extension : '.jpg';
}

/** Writes labels, crops and rows of the table, as far as the options ask for them. @param name of the image or frame */
export async function writeFindings(
  image: RgbImage,
  detections: readonly Detection[],
  { path, name, isFrame = false }: { path: string; name: string; isFrame?: boolean },
  { folder, saveTxt, saveConf, saveCrop, saveCsv }: ResultOptions,
): Promise<void> {
  if (folder === undefined) return;
  // A frame of a video without detections has no file.
  if (saveTxt && !(isFrame && detections.length === 0))
    await writeLabels(folder, name, labelRows(image, detections, saveConf));
  if (saveCrop) await writeCrops(image, detections, join(folder, 'crops'), name);
  if (saveCsv) await appendFile(join(folder, 'predictions.csv'), csvRows(basename(path), detections));
}

/** First line of `predictions.csv`. */
export const CSV_HEADER = 'Image Name,Prediction,Confidence\n';

/** A row for each detection: image, class, confidence. */
function csvRows(image: string, detections: readonly Detection[]): string {
  const rows = detections.map(
    ({ name, confidence }) => `${[image, name, confidence.toFixed(2)].map(csvCell).join(',')}\n`,
  );
  return rows.join('');
}

const csvCell = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** The image with its detections drawn. */
export function annotate(
  image: RgbImage,
  detections: readonly Detection[],
  { hideLabels, hideConf, lineThickness }: Pick<ResultOptions, 'hideLabels' | 'hideConf' | 'lineThickness'>,
): Promise<RgbImage> {
  // The most confident is drawn last, on top.
  const boxes = detections.toReversed().map(({ box, name, confidence, classId }) => ({
    box,
    color: classColor(classId),
    ...(hideLabels ? {} : { label: hideConf ? name : `${name} ${confidence.toFixed(2)}` }),
  }));
  return annotateImage(image, boxes, lineThickness);
}

/** Writes the label file of an image. */
export function writeLabels(folder: string, name: string, rows: string): Promise<void> {
  return writeAtomic(join(folder, 'labels', `${name}.txt`), rows);
}

/** Rows of class, center, width and height, as fractions of the image, and on request the confidence. */
export function labelRows(
  { width, height }: { readonly width: number; readonly height: number },
  detections: readonly Detection[],
  withConfidence = false,
): string {
  const rows = detections.map(({ classId, confidence, box: [x1, y1, x2, y2] }) => {
    const values = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height];
    const figures = withConfidence ? [...values, confidence] : values;
    return `${[classId, ...figures.map((value) => Number(value.toPrecision(6)))].join(' ')}\n`;
  });
  return rows.join('');
}

async function writeCrops(
  image: RgbImage,
  detections: readonly Detection[],
  folder: string,
  name: string,
): Promise<void> {
  const names = new ResultNames();
  for (const detection of detections) {
    const crop = cropAround(image, detection.box);
    if (crop) await saveImage(crop, join(folder, safeFileName(detection.name), `${names.of(name)}.jpg`));
  }
}

/** The image inside a box and a little more; undefined if the box lies outside. */
export function cropAround(image: RgbImage, [x1, y1, x2, y2]: Detection['box']): RgbImage | undefined {
  const half = (size: number) => (size * CROP_GAIN + CROP_PAD) / 2;
  const within = (value: number, limit: number) => Math.max(0, Math.min(limit, Math.trunc(value)));
  const [cx, cy, halfWidth, halfHeight] = [(x1 + x2) / 2, (y1 + y2) / 2, half(x2 - x1), half(y2 - y1)];
  const [left, right] = [within(cx - halfWidth, image.width), within(cx + halfWidth, image.width)];
  const [top, bottom] = [within(cy - halfHeight, image.height), within(cy + halfHeight, image.height)];
  if (right <= left || bottom <= top) return undefined;
  const width = right - left;
  const data = new Uint8Array(width * (bottom - top) * 3);
  for (let y = top; y < bottom; y++) {
    const start = (y * image.width + left) * 3;
    data.set(image.data.subarray(start, start + width * 3), (y - top) * width * 3);
  }
  return { width, height: bottom - top, data };
}
