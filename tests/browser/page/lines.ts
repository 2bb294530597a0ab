/** Pictures without labels that tests go the whole line with, and what a person would draw in them. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { SHAPES, type Truth, truthsOf, vocTruthsOf } from './visitor.js';

const SHARED = resolve(import.meta.dirname, '../../../../shared');
const BCCD = join(SHARED, 'data/bccd');
export const noPhotos = existsSync(BCCD) ? '' : ' (skipped: ../shared is missing)';

export interface Line {
  readonly pictures: readonly string[];
  readonly truthsOf: (picture: string) => readonly Truth[];
  readonly weights: string;
  readonly imgsz: number;
  /** Of the training on what was drawn, and of that on suggestions too. */
  readonly epochs: readonly [drawn: number, suggested: number];
  /** Part of the boxes of the other pictures that the first training must find. */
  readonly share: number;
}

/** Pictures of shapes in a folder of their own. */
export async function shapes(folder: string): Promise<Line> {
  const [imgsz, count] = [160, 20];
  const out = join(folder, 'shapes');
  await generateShapes({ out, classes: DEMO_CLASSES, train: count, val: 1 });
  const bare = join(folder, 'bare');
  mkdirSync(bare);
  const names = readdirSync(join(out, 'images/train')).sort();
  for (const name of names) copyFileSync(join(out, 'images/train', name), join(bare, name));
  const labelOf = (picture: string) => join(out, 'labels/train', basename(picture).replace(/\.\w+$/, '.txt'));
  return {
    pictures: names.map((name) => join(bare, name)),
    truthsOf: (picture) => truthsOf(labelOf(picture), DEMO_CLASSES, imgsz),
    weights: SHAPES,
    imgsz,
    epochs: [24, 4],
    share: 0.2,
  };
}

/** Every fifth of the training set. */
export function bloodCells(): Line {
  const stems = readFileSync(join(BCCD, 'ImageSets/Main/train.txt'), 'utf8').trim().split(/\s+/);
  const chosen = stems.filter((_, i) => i % 5 === 0).slice(0, 40);
  return {
    pictures: chosen.map((stem) => join(BCCD, 'JPEGImages', `${stem}.jpg`)),
    truthsOf: (picture) =>
      vocTruthsOf(join(BCCD, 'Annotations', basename(picture).replace(/\.\w+$/, '.xml'))),
    weights: join(SHARED, 'weights/yolov5n.pt'),
    imgsz: 320,
    epochs: [14, 3],
    share: 0.3,
  };
}
