import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { DEMO_CLASSES, PRETRAIN_CLASSES, type ShapeClass } from '../outlines.js';
import { createRandom } from '../random.js';
import { drawScene } from '../scene.js';
import { generateShapes, ShapesError } from './generate.js';

const folder = mkdtempSync(join(tmpdir(), 'shapes-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the two families of classes share no class', () => {
  expect(DEMO_CLASSES.filter((name) => PRETRAIN_CLASSES.includes(name))).toEqual([]);
});

test('a scene depends on its keys alone', () => {
  const draw = (...keys: number[]) => drawScene(createRandom(...keys), DEMO_CLASSES, 64);
  expect(draw(1, 0, 5)).toEqual(draw(1, 0, 5));
  expect(draw(1, 0, 5).pixels).not.toEqual(draw(2, 0, 5).pixels);
  expect(draw(1, 0, 5).pixels).not.toEqual(draw(1, 1, 5).pixels);
});

test('every scene has shapes, inside the image', () => {
  for (let seed = 0; seed < 40; seed++) {
    const { objects } = drawScene(createRandom(seed), PRETRAIN_CLASSES, 64);
    expect(objects.length).toBeGreaterThan(0);
    for (const { box } of objects) {
      expect(Math.min(...box)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...box)).toBeLessThanOrEqual(64);
    }
  }
});

test('writes a dataset in YOLO format, the same bytes each time', async () => {
  const make = (name: string, train: number) =>
    generateShapes({ out: join(folder, name), classes: DEMO_CLASSES, train, val: 2, imgsz: 96, seed: 7 });
  const yaml = readFileSync(await make('a', 3), 'utf8');
  expect(yaml).toContain('val: images/val\nnc: 4\nnames:\n  0: cross\n');
  expect(readdirSync(join(folder, 'a/images/train'))).toHaveLength(3);

  await make('b', 1);
  for (const file of ['images/train/train-00000.jpg', 'labels/val/val-00001.txt']) {
    expect(readFileSync(join(folder, 'b', file))).toEqual(readFileSync(join(folder, 'a', file)));
  }
  const { width, height } = await sharp(join(folder, 'a/images/val/val-00000.jpg')).metadata();
  expect([width, height]).toEqual([96, 96]);
  for (const line of readFileSync(join(folder, 'a/labels/train/train-00002.txt'), 'utf8')
    .trim()
    .split('\n')) {
    expect(line).toMatch(/^[0-3]( 0\.\d{6}){4}$/);
  }
});

test.each([
  ['an unknown class', { classes: ['blob' as ShapeClass] }, "no shape 'blob'"],
  ['a folder that exists', { out: folder }, 'exists'],
  ['a tiny image', { imgsz: 8 }, 'imgsz must be 32 to 4096'],
  ['part of an image', { train: 1.5 }, 'train must be a whole number'],
])('refuses %s and leaves nothing behind', async (_, change, message) => {
  const out = join(folder, 'refused');
  const promise = generateShapes({ out, classes: DEMO_CLASSES, train: 1, val: 1, ...change });
  await expect(promise).rejects.toThrow(ShapesError);
  await expect(promise).rejects.toThrow(message);
  expect(existsSync(out)).toBe(false);
});
