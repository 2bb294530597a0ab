import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { RunEvents, SetupEvent } from '../events.js';
import type { TrainOptions } from '../settings/index.js';
import { type ToyDataset, toyRun, writeToyDataset } from '../testing/toy-dataset.js';
import { resumeOnFiles, trainOnFiles } from './train-files.js';

let toys: ToyDataset;
beforeAll(async () => {
  toys = await writeToyDataset({ train: 14, val: 6 });
});
afterAll(() => rm(toys.root, { recursive: true, force: true }));

const optionsFor = (name: string, changes: Partial<TrainOptions>): TrainOptions => ({
  ...toyRun(toys),
  name,
  ...changes,
});

const yamlIn = async (folder: string, name: string) => parse(await readFile(join(folder, name), 'utf8'));

/** A clock that goes on by a tenth of a second whenever it is looked at, and when it is told to. */
function tickingEvents(): RunEvents & {
  readonly setups: SetupEvent[];
  now(): number;
  pass(more: number): void;
} {
  let seconds = 0;
  const setups: SetupEvent[] = [];
  return {
    setups,
    now: () => seconds,
    pass: (more) => {
      seconds += more;
    },
    elapsed: () => {
      seconds += 0.1;
      return seconds;
    },
    onSetup: (event) => {
      setups.push(event);
    },
  };
}

test('a given time: what is frozen when, cache and validation are planned; it ends by the clock', async () => {
  const events = tickingEvents();
  const { folder, status, state } = await trainOnFiles(optionsFor('timed', { time: 120 }), events);
  expect(status).toBe('finished');
  expect(events.now()).toBeLessThanOrEqual(120);
  expect(events.now()).toBeGreaterThan(110);
  expect(state.progress.seconds).toBeGreaterThan(105);
  expect(events.setups[0]?.recipe?.hyp).toMatchObject({ nbs: 4 });
  expect(await yamlIn(folder, 'args.yaml')).toMatchObject({
    time: 120,
    cache: 'features',
    cacheIn: 'ram',
    freeze: ['backbone'],
    patience: 0,
  });
  const hyp = await yamlIn(folder, 'hyp.yaml');
  expect(hyp.nbs).toBe(4);
  expect(hyp.unfreeze).toMatch(/^0:\d+$/);
  const depths = (await readFile(join(folder, 'results.csv'), 'utf8')).trimEnd().split('\n').slice(1);
  expect(new Set(depths.map((row) => row.split(',').at(-1)?.trim()))).toEqual(new Set(['4', '0']));
});

test('what is given counts more than the plan', async () => {
  const given = { time: 20, freeze: ['0'], epochs: 2 };
  const { folder, state } = await trainOnFiles(optionsFor('given', given), tickingEvents());
  expect(state.progress.epoch).toBe(2);
  const args = await yamlIn(folder, 'args.yaml');
  expect(args).toMatchObject({ freeze: ['0'], epochs: 2 });
  expect(args.cache).toBeUndefined();
});

test('features of a given freeze are cached where the backbone is in it, unless something speaks against it', async () => {
  const argsOf = async (name: string, changes: Partial<TrainOptions>) => {
    const run = await trainOnFiles(optionsFor(name, { time: 20, epochs: 1, ...changes }), tickingEvents());
    const { freeze, cache } = await yamlIn(run.folder, 'args.yaml');
    return [freeze, cache];
  };
  expect(await argsOf('frozen', { freeze: [4] })).toEqual([['4'], 'features']);
  expect(await argsOf('shallow', { freeze: [1] })).toEqual([['1'], undefined]);
  expect(await argsOf('cached-images', { freeze: [4], cache: 'ram' })).toEqual([['4'], 'ram']);
});

test('a run that was interrupted goes on with the time that is left', async () => {
  const controller = new AbortController();
  // Most of the time is over when it stops, whatever the machine: a run that began anew would take 30 seconds.
  const clock = tickingEvents();
  const onBatch = () => {
    clock.pass(22);
    controller.abort();
  };
  const first = { ...clock, signal: controller.signal, onBatch };
  const stopped = await trainOnFiles(optionsFor('stopped', { time: 30 }), first);
  expect(stopped.status).toBe('stopped');
  expect(stopped.state.progress.seconds).toBeGreaterThan(20);
  const started = performance.now();
  const { status } = await resumeOnFiles(stopped.last);
  expect(status).toBe('finished');
  expect((performance.now() - started) / 1000).toBeLessThan(25);
}, 60_000);

test('the recipe of the dataset is written down', async () => {
  const { folder, state } = await trainOnFiles(optionsFor('auto', { recipe: 'auto', epochs: 2 }));
  expect(state.progress).toMatchObject({ epoch: 2, updates: 8 });
  expect(await yamlIn(folder, 'hyp.yaml')).toMatchObject({ nbs: 4, warmup_steps: 2 });
  expect(await yamlIn(folder, 'args.yaml')).toMatchObject({ recipe: 'auto', epochs: 2, patience: 2 });
});
