import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { stringify } from 'yaml';
import { formatLabels } from '../labels.js';
import { writeAtomic } from './atomic.js';

/** What a conversion did. */
export interface Conversion {
  /** Path of the written data.yaml. */
  dataYaml: string;
  names: string[];
  /** Images and objects of each split. */
  splits: Record<string, { images: number; objects: number }>;
  warnings: string[];
}

/** Puts an image and its label rows `[class, cx, cy, w, h]` into the YOLO layout under `out`. */
export async function writeItem(
  out: string,
  split: string,
  image: string,
  rows: readonly number[],
): Promise<void> {
  const file = basename(image);
  await placeImage(image, join(out, 'images', split, file));
  const labels = join(out, 'labels', split, `${basename(file, extname(file))}.txt`);
  await writeAtomic(labels, formatLabels(Float32Array.from(rows)));
}

/** Writes data.yaml for the splits and classes; returns its path. */
export async function writeDataYaml(
  out: string,
  splits: readonly string[],
  names: readonly string[],
): Promise<string> {
  const file = join(out, 'data.yaml');
  const entries = Object.fromEntries(splits.map((split) => [split, `images/${split}`]));
  // A map keeps its keys numbers: YOLOv5 refuses quoted ones.
  await writeAtomic(file, stringify({ path: '.', ...entries, names: new Map(names.entries()) }));
  return file;
}

/** Images and objects of each split. */
export function summarize(
  splits: readonly string[],
  items: readonly { split: string; objects: number }[],
): Conversion['splits'] {
  const count = (split: string) => {
    const own = items.filter((item) => item.split === split);
    return { images: own.length, objects: own.reduce((sum, { objects }) => sum + objects, 0) };
  };
  return Object.fromEntries(splits.map((split) => [split, count(split)]));
}

async function placeImage(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  if (await isSameFile(from, to)) return;
  await rm(to, { force: true });
  // A hard link costs no space; across file systems there is none.
  await link(from, to).catch(() => copyFile(from, to));
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = [await stat(a), await stat(b).catch(() => undefined)];
  return second !== undefined && first.ino === second.ino && first.dev === second.dev;
}
