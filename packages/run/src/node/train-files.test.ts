import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BatchEvent } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvents, SetupEvent } from '../events.js';
import type { TrainOptions } from '../settings/index.js';
import { type ToyDataset, toyRun, writeToyDataset } from '../testing/toy-dataset.js';
import { loadDetector } from './checkpoints.js';
import { resumeOnFiles, trainOnFiles } from './train-files.js';

let toys: ToyDataset;
beforeAll(async () => {
  toys = await writeToyDataset({ train: 14, val: 6 });
});
afterAll(() => rm(toys.root, { recursive: true, force: true }));

/** Augmented, with mosaics: what a resumed run draws again has to be what it would have drawn. */
function optionsFor(name: string, changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    ...toyRun(toys),
    epochs: 3,
    seed: 5,
    name,
    ...changes,
  };
}

/** Keeps what each batch reports; aborts after the one that `stop` names. */
function recorder(stop?: { epoch: number; batch: number }) {
  const controller = new AbortController();
  const batches: Pick<BatchEvent, 'epoch' | 'batch' | 'losses' | 'imgsz'>[] = [];
  const setups: SetupEvent[] = [];
  const events: RunEvents = {
    signal: controller.signal,
    onSetup: (event) => {
      setups.push(event);
    },
    onBatch: ({ epoch, batch, losses, imgsz }) => {
      batches.push({ epoch, batch, losses, imgsz });
      if (epoch === stop?.epoch && batch === stop.batch) controller.abort();
    },
  };
  return { batches, setups, events };
}

const weightsIn = async (folder: string) => (await readdir(join(folder, 'weights'))).sort();
const resultsIn = (folder: string) => readFile(join(folder, 'results.csv'), 'utf8');

test('a run that is interrupted and resumed equals one that is not: losses, results and weights', async () => {
  const whole = recorder();
  const { folder, last } = await trainOnFiles(optionsFor('whole'), whole.events);
  expect((await readdir(folder)).sort()).toEqual(['args.yaml', 'hyp.yaml', 'results.csv', 'weights']);
  expect(await weightsIn(folder)).toEqual(['best.safetensors', 'last.safetensors']);

  const first = recorder({ epoch: 1, batch: 2 });
  const stopped = await trainOnFiles(optionsFor('stopped'), first.events);
  expect(stopped.status).toBe('stopped');
  const rest = recorder();
  const resumed = await resumeOnFiles(stopped.last, {}, rest.events);
  expect(resumed).toMatchObject({ status: 'finished', folder: stopped.folder });

  expect([...first.batches, ...rest.batches]).toEqual(whole.batches);
  expect(await resultsIn(resumed.folder)).toBe(await resultsIn(folder));
  expect((await loadDetector(resumed.last)).tensors).toEqual((await loadDetector(last)).tensors);
  await expect(resumeOnFiles(last)).rejects.toThrow('the run is finished');
});

test('images by weight and in quads: a run that is interrupted and resumed equals one that is not', async () => {
  const changes = { imageWeights: true, quad: true };
  const whole = recorder();
  const { last } = await trainOnFiles(optionsFor('weighted', changes), whole.events);
  const side = 2 * TOY_IMGSZ;
  expect(new Set(whole.batches.map(({ imgsz }) => imgsz.join('x')))).toEqual(new Set([`${side}x${side}`]));
  const first = recorder({ epoch: 1, batch: 2 });
  const stopped = await trainOnFiles(optionsFor('weighted-stopped', changes), first.events);
  const rest = recorder();
  const resumed = await resumeOnFiles(stopped.last, {}, rest.events);
  expect([...first.batches, ...rest.batches]).toEqual(whole.batches);
  expect((await loadDetector(resumed.last)).tensors).toEqual((await loadDetector(last)).tensors);
});

test('a whitened last layer goes on from a file', async () => {
  const changes = { freeze: 5, hyp: { whiten: 0.1 } };
  const whole = recorder();
  const { last } = await trainOnFiles(optionsFor('whitened', changes), whole.events);
  const first = recorder({ epoch: 1, batch: 2 });
  const stopped = await trainOnFiles(optionsFor('whitened-stopped', changes), first.events);
  const rest = recorder();
  const resumed = await resumeOnFiles(stopped.last, {}, rest.events);
  expect([...first.batches, ...rest.batches]).toEqual(whole.batches);
  expect((await loadDetector(resumed.last)).tensors).toEqual((await loadDetector(last)).tensors);
});

test.each([
  [{ quad: true, batchSize: -1 }, 'quad: the memory of joined images'],
  [{ imageWeights: true, rect: true }, 'imageWeights: batches of rect'],
  [{ imageWeights: true, cache: 'features', freeze: 2 }, 'leave out image-weights'],
  [{ quad: true, cache: 'features', freeze: 2 }, 'leave out quad'],
] as const)('%o is refused', async (changes, message) => {
  await expect(trainOnFiles(optionsFor('refused', changes))).rejects.toThrow(message);
});

test("results.csv has a row per epoch in YOLOv5's columns", async () => {
  const { folder } = await trainOnFiles(optionsFor('results', { epochs: 2, noval: true }));
  const [header, ...rows] = (await resultsIn(folder)).trimEnd().split('\n');
  const columns = header.split(',').map((cell) => cell.trim());
  expect(columns.slice(0, 2)).toEqual(['epoch', 'train/box_loss']);
  const cells = rows.map((row) => row.split(',').map(Number));
  expect(cells.map((row) => [row.length, row[0]])).toEqual([
    [columns.length, 0],
    [columns.length, 1],
  ]);
  const recall = columns.indexOf('val/box_loss');
  expect(cells[0][recall]).toBe(0);
  expect(cells[1][recall]).toBeGreaterThan(0);
});

describe('gradual unfreezing', () => {
  /** A YAML that says what the flags say. */
  const hypFile = async (name: string, text: string) => {
    const file = join(toys.root, name);
    await writeFile(file, text);
    return file;
  };
  const depths = async (folder: string) => {
    const [header, ...rows] = (await resultsIn(folder)).trimEnd().split('\n');
    const names = header.split(',').map((cell) => cell.trim());
    expect(names.indexOf('freeze')).toBe(14);
    return rows.map((row) => row.split(',').at(-1)!.trim());
  };
  const schedule = { freeze: [4], unfreeze: ['0+2:1', '0:2'], lrScale: ['backbone=0.5'], noval: true };

  test('results.csv has the depth of each epoch; a resumed run keeps the schedule', async () => {
    const whole = recorder();
    const { folder, last } = await trainOnFiles(optionsFor('unfreeze', schedule), whole.events);
    expect(await depths(folder)).toEqual(['4', '0 2', '0']);
    const [{ stages, freeze, lrScales }] = whole.setups as [SetupEvent];
    expect(stages.map(({ epoch, policy }) => [epoch, policy.label])).toEqual([
      [0, '4'],
      [1, '0 2'],
      [2, '0'],
    ]);
    expect([freeze.label, new Set(lrScales.values())]).toEqual(['4', new Set([0.5])]);
    for (const stop of [
      { epoch: 0, batch: 4 },
      { epoch: 1, batch: 2 },
    ]) {
      const first = recorder(stop);
      const name = `unfreeze-stopped-${stop.epoch}`;
      const stopped = await trainOnFiles(optionsFor(name, schedule), first.events);
      const rest = recorder();
      const resumed = await resumeOnFiles(stopped.last, {}, rest.events);
      expect(rest.setups[0].stages.map(({ policy }) => policy.label)).toEqual(['0 2', '0']);
      expect([...first.batches, ...rest.batches]).toEqual(whole.batches);
      expect(await resultsIn(resumed.folder)).toBe(await resultsIn(folder));
      expect((await loadDetector(resumed.last)).tensors).toEqual((await loadDetector(last)).tensors);
    }
  });

  test('the hyperparameters may say it; a flag counts more', async () => {
    const hyp = await hypFile('unfreeze.yaml', 'unfreeze: 2:1,0:2\nlr_scale: backbone=0.5\n');
    const { folder } = await trainOnFiles(optionsFor('unfreeze-hyp', { freeze: [4], hyp, noval: true }));
    expect(await depths(folder)).toEqual(['4', '2', '0']);
    const { setups, events } = recorder();
    const flags = { freeze: [4], hyp, unfreeze: ['3:2'], lrScale: ['model.4=2', '0-1=0.1'], noval: true };
    const other = await trainOnFiles(optionsFor('unfreeze-flag', flags), events);
    expect(await depths(other.folder)).toEqual(['4', '4', '3']);
    expect(new Set(setups[0].lrScales.values())).toEqual(new Set([2]));
    expect(setups[0].warnings).toEqual([
      expect.stringMatching(/^\d+ of the \d+ frozen tensors are fresh/),
      expect.stringMatching(/^lr-scale "0-1=0.1" changes nothing/),
    ]);
  });

  test.each<[Partial<TrainOptions>, RegExp]>([
    [{ unfreeze: ['2:1'] }, /^unfreeze "2:1": nothing is left to unfreeze before it/],
    [{ freeze: [4], unfreeze: ['2:3'] }, /^unfreeze "2:3": never begins: there are 3 epochs/],
    [{ freeze: [2], unfreeze: ['3:1'] }, /^unfreeze "3:1": would freeze/],
    [{ freeze: ['auto'], memory: 1e9, unfreeze: ['2:1'] }, /freeze "auto" picks the shallowest/],
    [{ lrScale: ['neck=0.1,backbon=2'] }, /^lr-scale "backbon=2": matches nothing/],
  ])('%j fails before the run has a folder', async (changes, message) => {
    await expect(trainOnFiles(optionsFor('refused', changes))).rejects.toThrow(message);
    expect(await readdir(join(toys.root, 'runs'))).not.toContain('refused');
  });

  test('an automatic batch size is that of the last stage, which takes most', async () => {
    const sizeWith = async (changes: Partial<TrainOptions>) => {
      const name = `batch-${JSON.stringify(changes).replace(/\W+/g, '-')}`;
      const auto = { batchSize: -1, memory: 312e6, epochs: 2, noval: true, ...changes };
      const { folder } = await trainOnFiles(optionsFor(name, auto));
      return Number(/^batchSize: (\d+)$/m.exec(await readFile(join(folder, 'args.yaml'), 'utf8'))![1]);
    };
    const all = await sizeWith({});
    expect(await sizeWith({ freeze: [4] })).toBeGreaterThan(all);
    expect(await sizeWith({ freeze: [4], unfreeze: ['0:1'] })).toBe(all);
  });
});

test('nosave writes the final checkpoint only, and one to resume from when it is stopped', async () => {
  const { folder, best, last } = await trainOnFiles(optionsFor('nosave', { nosave: true, epochs: 2 }));
  expect(await weightsIn(folder)).toEqual(['last.safetensors']);
  expect(best).toBe(last);
  const { events } = recorder({ epoch: 0, batch: 3 });
  const stopped = await trainOnFiles(optionsFor('nosave-stopped', { nosave: true }), events);
  expect(await weightsIn(stopped.folder)).toEqual(['last.safetensors']);
  expect((await resumeOnFiles(stopped.last)).status).toBe('finished');
});

test('multi-scale trains on several sizes', async () => {
  const { batches, events } = recorder();
  await trainOnFiles(optionsFor('scales', { multiScale: true, epochs: 2 }), events);
  const sides = new Set(batches.map(({ imgsz }) => imgsz[0]));
  expect(sides.size).toBeGreaterThan(1);
  for (const side of sides) expect([32, 48, 64, 80, 96]).toContain(side);
});

test('anchors that do not fit the dataset are replaced, and saved with the detector', async () => {
  const flat = TOY_ARCHITECTURE.replace('[12,12, 16,16]', '[90,4, 4,90]').replace(
    '[24,24, 32,32]',
    '[99,9, 9,99]',
  );
  const misfit = await writeToyDataset({ train: 14, val: 6 }, flat);
  const { setups, events } = recorder();
  const { cfg, data } = misfit;
  const { best } = await trainOnFiles(optionsFor('anchors', { cfg, data, epochs: 1 }), events);
  const [{ anchors, detector }] = setups as [SetupEvent];
  expect(anchors).toEqual([expect.stringMatching(/^anchors replaced: (9\d|100)\.\d% .* \d+\.\d% before$/)]);
  const sides = detector.model.anchors.flat(2);
  expect(Math.max(...sides)).toBeLessThan(40);
  expect((await loadDetector(best)).model.anchors.flat(2)).toEqual(sides);
  const kept = recorder();
  await trainOnFiles(optionsFor('kept', { cfg, data, epochs: 1, noautoanchor: true }), kept.events);
  expect(kept.setups[0].detector.model.anchors[0]).toEqual([
    [90, 4],
    [4, 90],
  ]);

  // Boxes of one size are too few kinds for other anchors: the run continues with those that it has.
  for (const name of await readdir(join(misfit.root, 'labels/train')))
    await writeFile(join(misfit.root, 'labels/train', name), '0 0.5 0.5 0.1 0.1\n');
  const same = recorder();
  const { status } = await trainOnFiles(optionsFor('same', { cfg, data, epochs: 1 }), same.events);
  expect(status).toBe('finished');
  expect(same.setups[0].anchors).toEqual([
    expect.stringContaining('anchors need as many boxes of different sizes'),
  ]);
  await rm(misfit.root, { recursive: true, force: true });
});
