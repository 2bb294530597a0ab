import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Batch } from '../batch.js';
import { makeDataset } from '../fixtures/dataset-folder.js';
import { hypPresets } from '../hyp.js';
import { type Dataset, openDataset } from './dataset.js';
import { createTrainLoader, createValLoader, type TrainLoaderOptions } from './loader.js';
import { createPool, LoaderError, workerEntry } from './pool.js';

const isBuilt = workerEntry() !== undefined;
const builtNote = isBuilt ? '' : ' (skipped: the package is not built, so there is no worker file)';

async function epochOf(dataset: Dataset, options: TrainLoaderOptions, epoch: number): Promise<Batch[]> {
  const loader = await createTrainLoader(dataset, { imgsz: 64, batchSize: 4, seed: 1, ...options });
  const batches: Batch[] = [];
  for await (const batch of loader.epoch(epoch)) batches.push(batch);
  await loader.close();
  return batches;
}

test('epochs are seeded, different, whole, and the last batch is kept', async () => {
  const dataset = await openDataset((await makeDataset(10)).yaml, 'train');
  const first = await epochOf(dataset, { workers: 0 }, 0);
  expect(first.map(({ shape }) => shape[0])).toEqual([4, 4, 2]);
  expect(first.flatMap(({ meta }) => meta.map(({ index }) => index)).sort()).toEqual([
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
  ]);
  expect(await epochOf(dataset, { workers: 0 }, 0)).toEqual(first);
  expect(await epochOf(dataset, { workers: 0 }, 1)).not.toEqual(first);
  expect(await epochOf(dataset, { workers: 0, seed: 2 }, 0)).not.toEqual(first);
});

test.skipIf(!isBuilt)(`batches don't depend on workers or caches${builtNote}`, async () => {
  const { root, yaml } = await makeDataset(9);
  const dataset = await openDataset(yaml, 'train');
  const hyp = { ...hypPresets['scratch-high'], mixup: 0.5 };
  const expected = await epochOf(dataset, { workers: 0, hyp }, 3);
  expect(await epochOf(dataset, { workers: 1, hyp }, 3)).toEqual(expected);
  expect(await epochOf(dataset, { workers: 3, hyp, cache: 'ram', prefetch: 1 }, 3)).toEqual(expected);
  const disk = { workers: 2, hyp, cache: 'disk' as const, cacheDir: join(root, 'cache') };
  expect(await epochOf(dataset, disk, 3)).toEqual(expected);
  expect(await epochOf(dataset, disk, 3)).toEqual(expected);
});

test('a damaged image in a cache on disk is made again, which is said', async () => {
  const { root, yaml } = await makeDataset(2);
  const dataset = await openDataset(yaml, 'train');
  const warnings: string[] = [];
  const cacheDir = join(root, 'cache');
  const disk = {
    workers: 0,
    cache: 'disk' as const,
    cacheDir,
    onWarning: (text: string) => warnings.push(text),
  };
  const expected = await epochOf(dataset, disk, 0);
  const name = (await readdir(cacheDir)).find((file) => file.endsWith('.rgb')) ?? '';
  const bytes = await readFile(join(cacheDir, name));
  bytes[100] ^= 255;
  await writeFile(join(cacheDir, name), bytes);
  expect(await epochOf(dataset, disk, 0)).toEqual(expected);
  expect(warnings).toEqual([`${join(cacheDir, name)}: a cached image is damaged; it is made again`]);
  expect(await epochOf(dataset, disk, 0)).toEqual(expected);
  expect(warnings).toHaveLength(1);
});

test('a fixed number of variants repeats them', async () => {
  const dataset = await openDataset((await makeDataset(3)).yaml, 'train');
  const planesOf = async (epoch: number) => {
    const [batch] = await epochOf(dataset, { workers: 0, variants: 2 }, epoch);
    const size = 3 * 64 * 64;
    return new Map(batch.meta.map(({ index }, i) => [index, batch.images.slice(i * size, (i + 1) * size)]));
  };
  expect(await planesOf(2)).toEqual(await planesOf(0));
  expect(await planesOf(1)).not.toEqual(await planesOf(0));
});

test('rectangular training batches have the shape of their images', async () => {
  const dataset = await openDataset((await makeDataset(8)).yaml, 'train');
  const batches = await epochOf(dataset, { workers: 0, rect: true }, 0);
  const ratios = batches.flatMap(({ meta }) => meta.map(({ originalShape: [h, w] }) => h / w));
  expect(ratios).toEqual([...ratios].sort((a, b) => a - b));
  for (const { shape } of batches) expect([shape[2] % 32, shape[3] % 32]).toEqual([0, 0]);
});

test('validation metadata leads back to the file', async () => {
  const dataset = await openDataset((await makeDataset(7)).yaml, 'val');
  const loader = await createValLoader(dataset, { imgsz: 64, batchSize: 3, workers: 0 });
  for await (const { meta, targets, shape } of loader.epoch(0)) {
    for (let i = 0; i < targets.length; i += 6) {
      const { index, originalShape, ratio, pad } = meta[targets[i]];
      const x = (targets[i + 2] * shape[3] - pad[0]) / ratio[1] / originalShape[1];
      const y = (targets[i + 3] * shape[2] - pad[1]) / ratio[0] / originalShape[0];
      const { labels } = dataset.images[index];
      const row = [labels.subarray(1, 3), labels.subarray(6, 8)].find(([cx]) => Math.abs(cx - x) < 1e-4);
      expect(row).toBeDefined();
      expect(y).toBeCloseTo(row![1], 4);
    }
  }
});

test.skipIf(!isBuilt)(`an image that broke since is left out by workers, too${builtNote}`, async () => {
  const { yaml, images } = await makeDataset(4);
  const dataset = await openDataset(yaml, 'train');
  await writeFile(images[2] ?? '', 'gone');
  const loader = await createTrainLoader(dataset, { imgsz: 64, batchSize: 2, workers: 2 });
  let count = 0;
  for await (const { shape } of loader.epoch(0)) count += shape[0];
  await loader.close();
  expect([count, loader.warnings]).toEqual([4, [expect.stringContaining(images[2] ?? '')]]);
});

test('a worker that dies is an error with the name of its image, then and later', async () => {
  const { root, yaml, images } = await makeDataset(2);
  const dataset = await openDataset(yaml, 'train');
  const entry = join(root, 'dying.mjs');
  await writeFile(
    entry,
    "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => process.exit(7));",
  );
  const setup = { images: dataset.images, imgsz: 64, cache: { kind: 'disk' as const, folder: root } };
  const pool = createPool(setup, 1, entry);
  const failed = pool.run({ index: 1, variant: 0 });
  await expect(failed).rejects.toThrow(LoaderError);
  await expect(failed).rejects.toThrow(`${images[1]}: it exited with code 7`);
  await expect(pool.run({ index: 0, variant: 0 })).rejects.toThrow('exited with code 7');
  await pool.close();
});

test('breaking off an epoch and starting another works', async () => {
  const dataset = await openDataset((await makeDataset(8)).yaml, 'train');
  const loader = await createTrainLoader(dataset, { imgsz: 64, batchSize: 2 });
  for await (const batch of loader.epoch(0)) {
    expect(batch.shape[0]).toBe(2);
    break;
  }
  let batches = 0;
  for await (const _ of loader.epoch(1)) batches += 1;
  expect(batches).toBe(loader.length);
  await loader.close();
});

test('options that make no sense are refused', async () => {
  const dataset = await openDataset((await makeDataset(1)).yaml, 'train');
  await expect(createTrainLoader(dataset, { batchSize: 0 })).rejects.toThrow(
    'batchSize must be a positive integer',
  );
  await expect(createTrainLoader(dataset, { workers: -1 })).rejects.toThrow('workers must be 0 or more');
});
