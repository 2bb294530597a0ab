/** What each policy for frozen batch normalization changes in a saved detector, and what it does not: bit for bit. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrozenBatchNorm } from '@froyolo/freeze';
import type { Detector, Losses } from '@froyolo/yolo';
import { TOY_IMGSZ } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrainOptions } from '../settings/index.js';
import { type ToyDataset, writeToyDataset } from '../testing/toy-dataset.js';
import { loadDetector } from './checkpoints.js';
import { trainOnFiles } from './train-files.js';

let toys: ToyDataset;
let start: string;
beforeAll(async () => {
  toys = await writeToyDataset({ train: 8, val: 4 });
  // Statistics that are not those of a fresh network.
  start = (await train({ weights: '', cfg: toys.cfg, name: 'start' })).last;
});
afterAll(() => rm(toys.root, { recursive: true, force: true }));

async function train(changes: Partial<TrainOptions>) {
  const losses: Losses[] = [];
  const common = {
    data: toys.data,
    epochs: 2,
    batchSize: 4,
    imgsz: TOY_IMGSZ,
    workers: 0,
    threads: 1,
    seed: 5,
  };
  const result = await trainOnFiles(
    { ...common, weights: start, project: join(toys.root, 'runs'), ...changes },
    { onBatch: (event) => void losses.push(event.losses) },
  );
  return { ...result, losses };
}

const bits = ({ tensors }: Detector, name: string) => new Uint32Array(tensors.get(name)!.data.slice().buffer);

/** Names whose bits differ. */
function changed(before: Detector, after: Detector): string[] {
  return [...before.tensors.keys()].filter(
    (name) => !bits(before, name).every((value, i) => value === bits(after, name)[i]),
  );
}

const FREEZE = 3;
const isFrozen = (name: string) => Number(name.split('.')[1]) < FREEZE;
const TRAINED = ['model.3.conv.weight', 'model.4.bn.bias', 'model.5.m.0.bias', 'model.3.bn.running_mean'];
const isStatistic = (name: string) => name.includes('.running_');

describe.each<[FrozenBatchNorm, boolean]>([
  ['eval', false],
  ['stats', true],
  ['train', true],
])('batch normalization of frozen layers: %s', (freezeBn, follow) => {
  test('frozen parameters are saved as they were loaded; statistics follow where they should, all of them', async () => {
    const before = await loadDetector(start);
    const { last, best } = await train({ freeze: [FREEZE], freezeBn, name: freezeBn });
    const statistics = [...before.tensors.keys()].filter((name) => isFrozen(name) && isStatistic(name));
    expect(statistics.length).toBeGreaterThan(4);
    for (const file of [last, best]) {
      const different = changed(before, await loadDetector(file));
      expect(different.filter((name) => isFrozen(name) && !isStatistic(name))).toEqual([]);
      expect(different.filter(isFrozen)).toEqual(follow ? statistics : []);
      expect(different).toEqual(expect.arrayContaining(TRAINED));
    }
  });
});

test('the first step of stats is that of eval; then its statistics have moved; train uses those of the batch', async () => {
  const losses = async (freezeBn: FrozenBatchNorm) =>
    (await train({ freeze: [FREEZE], freezeBn, name: 'steps', noval: true, epochs: 1 })).losses;
  const [evaluated, stats, trained] = [await losses('eval'), await losses('stats'), await losses('train')];
  for (const part of ['box', 'obj', 'cls'] as const)
    expect(stats[0][part]).toBeCloseTo(evaluated[0][part], 6);
  expect(Math.abs(stats[1].cls - evaluated[1].cls)).toBeGreaterThan(3e-6);
  expect(Math.abs(trained[0].cls - evaluated[0].cls)).toBeGreaterThan(3e-4);
});

test('stats follow what train follows where the input is the same, and elsewhere what they themselves let through', async () => {
  const statisticsAfter = async (freezeBn: FrozenBatchNorm) => {
    const options = { freeze: [FREEZE], freezeBn, name: 'one', noval: true, epochs: 1, batchSize: 8 };
    return loadDetector((await train(options)).last);
  };
  const [stats, trained] = [await statisticsAfter('stats'), await statisticsAfter('train')];
  const first = 'model.0.bn.running_mean';
  stats.tensors.get(first)!.data.forEach((v, i) => {
    expect(v).toBeCloseTo(trained.tensors.get(first)!.data[i], 5);
  });
  expect(changed(stats, trained)).toContain('model.1.bn.running_mean');
});
