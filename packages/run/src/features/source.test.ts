import { type Executor, interpret, packValues } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { type Batch, type Hyperparameters, hypPresets } from '@froyolo/data';
import type { FrozenBatchNorm } from '@froyolo/freeze';
import {
  buildTrainingStep,
  createDetector,
  type FeatureBatch,
  type FeatureSource,
  type FeatureSourceFactory,
  freezeFor,
  type Losses,
  splitStep,
  stepFeeds,
  train,
} from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySamples } from '@froyolo/yolo/testing';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFeatureSource, type FeatureSourceOptions, type FillEvent } from './source.js';
import { MemoryFeatureStore } from './store.js';

let executor: Executor;
beforeAll(() => {
  executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
});
afterAll(() => executor.dispose());

const IMAGES = 11;
const BATCH = 4;
const hyp: Hyperparameters = { ...hypPresets['scratch-low'], obj: 60, cls: 15, warmup_bias_lr: 0.02 };
const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const freezeOf = (selector: string, freezeBn: FrozenBatchNorm = 'eval') =>
  freezeFor(detector, selector, { freezeBn });
const step = (selector: string, freezeBn?: FrozenBatchNorm) =>
  ({ hyp, imgsz: TOY_IMGSZ, optimizer: 'SGD', freeze: freezeOf(selector, freezeBn) }) as const;

function sourceOf(selector: string, changes: Partial<FeatureSourceOptions> = {}): FeatureSource {
  return createFeatureSource({
    split: splitStep(detector, step(selector)),
    labelRow: detector.family.labelRow,
    executor,
    samples: toySamples(IMAGES, BATCH),
    store: new MemoryFeatureStore(IMAGES, Number.POSITIVE_INFINITY),
    batchSize: BATCH,
    imageShape: [TOY_IMGSZ, TOY_IMGSZ],
    variants: 2,
    refresh: 0,
    seed: 0,
    ...changes,
  });
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** Counts what goes through the prefix. */
function counted(selector: string, changes: Partial<FeatureSourceOptions> = {}) {
  const fills: FillEvent[] = [];
  return { fills, source: sourceOf(selector, { ...changes, onFill: (event) => void fills.push(event) }) };
}

describe('a step on cached features', () => {
  test.each(['1', '3', '4', '5'])(
    'agrees with the step on images to half precision, freeze %s',
    async (selector) => {
      const settings = step(selector);
      const { gradientGraph, vectors, initialState } = buildTrainingStep(detector, settings);
      const source = sourceOf(selector);
      await collect(source.epoch(0));
      const { value: kept } = await source.epoch(2)[Symbol.asyncIterator]().next();
      const samples = toySamples(IMAGES, BATCH);
      const requests = samples.plan(2)[0].map(({ index }) => ({ index, variant: 0 }));
      const [batch] = await collect(samples.load([requests]));
      expect(kept!.targets).toEqual(batch.targets);
      const stored = Object.fromEntries(packValues(vectors, initialState));
      const feeds = (from: Batch | FeatureBatch) => ({ ...stepFeeds(from, detector, settings), ...stored });
      const whole = interpret(gradientGraph.outputs, feeds(batch));
      const cached = interpret(splitStep(detector, settings).rest.outputs, feeds(kept!));
      for (const [name, { data }] of Object.entries(whole)) {
        const scale = Math.max(...data.map(Math.abs));
        const worst = Math.max(...data.map((v, i) => Math.abs(v - cached[name].data[i])));
        // A feature is off by at most 2⁻¹¹ of itself; on the way through layers, that grows a few times.
        expect(worst / scale, name).toBeLessThan(name.startsWith('grad/') ? 2 ** -8 : 2 ** -10);
      }
    },
  );
});

describe('variants', () => {
  const perEpoch = async (source: FeatureSource, fills: readonly FillEvent[], epochs: number) => {
    for (let epoch = 0; epoch < epochs; epoch++) await collect(source.epoch(epoch));
    return Array.from({ length: epochs }, (_, n) => fills.findLast(({ epoch }) => epoch === n)?.total ?? 0);
  };

  test('every variant goes through the frozen layers once', async () => {
    const { source, fills } = counted('3');
    expect(await perEpoch(source, fills, 6)).toEqual([IMAGES, IMAGES, 0, 0, 0, 0]);
  });

  test('a share of them is drawn anew each epoch', async () => {
    const { source, fills } = counted('3', { refresh: 0.3 });
    const made = await perEpoch(source, fills, 22);
    const refreshed = made.slice(2).reduce((a, b) => a + b) / (20 * IMAGES);
    expect(refreshed).toBeGreaterThan(0.2);
    expect(refreshed).toBeLessThan(0.4);
  });

  test('what does not fit is made again each time', async () => {
    const store = new MemoryFeatureStore(IMAGES, IMAGES + 4);
    const { source, fills } = counted('3', { store });
    expect(await perEpoch(source, fills, 6)).toEqual([11, 11, 0, 7, 0, 7]);
  });

  test('an epoch that was broken off has kept what it made', async () => {
    const { source, fills } = counted('3');
    for await (const _ of source.epoch(0)) break;
    await collect(source.epoch(0));
    expect(fills.map(({ done, total }) => [done, total])).toEqual([
      [4, 11],
      [4, 7],
      [7, 7],
    ]);
  });
});

describe('training', () => {
  const run = async (features?: FeatureSourceFactory, epochs = 2) => {
    const losses: Losses[] = [];
    const { detector: trained } = await train({
      detector,
      executor,
      train: toySamples(IMAGES, BATCH),
      epochs,
      batchSize: BATCH,
      ...step('3'),
      ...(features ? { features } : {}),
      onBatch: (event) => void losses.push(event.losses),
    });
    return { losses, trained };
  };

  test('while variants are new it goes as without a cache, but for the rounding of features', async () => {
    const plain = await run();
    const cached = await run(async () => sourceOf('3'));
    cached.losses.forEach(({ box, obj, cls }, i) => {
      const expected = plain.losses[i];
      for (const [value, other] of [
        [box, expected.box],
        [obj, expected.obj],
        [cls, expected.cls],
      ] as const)
        expect(Math.abs(value - other)).toBeLessThan(2e-3 * other);
    });
  });

  test('what is frozen stays as it is', async () => {
    const { trained } = await run(async () => sourceOf('3'), 4);
    for (const [name, { data }] of detector.tensors)
      if (/^model\.[012]\./.test(name)) expect(trained.tensors.get(name)!.data, name).toEqual(data);
      else if (!name.endsWith('.anchors')) expect(trained.tensors.get(name)!.data, name).not.toEqual(data);
  });
});

describe('errors say what to change', () => {
  test.each<[string, FrozenBatchNorm, RegExp]>([
    ['0', 'eval', /only where layers are frozen/],
    ['3', 'train', /batch normalization of frozen layers is "train".*choose "eval"/],
    [
      '2-3',
      'eval',
      /before anything frozen \(the first that is trained is "model\.0\.conv\.weight"\); freeze the first/,
    ],
  ])('freeze %s, batch normalization %s', (selector, freezeBn, message) => {
    expect(() => splitStep(detector, step(selector, freezeBn))).toThrow(message);
  });
});
