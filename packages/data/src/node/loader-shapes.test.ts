import { expect, test } from 'vitest';
import { makeDataset } from '../fixtures/dataset-folder.js';
import { openDataset } from './dataset.js';
import { createTrainLoader } from './loader.js';

/** Shapes, targets and first pixels of the batches of two epochs. */
async function twoEpochs(multiScale: boolean, rect = false) {
  const { yaml } = await makeDataset(12);
  const dataset = await openDataset(yaml, 'train');
  const options = { imgsz: 64, stride: 8, batchSize: 2, workers: 0, seed: 3, multiScale, rect };
  const loader = await createTrainLoader(dataset, options);
  const batches = [];
  for (const n of [0, 1]) for await (const batch of loader.epoch(n)) batches.push(batch);
  await loader.close();
  return batches;
}

test('multi-scale: each batch has one of a few sizes, drawn by the seed; targets are those of the plain batch', async () => {
  const plain = await twoEpochs(false);
  const scaled = await twoEpochs(true);
  const sides = scaled.map(({ shape }) => shape[3]);
  expect(new Set(sides).size).toBeGreaterThan(2);
  expect([...new Set(sides)].filter((side) => ![32, 48, 64, 80, 96].includes(side))).toEqual([]);
  expect((await twoEpochs(true)).map(({ images }) => images)).toEqual(scaled.map(({ images }) => images));
  for (const [i, batch] of scaled.entries()) {
    expect(batch.targets).toEqual(plain[i].targets);
    expect(batch.images).toHaveLength(2 * 3 * batch.shape[2] * batch.shape[3]);
  }
});

test('multi-scale with rectangular batches keeps their aspect ratio up to the stride', async () => {
  const plain = await twoEpochs(false, true);
  for (const [i, { shape }] of (await twoEpochs(true, true)).entries()) {
    const [height, width] = plain[i].shape.slice(2) as [number, number];
    const scale = Math.max(shape[2], shape[3]) / Math.max(height, width);
    expect(Math.abs(shape[2] - height * scale)).toBeLessThan(8);
    expect(Math.abs(shape[3] - width * scale)).toBeLessThan(8);
  }
});
