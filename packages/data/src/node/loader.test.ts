import { readFile, writeFile } from 'node:fs/promises';
import { noShared, sharedArrays, sharedNote, sharedPath } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../batch.js';
import { makeDataset } from '../fixtures/dataset-folder.js';
import { difference } from '../fixtures/pictures.js';
import { toPlanes } from '../image.js';
import { letterbox } from '../ops/letterbox.js';
import { openDataset } from './dataset.js';
import { decodeImage } from './image-file.js';
import { createTrainLoader, createValLoader, type Loader } from './loader.js';

const names = Array.from({ length: 80 }, (_, i) => `class${i}`);
const files = ['000000000009.jpg', '000000000025.jpg', '000000000030.jpg', '000000000034.jpg'];
const train = files.map((file) => sharedPath(`data/coco128/images/train2017/${file}`));
const config = { train, val: train, test: [], names };

async function all(loader: Loader, epoch = 0): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.epoch(epoch)) batches.push(batch);
  await loader.close();
  return batches;
}

describe.skipIf(noShared('data/coco128'))(`coco128 through the loader${sharedNote('data/coco128')}`, () => {
  test('decoded and letterboxed images equal the reference batch', async () => {
    const size = 3 * 320 * 320;
    const images = sharedArrays('batch')('images').data;
    for (const [i, file] of train.entries()) {
      const { image } = letterbox(await decodeImage(file), [320, 320]);
      const planes = new Uint8Array(size);
      toPlanes(image, planes);
      const golden = images.subarray(i * size, (i + 1) * size);
      expect(difference(planes, golden).beyondOne, file).toBeLessThanOrEqual(0.01);
    }
  });

  test('targets without augmentation are the reference batch targets', async () => {
    const dataset = await openDataset(config, 'train', { cacheLabels: false });
    const loader = await createTrainLoader(dataset, { imgsz: 320, batchSize: 4, augment: false, workers: 0 });
    const [batch] = await all(loader);
    expect(batch.shape).toEqual([4, 3, 320, 320]);
    const expected = sharedArrays('batch')('targets').data;
    const order = batch.meta.map(({ index }) => index);
    const rows = Array.from({ length: 13 }, (_, r) => batch.targets.slice(r * 6, r * 6 + 6));
    rows.sort((a, b) => order[a[0]] - order[b[0]]);
    expect(batch.targets).toHaveLength(expected.length);
    for (const [r, row] of rows.entries()) {
      expect([order[row[0]], row[1]]).toEqual([expected[r * 6], expected[r * 6 + 1]]);
      // The loader rounds the resized height to whole pixels before it scales boxes, the golden did not.
      for (let c = 2; c < 6; c++)
        expect(Math.abs(row[c] - expected[r * 6 + c])).toBeLessThan(0.5 / 320 + 1e-6);
    }
  });

  test('validation batches are rectangular and never lose an image', async () => {
    const dataset = await openDataset(config, 'val', { cacheLabels: false });
    const loader = await createValLoader(dataset, { imgsz: 320, batchSize: 3, workers: 0 });
    const batches = await all(loader);
    expect(batches.map(({ shape }) => shape)).toEqual([
      [3, 3, 256, 352],
      [1, 3, 256, 352],
    ]);
    expect(batches.flatMap(({ paths }) => paths).sort()).toEqual(train);
  });
});

test('an image that fails after the scan is left out with a warning, once, and the epoch goes on', async () => {
  const { yaml, images } = await makeDataset(4);
  const dataset = await openDataset(yaml, 'train');
  const bad = images[1] ?? '';
  await writeFile(bad, (await readFile(bad)).subarray(0, 200));
  const told: string[] = [];
  const common = { imgsz: 64, batchSize: 2, workers: 0, onWarning: (text: string) => told.push(text) };
  for (const loader of [await createTrainLoader(dataset, common), await createValLoader(dataset, common)]) {
    told.length = 0;
    for (const epoch of [0, 1]) {
      let count = 0;
      for await (const { shape } of loader.epoch(epoch)) count += shape[0];
      expect(count).toBe(4);
    }
    expect(told).toEqual([expect.stringMatching(`${bad}: can't be .*left out: it was fine`)]);
    expect(loader.warnings).toEqual(told);
  }
});
