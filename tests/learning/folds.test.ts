import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateShapes } from '@froyolo/shapes/node';
import { crossValidate } from '@froyolo/study';
import { TOY_ARCHITECTURE } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-folds-'));
  const classes = ['circle', 'square'] as const;
  await generateShapes({ classes, out: join(folder, 'data'), train: 8, val: 4, imgsz: 64, seed: 0 });
  writeFileSync(join(folder, 'toy.yaml'), TOY_ARCHITECTURE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listed = (name: string) =>
  readFileSync(join(folder, 'runs/exp/folds', name), 'utf8')
    .trim()
    .split('\n');

test('each image of train and val validates once, on a training without it', async () => {
  const started: number[] = [];
  const { folds, mAP50_95, status } = await crossValidate(
    {
      ...{
        weights: '',
        cfg: join(folder, 'toy.yaml'),
        data: join(folder, 'data/data.yaml'),
        folds: 3,
        epochs: 1,
      },
      imgsz: 64,
      batchSize: 4,
      workers: 0,
      threads: 1,
      project: join(folder, 'runs'),
    },
    {
      onFold: (fold) => {
        started.push(fold);
        return {};
      },
    },
  );
  expect(status).toBe('finished');
  expect(started).toEqual([0, 1, 2]);
  expect(folds.map(({ images }) => images)).toEqual([4, 4, 4]);
  const validated = [1, 2, 3].map((n) => listed(`fold${n}-val.txt`));
  expect(new Set(validated.flat()).size).toBe(12);
  for (const [i, paths] of validated.entries()) {
    const trained = listed(`fold${i + 1}-train.txt`);
    expect([...trained, ...paths].sort()).toEqual(validated.flat().sort());
  }
  expect(mAP50_95.low).toBeLessThanOrEqual(mAP50_95.mean);
  const saved = JSON.parse(readFileSync(join(folder, 'runs/exp/cross-validation.json'), 'utf8'));
  expect(saved.folds).toEqual(JSON.parse(JSON.stringify(folds)));
});
