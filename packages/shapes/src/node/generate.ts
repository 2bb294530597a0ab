import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolder } from '@froyolo/common/node';
import sharp from 'sharp';
import { OUTLINES, type ShapeClass } from '../outlines.js';
import { createRandom } from '../random.js';
import { drawScene, type Scene } from '../scene.js';

/** A dataset that can't be generated as asked. */
export class ShapesError extends Error {
  override name = 'ShapesError';
}

export interface GenerateOptions {
  /** the folder to make; it must not exist yet */
  out: string;
  /** names out of `OUTLINES`; their order gives the class indices */
  classes: readonly ShapeClass[];
  /** number of training images */
  train: number;
  /** number of validation images */
  val: number;
  /** side of the square images in pixels, 160 by default */
  imgsz?: number;
  /** 0 by default; the same seed gives the same images */
  seed?: number;
}

const SPLITS = ['train', 'val'] as const;

/**
 * Renders a detection dataset in YOLO format: `images/{train,val}/*.jpg`, `labels/{train,val}/*.txt` and
 * `data.yaml`, whose path is returned. The folder appears only when it is complete.
 * @throws ShapesError when the folder exists or an option is out of range
 */
export async function generateShapes(options: GenerateOptions): Promise<string> {
  const { classes, imgsz = 160, seed = 0 } = options;
  const out = resolve(options.out);
  check(options, out, imgsz);
  const partial = `${out}.partial-${process.pid}`;
  try {
    for (const [splitIndex, split] of SPLITS.entries()) {
      makeFolder(join(partial, 'images', split));
      makeFolder(join(partial, 'labels', split));
      for (let i = 0; i < options[split]; i++) {
        const scene = drawScene(createRandom(seed, splitIndex, i), classes, imgsz);
        await writeScene(partial, split, `${split}-${String(i).padStart(5, '0')}`, scene);
      }
    }
    await writeFile(join(partial, 'data.yaml'), dataYaml(out, classes));
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
  return join(out, 'data.yaml');
}

function check({ classes, train, val, seed = 0 }: GenerateOptions, out: string, imgsz: number): void {
  const problems = [
    existsSync(out) && `${out} exists: remove it or choose another folder`,
    classes.length === 0 && 'no class was named',
    new Set(classes).size < classes.length && `a class is named twice in: ${classes.join(', ')}`,
    ...classes.map(
      (name) =>
        !Object.hasOwn(OUTLINES, name) &&
        `there is no shape '${name}'; known: ${Object.keys(OUTLINES).join(', ')}`,
    ),
    ...Object.entries({ train, val, seed }).map(
      ([name, value]) =>
        !(Number.isSafeInteger(value) && value >= 0) && `${name} must be a whole number, not ${value}`,
    ),
    !(Number.isInteger(imgsz) && imgsz >= 32 && imgsz <= 4096) &&
      `imgsz must be 32 to 4096 pixels, not ${imgsz}`,
  ];
  const problem = problems.find((text) => text !== false);
  if (problem) throw new ShapesError(problem);
}

async function writeScene(folder: string, split: string, name: string, scene: Scene): Promise<void> {
  const { imgsz } = scene;
  const image = sharp(scene.pixels, { raw: { width: imgsz, height: imgsz, channels: 3 } });
  await image.jpeg({ quality: 92 }).toFile(join(folder, 'images', split, `${name}.jpg`));
  const lines = scene.objects.map(({ classIndex, box: [x1, y1, x2, y2] }) => {
    const xywh = [(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((v) => (v / imgsz).toFixed(6));
    return `${classIndex} ${xywh.join(' ')}\n`;
  });
  await writeFile(join(folder, 'labels', split, `${name}.txt`), lines.join(''));
}

/** A JSON string is a YAML string, whatever characters the folder's name has. */
function dataYaml(out: string, classes: readonly string[]): string {
  const names = classes.map((name, i) => `  ${i}: ${name}\n`).join('');
  return `path: ${JSON.stringify(out)}\ntrain: images/train\nval: images/val\nnc: ${classes.length}\nnames:\n${names}`;
}
