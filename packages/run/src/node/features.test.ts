import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Losses } from '@froyolo/yolo';
import { TOY_IMGSZ } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FeaturesEvent } from '../events.js';
import type { FillEvent } from '../features/source.js';
import type { TrainOptions } from '../settings/index.js';
import { type ToyDataset, toyRun, writeToyDataset } from '../testing/toy-dataset.js';
import { loadDetector } from './checkpoints.js';
import { resumeOnFiles, trainOnFiles } from './train-files.js';

const IMAGES = 10;

let toys: ToyDataset;
beforeAll(async () => {
  toys = await writeToyDataset({ train: IMAGES, val: 4 });
});
afterAll(() => rm(toys.root, { recursive: true, force: true }));

let runs = 0;

/** Freezes the first three layers and caches two variants of each image's features. */
function optionsFor(changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    ...toyRun(toys),
    epochs: 4,
    seed: 5,
    name: `run${runs++}`,
    freeze: [3],
    noval: true,
    cache: 'features',
    cacheVariants: 2,
    cacheRefresh: 0,
    cacheDir: join(toys.root, 'features'),
    ...changes,
  };
}

/** Keeps what a run says; aborts after the batch that `stop` names. */
function recorder(stop?: { epoch: number; batch: number }) {
  const controller = new AbortController();
  const [fills, opened, losses]: [FillEvent[], FeaturesEvent[], Losses[]] = [[], [], []];
  const events = {
    signal: controller.signal,
    onFill: (event: FillEvent) => void fills.push(event),
    onFeatures: (event: FeaturesEvent) => void opened.push(event),
    onBatch: (event: { epoch: number; batch: number; losses: Losses }) => {
      losses.push(event.losses);
      if (event.epoch === stop?.epoch && event.batch === stop.batch) controller.abort();
    },
  };
  const made = () =>
    fills.reduce(
      (sum, { epoch, done }, i) => sum + done - (fills[i - 1]?.epoch === epoch ? fills[i - 1].done : 0),
      0,
    );
  return { events, opened, losses, made };
}

async function run(options: TrainOptions, stop?: { epoch: number; batch: number }) {
  const { events, ...watched } = recorder(stop);
  const result = await trainOnFiles(options, events);
  return { ...watched, made: watched.made(), result };
}

describe('a run with cached features', () => {
  test('fills the cache once; another run finds all of it and gives the same', async () => {
    const first = await run(optionsFor());
    expect(first.opened).toMatchObject([{ there: 0, wanted: 2 * IMAGES, capacity: 2 * IMAGES }]);
    expect(first.made).toBe(2 * IMAGES);
    const second = await run(optionsFor());
    expect(second.opened).toMatchObject([{ there: 2 * IMAGES }]);
    expect(second.made).toBe(0);
    expect(second.losses).toEqual(first.losses);
    const [a, b] = [await loadDetector(first.result.last), await loadDetector(second.result.last)];
    expect(a.tensors).toEqual(b.tensors);
  });

  test('in memory it gives the same', async () => {
    const [disk, ram] = [await run(optionsFor()), await run(optionsFor({ cacheIn: 'ram' }))];
    expect(ram.made).toBe(2 * IMAGES);
    expect(ram.losses).toEqual(disk.losses);
  });

  test('stopped while it fills, it goes on where it was: nothing is made twice, and the end is the same', async () => {
    const settings = { cacheDir: join(toys.root, 'interrupted') };
    const stopped = await run(optionsFor(settings), { epoch: 0, batch: 1 });
    expect(stopped.made).toBeLessThan(IMAGES);
    const { events, made, losses } = recorder();
    const resumed = await resumeOnFiles(stopped.result.last, {}, events);
    expect(stopped.made + made()).toBe(2 * IMAGES);
    const whole = await run(optionsFor({ cacheDir: join(toys.root, 'whole') }));
    expect([...stopped.losses, ...losses]).toEqual(whole.losses);
    const [a, b] = [await loadDetector(resumed.last), await loadDetector(whole.result.last)];
    expect(a.tensors).toEqual(b.tensors);
  });

  test('a limit keeps what fits, and makes the rest again', async () => {
    const folder = join(toys.root, 'limited');
    const [{ entryBytes }] = (await run(optionsFor({ epochs: 1 }))).opened as [FeaturesEvent];
    const limited = await run(optionsFor({ cacheDir: folder, cacheLimit: 13.5 * entryBytes }));
    expect(limited.opened).toMatchObject([{ wanted: 20, capacity: 13 }]);
    expect(limited.made).toBe(20 + 7);
    await expect(run(optionsFor({ cacheDir: folder, cacheLimit: entryBytes - 1 }))).rejects.toThrow(
      /raise its limit/,
    );
  });
});

describe('with gradual unfreezing', () => {
  const schedule = { freeze: [3], unfreeze: ['2:2', '0:4'], epochs: 6 };
  const settings = (name: string) => ({ cacheDir: join(toys.root, name) });

  test('each frozen prefix has a cache of its own; when nothing is frozen, images are read', async () => {
    const { opened, made, result, losses } = await run(optionsFor({ ...schedule, ...settings('unfreeze') }));
    expect(opened.map(({ there, wanted }) => [there, wanted])).toEqual([
      [0, 2 * IMAGES],
      [0, 2 * IMAGES],
    ]);
    expect(new Set(opened.map(({ folder }) => folder)).size).toBe(2);
    expect(made).toBe(4 * IMAGES);
    expect(result.status).toBe('finished');
    const again = await run(optionsFor({ ...schedule, ...settings('unfreeze') }));
    expect([again.made, again.losses]).toEqual([0, losses]);
  });

  test('it says from when on images are read, as it starts and as they are', async () => {
    const said: unknown[] = [];
    await trainOnFiles(optionsFor({ ...schedule, ...settings('said') }), {
      onSetup: ({ imagesFrom }) => void said.push(imagesFrom),
      onStage: ({ epoch, readsImages }) => void said.push([epoch, readsImages]),
    });
    expect(said).toEqual([4, [2, false], [4, true]]);
  });

  test.each([
    { epoch: 2, batch: 1 },
    { epoch: 3, batch: 3 },
    { epoch: 4, batch: 2 },
  ])('resumed at %j it ends the same', async (stop) => {
    const whole = await run(optionsFor({ ...schedule, ...settings('unfreeze') }));
    const stopped = await run(optionsFor({ ...schedule, ...settings('unfreeze') }), stop);
    const { events, losses } = recorder();
    const resumed = await resumeOnFiles(stopped.result.last, {}, events);
    expect([...stopped.losses, ...losses]).toEqual(whole.losses);
    const [a, b] = [await loadDetector(resumed.last), await loadDetector(whole.result.last)];
    expect(a.tensors).toEqual(b.tensors);
  });
});

describe('a stale entry is never used: the key changes with', () => {
  const keyOf = async (options: TrainOptions) => {
    const { opened } = await run({ ...options, epochs: 1 }, { epoch: 0, batch: 1 });
    return opened[0].folder;
  };
  const folder = () => join(toys.root, 'keys');
  const key = (changes: Partial<TrainOptions>) => keyOf(optionsFor({ ...changes, cacheDir: folder() }));

  test('weights, freeze, image size, augmentation and seed, and with nothing else', async () => {
    const base = await key({});
    expect(await key({ lrScale: ['head=2'] })).toBe(base);
    const others = [
      await key({ freeze: [2] }),
      await key({ imgsz: 2 * TOY_IMGSZ }),
      await key({ hyp: 'no-augmentation' }),
      await key({ seed: 6 }),
    ];
    expect(new Set([base, ...others]).size).toBe(5);
    const { result } = await run(optionsFor({ freeze: [0], cache: 'ram', epochs: 1 }));
    const { cfg: _, ...trained } = optionsFor({ weights: result.last, cacheDir: folder() });
    expect(await keyOf(trained)).not.toBe(base);
    expect(await key({ batchSize: 5, epochs: 9, optimizer: 'AdamW', cosLr: true })).toBe(base);
  });

  test('the time and the labels of an image', async () => {
    const base = await key({});
    const label = join(toys.root, 'labels', 'train', '3.txt');
    const text = await readFile(label, 'utf8');
    await writeFile(label, '');
    expect(await key({})).not.toBe(base);
    await writeFile(label, text);
    expect(await key({})).toBe(base);
    const image = join(toys.root, 'images', 'train', '3.png');
    await utimes(image, new Date(1), new Date(1));
    expect(await key({})).not.toBe(base);
  });
});

test.each<[Partial<TrainOptions>, RegExp]>([
  [{ freeze: [0] }, /only where layers are frozen/],
  [{ freezeBn: 'train' }, /choose "eval"/],
  [{ freezeBn: 'stats' }, /is "stats".*choose "eval"/],
  [{ freeze: ['2-3'] }, /freeze the first layers/],
  [{ rect: true }, /leave out rect/],
  [{ multiScale: true }, /leave out multi-scale/],
])('%j fails before the run has a folder', async (changes, message) => {
  const options = optionsFor({ ...changes, name: 'refused' });
  await expect(run(options)).rejects.toThrow(message);
  expect(await readdir(join(toys.root, 'runs'))).not.toContain('refused');
});
