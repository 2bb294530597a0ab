/** Sets that are made here: rendered shapes, and the most frequent classes of a dataset as a small one of its own. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { DatasetImage } from '@froyolo/data';
import { openDataset } from '@froyolo/data/node';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';

/** Classes that the small set keeps, and every which of its images validates. */
const [FREQUENT, VALIDATES] = [5, 3];

/** Textured shapes of four classes that the weights have never seen. */
export async function makeShapes(out: string): Promise<string> {
  const yaml = join(out, 'data.yaml');
  if (existsSync(yaml)) return yaml;
  return generateShapes({ out, classes: DEMO_CLASSES, train: 200, val: 100, imgsz: 320 });
}

/**
 * The images that show one of the five most frequent classes, every third to validate on.
 * @param from dataset YAML, or a name such as `coco128.yaml`
 */
export async function makeFrequent(out: string, from: string): Promise<string> {
  const yaml = join(out, 'data.yaml');
  if (existsSync(yaml)) return yaml;
  const { images, names } = await openDataset(from, 'train');
  const kept = mostFrequent(images);
  const partial = `${out}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  const shown = images.filter(({ labels }) => rowsOf(labels, kept).length > 0);
  for (const [i, { path, labels }] of shown.entries()) {
    const split = i % VALIDATES === 0 ? 'val' : 'train';
    const name = String(i).padStart(4, '0');
    for (const folder of ['images', 'labels']) mkdirSync(join(partial, folder, split), { recursive: true });
    copyFileSync(path, join(partial, 'images', split, `${name}${extname(path)}`));
    writeFileSync(join(partial, 'labels', split, `${name}.txt`), `${rowsOf(labels, kept).join('\n')}\n`);
  }
  const list = JSON.stringify(kept.map((index) => names[index]));
  writeFileSync(join(partial, 'data.yaml'), `train: images/train\nval: images/val\nnames: ${list}\n`);
  renameSync(partial, out);
  return yaml;
}

/** Indices of the classes that most images show. */
function mostFrequent(images: readonly DatasetImage[]): number[] {
  const counts = new Map<number, number>();
  for (const { labels } of images)
    for (const cls of new Set(rows(labels).map(([cls = 0]) => cls)))
      counts.set(cls, (counts.get(cls) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return sorted.slice(0, FREQUENT).map(([cls]) => cls);
}

/** Lines of a label file with the classes that are kept, numbered anew. */
function rowsOf(labels: Float32Array, kept: readonly number[]): string[] {
  return rows(labels).flatMap(([cls = 0, ...box]) => {
    const index = kept.indexOf(cls);
    return index < 0 ? [] : [[index, ...box].join(' ')];
  });
}

const rows = (labels: Float32Array): number[][] =>
  Array.from({ length: labels.length / 5 }, (_, i) => [...labels.subarray(5 * i, 5 * i + 5)]);
