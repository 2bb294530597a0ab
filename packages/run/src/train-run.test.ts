/** A run on a host of its own kind: nothing of Node's files or of a page. */
import { openDevice } from '@froyolo/core/devices';
import { type DatasetImage, hypPresets } from '@froyolo/data';
import { checkpointOf, createDetector, type TrainResult } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySamples } from '@froyolo/yolo/testing';
import { expect, test } from 'vitest';
import { MemoryFeatureStore } from './features/store.js';
import type { Host, RunData } from './host.js';
import { MemoryStore } from './memory-store.js';
import { prepareResume, prepareRun } from './prepare.js';
import { trainRun } from './train-run.js';

const IMAGES = 12;
const BATCH = 4;

const image = (path: string): DatasetImage => ({
  path,
  width: TOY_IMGSZ,
  height: TOY_IMGSZ,
  labels: Float32Array.of(0, 0.5, 0.5, 0.25, 0.25),
});

function toyData(): RunData {
  const split = (name: 'train' | 'val', count: number) => ({
    split: name,
    names: TOY_NAMES,
    warnings: [],
    counts: { missing: 0, empty: 0, corrupt: 0 },
    images: Array.from({ length: count }, (_, i) => image(`${name}-${i}`)),
  });
  const loader = (count: number, batchSize: number, seed: number) => ({
    ...toySamples(count, batchSize, seed),
    warnings: [],
    close: () => {},
  });
  return {
    train: split('train', IMAGES),
    val: split('val', BATCH),
    openImages: async (_, images, { batchSize }) => loader(images.length, batchSize, 3),
    withValImages: () => toyData(),
    openLoaders: async ({ seed, batchSize }) => ({
      train: loader(IMAGES, batchSize, seed),
      val: loader(BATCH, BATCH, 2),
    }),
  };
}

function toyHost(): Host & { readonly closed: number } {
  const counter = { closed: 0 };
  const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
  return {
    get closed() {
      return counter.closed;
    },
    readHyp: async () => hypPresets['scratch-low'],
    readArchitecture: async (fileName) => ({ text: TOY_ARCHITECTURE, fileName }),
    readCheckpoint: async () => checkpointOf(detector),
    openData: async () => toyData(),
    openDevice: ({ device }) => openDevice(device, { platform: 'node', threads: 1 }),
    closeDevice: async ({ executor }) => {
      counter.closed++;
      await executor.dispose();
    },
    deviceMemory: async () => ({ free: 1e9, total: 1e9 }),
    processBytes: () => 0,
    openFeatures: async ({ settings }) => new MemoryFeatureStore(IMAGES, IMAGES * settings.cacheVariants),
    identifyImages: async ({ images }) => images.map(({ path }) => path),
  };
}

const options = {
  data: 'toys',
  weights: 'toys',
  epochs: 3,
  batchSize: BATCH,
  imgsz: TOY_IMGSZ,
  device: 'cpu',
  freeze: ['2'],
  unfreeze: ['0:2'],
  lrScale: ['backbone=0.5'],
  optimizer: 'AdamW' as const,
};
const tensorsOf = ({ detector }: Pick<TrainResult, 'detector'>) => [...detector.tensors];

test('a run is prepared, trained, stopped, saved and goes on to the same end on any host', async () => {
  const host = toyHost();
  const run = async (store: MemoryStore, signal?: AbortSignal, onEpoch?: () => void) => {
    const prepared = await prepareRun(host, options);
    await store.start(prepared.settings, prepared.hyp);
    expect(prepared.stages.stages.map(({ epoch, policy }) => [epoch, policy.label])).toEqual([
      [0, '2'],
      [2, '0'],
    ]);
    return trainRun(host, prepared, store, { signal, ...(onEpoch ? { onEpoch } : {}) });
  };
  const [whole, broken] = [new MemoryStore(), new MemoryStore()];
  const uninterrupted = await run(whole);
  expect([uninterrupted.status, uninterrupted.folder]).toEqual(['finished', '']);

  const controller = new AbortController();
  const stopped = await run(broken, controller.signal, () => controller.abort());
  expect([stopped.status, stopped.state.progress.epoch]).toEqual(['stopped', 1]);
  const { saved } = broken;
  if (!saved) return expect.fail('nothing was saved');
  const resumed = await trainRun(host, await prepareResume(host, saved), broken, {});
  expect(resumed.status).toBe('finished');
  expect(tensorsOf(resumed)).toEqual(tensorsOf(uninterrupted));
  expect(broken.results).toBe(whole.results);
  expect(broken.results.trim().split('\n')).toHaveLength(1 + options.epochs);
});

test('features are cached wherever the host keeps them; the device is closed where a run can not start', async () => {
  const host = toyHost();
  const fills: number[] = [];
  const prepared = await prepareRun(host, { ...options, unfreeze: [], epochs: 2, cache: 'features' });
  const store = new MemoryStore();
  await trainRun(host, prepared, store, { onFill: ({ done }) => void fills.push(done) });
  expect(fills.length).toBeGreaterThan(0);
  const tooSmall = { ...options, unfreeze: [], batchSize: -1, memory: 1000 };
  await expect(prepareRun(host, tooSmall)).rejects.toThrow('no batch size fits');
  expect(host.closed).toBe(1);
});
