import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { resultsHeader } from '@froyolo/run';
import { recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ArmFolder } from './arm-folder.js';
import { identityOf } from './arm-identity.js';
import { compareFreezes } from './compare.js';
import { StudyError } from './errors.js';
import type { ArmLauncher } from './launcher.js';
import { armFigures, readResults } from './results.js';
import { armsOf, freezeSettings, readStudy, type Study } from './study.js';

const study: Study = {
  recipe: recipeOf(
    resolveSettings(SETTINGS, 'compare', { weights: '', cfg: 'yolov5n', data: 'data.yaml', epochs: 2 }),
  ),
  freezes: ['0', 'backbone,!model.9'],
  seeds: [0, 1],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-study-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const state = {
  status: 'finished',
  device: 'cpu',
  parameters: 4,
  trainableParameters: 2,
  images: 8,
  peakMemory: 100,
  timing: [],
} as const;

/** Instead of a process: notes what was asked for, and says that it is done. */
function launcher(done: string[], stopAt = ''): ArmLauncher {
  return async ({ folder: at, name, settings }) => {
    done.push(name);
    if (name === stopAt) return 'stopped';
    const own = new ArmFolder(join(at, name));
    await own.prepareSamples();
    await own.writeState({ ...state, run: identityOf(settings) });
    return 'finished';
  };
}

test('every freeze is trained with the first seed before the next seed; names of folders stay apart', () => {
  expect(armsOf(study).map((arm) => arm.folder)).toEqual([
    'freeze-0-seed-0',
    'freeze-backbone,%21model.9-seed-0',
    'freeze-0-seed-1',
    'freeze-backbone,%21model.9-seed-1',
  ]);
});

test('a freeze that is freed later: its settings, and errors before anything is trained', async () => {
  expect(freezeSettings('0-9,17')).toEqual({ freeze: ['0-9,17'], unfreeze: [] });
  expect(freezeSettings('24/10:1,0:5')).toEqual({ freeze: ['24'], unfreeze: ['10:1,0:5'] });
  const compare = (changes: Partial<Study>, recipe: object = {}) => {
    const done: string[] = [];
    const changed = { ...study, ...changes, recipe: { ...study.recipe, ...recipe }, seeds: [0] };
    return compareFreezes(folder, changed, {}, { launch: launcher(done) }).then(() => done);
  };
  const hyp = { ...hypPresets['scratch-low'], unfreeze: '2:1' };
  await expect(compare({ freezes: ['24', '24/10:2'] })).rejects.toThrow('"10:2": never begins');
  await expect(compare({ freezes: ['24/10:1', '10/24:1'] })).rejects.toThrow('"24:1": would freeze');
  await expect(compare({}, { hyp })).rejects.toThrow('in a study a freeze says that itself');
  await expect(compare({}, { lrScale: ['bakbone=0.1'] })).rejects.toThrow('matches nothing');
  expect(await compare({ freezes: ['24', '24/10:1'] }, { lrScale: ['backbone=0.1'] })).toEqual([
    'freeze-24-seed-0',
    'freeze-24%2f10%3a1-seed-0',
  ]);
});

test('finished runs are kept when a stopped study goes on', async () => {
  const arms = armsOf(study).map((arm) => arm.folder);
  const first: string[] = [];
  const stopped = await compareFreezes(folder, study, {}, { launch: launcher(first, arms[2]) });
  expect([stopped.status, first]).toEqual(['stopped', arms.slice(0, 3)]);

  const second: string[] = [];
  const kept: string[] = [];
  const onArm = (arm: { folder: string; isFinished: boolean }) => {
    if (arm.isFinished) kept.push(arm.folder);
    return {};
  };
  const resumed = await compareFreezes(
    folder,
    await readStudy(folder),
    { onArm },
    { launch: launcher(second) },
  );
  expect([resumed.status, kept, second]).toEqual(['finished', arms.slice(0, 2), arms.slice(2)]);
});

test('a state of another run is noticed before anything is trained', async () => {
  await compareFreezes(folder, study, {}, { launch: launcher([]) });
  const [first = '', second = '', third = ''] = armsOf(study).map((arm) =>
    join(folder, arm.folder, 'arm.json'),
  );
  const again = () => {
    const done: string[] = [];
    return compareFreezes(folder, study, {}, { launch: launcher(done) }).finally(() =>
      expect(done).toEqual([]),
    );
  };
  expect((await again()).status).toBe('finished');
  const kept = join(folder, 'kept.json');
  renameSync(first, kept);

  copyFileSync(second, first);
  await expect(again()).rejects.toThrow(
    `${first} belongs to another run: it says freeze backbone,!model.9, not 0; put the right file back`,
  );
  copyFileSync(third, first);
  await expect(again()).rejects.toThrow('it says seed 1, not 0');
  const { run, ...rest } = JSON.parse(readFileSync(kept, 'utf8'));
  writeFileSync(first, JSON.stringify({ ...rest, run: { ...run, settings: 'of another study' } }));
  await expect(again()).rejects.toThrow('its settings are not those of this study');
  await expect(readResults(folder, study)).resolves.toMatchObject({ arms: { length: 4 } });
});

test('a study keeps its recipe, but may get other freezes and seeds', async () => {
  await compareFreezes(folder, study, {}, { launch: launcher([]) });
  const done: string[] = [];
  await compareFreezes(folder, { ...study, seeds: [0, 1, 2] }, {}, { launch: launcher(done) });
  expect(done).toEqual(['freeze-0-seed-2', 'freeze-backbone,%21model.9-seed-2']);
  const other = { ...study, recipe: { ...study.recipe, epochs: 3 } };
  await expect(compareFreezes(folder, other, {}, { launch: launcher([]) })).rejects.toThrow(
    /other settings: epochs \(2 there, 3 now\)/,
  );
});

test.each([
  [{ ...study, freezes: ['10', '10'] }, /freeze 10 with seed 0 occurs twice/],
  [{ ...study, freezes: [] }, /at least one freeze/],
  [{ ...study, freezes: ['bakbone'] }, /bakbone/],
])('a study that can not be meant fails before anything is trained', async (wrong, message) => {
  const done: string[] = [];
  await expect(compareFreezes(folder, wrong, {}, { launch: launcher(done) })).rejects.toThrow(message);
  expect(done).toEqual([]);
});

test('a folder without a study, or with something else in its place, is named', async () => {
  await expect(readStudy(folder)).rejects.toThrow(StudyError);
  writeFileSync(join(folder, 'study.json'), '{"format": "other"}');
  await expect(readStudy(folder)).rejects.toThrow(/study\.json: format: not a study of this version/);
  writeFileSync(join(folder, 'study.json'), '{');
  await expect(readStudy(folder)).rejects.toThrow(/study\.json can't be read as JSON/);
});

test('an aborted study trains nothing and still writes what there is', async () => {
  const done: string[] = [];
  const options = { launch: launcher(done), signal: AbortSignal.abort() };
  const { status } = await compareFreezes(folder, study, {}, options);
  expect([status, done]).toEqual(['stopped', []]);
  expect(JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')).arms).toHaveLength(4);
});

test('the figures of a run come from its table, its times and its samples', () => {
  const header = resultsHeader(['box', 'obj', 'cls']);
  const columns = header.split(',').map((name) => name.trim());
  const row = (epoch: number, losses: [number, number, number], mAP50: number, mAP50_95: number) => {
    const named: Record<string, number> = {
      epoch,
      'train/box_loss': losses[0],
      'train/obj_loss': losses[1],
      'train/cls_loss': losses[2],
      'metrics/mAP_0.5': mAP50,
      'metrics/mAP_0.5:0.95': mAP50_95,
    };
    return columns.map((name) => named[name] ?? 0).join(',');
  };
  const csv = `${header}${[
    row(0, [3, 2, 1], 0.5, 0.2),
    row(1, [2, 2, 1], 0.8, 0.4),
    row(2, [1, 1, 1], 0.7, 0.3),
    row(3, [1, 1, 1], 0.9, 0.9),
  ].join('\n')}\n`;
  const timing = [0, 1, 2].map((epoch) => ({ epoch, elapsed: 10 * (epoch + 1), training: 8, validation: 1 }));
  const samples = [
    { time: 1, memory: 50, cpu: 0.5 },
    { time: 2, memory: 150, cpu: 1 },
  ];
  const figures = armFigures({ ...state, run: { freeze: '0', seed: 0, settings: '' }, timing }, csv, samples);
  // The epoch of which no time is known was cut off while it was written.
  expect(figures.epochs.map(({ epoch, mAP50_95 }) => [epoch, mAP50_95])).toEqual([
    [0, 0.2],
    [1, 0.4],
    [2, 0.3],
  ]);
  expect(figures).toMatchObject({ seconds: 30, imagesPerSecond: 1, peakMemory: 150, cpu: 0.75 });
  expect(figures.best).toMatchObject({ epoch: 1, mAP50: 0.8, trainLosses: { box: 2, obj: 2, cls: 1 } });
});

test('a run of days has more samples than a call takes arguments', () => {
  const sample = { memory: 1, cpu: 1, gpu: 1 };
  const samples = Array.from({ length: 300_000 }, (_, time) => ({ ...sample, time, gpuMemory: time }));
  const run = { freeze: '0', seed: 0, settings: '' };
  expect(armFigures({ ...state, run }, '', samples)).toMatchObject({ peakGpuMemory: 299_999 });
});

test('with cached features, a run that freezes nothing at the beginning reads images', async () => {
  const caches: (string | undefined)[] = [];
  const recipe = { ...study.recipe, cache: 'features' as const };
  const launch: ArmLauncher = (order, ...rest) => {
    caches.push(order.settings.cache);
    return launcher([])(order, ...rest);
  };
  await compareFreezes(folder, { recipe, freezes: ['0', '10'], seeds: [0] }, {}, { launch });
  expect(caches).toEqual([undefined, 'features']);
});

const onPosix = process.platform === 'win32' ? ' (skipped: not for Windows)' : '';
describe.skipIf(process.platform === 'win32')(`several GPUs${onPosix}`, () => {
  afterEach(() => vi.unstubAllEnvs());
  const onGpus = (device: string): Study => ({ ...study, recipe: { ...study.recipe, device } });

  test('a run on each at a time, and none on two', async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), fakeH100(1)]));
    const done: string[] = [];
    const finish = launcher(done);
    const running = new Set<unknown>();
    const used: unknown[] = [];
    let most = 0;
    const launch: ArmLauncher = async (order, signal, events) => {
      const { device } = order.settings;
      expect(running.has(device)).toBe(false);
      running.add(device);
      used.push(device);
      most = Math.max(most, running.size);
      // Until the other GPU has a run, too.
      while (used.length < 2) await new Promise((resolve) => setImmediate(resolve));
      running.delete(device);
      return finish(order, signal, events);
    };
    const { status } = await compareFreezes(folder, onGpus('0,1'), {}, { launch });
    expect([status, most, done.length]).toEqual(['finished', 2, 4]);
    expect(new Set(used)).toEqual(new Set(['cuda:0', 'cuda:1']));
    // The study itself is the same on any GPU.
    expect((await readStudy(folder)).recipe.device).toBe('0,1');
  });

  test('a study that goes on is on the same GPUs, or on others that are named', async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), fakeH100(1)]));
    const compareOn = async (wanted: Study, devices: number, stopAt?: string) => {
      const used: unknown[] = [];
      const finish = launcher([], stopAt);
      const launch: ArmLauncher = async (order, ...rest) => {
        used.push(order.settings.device);
        // Until every GPU has a run.
        while (used.length < devices) await new Promise((resolve) => setImmediate(resolve));
        return finish(order, ...rest);
      };
      const { status } = await compareFreezes(folder, wanted, {}, { launch });
      return { status, runs: used.length, devices: new Set(used) };
    };
    const [first] = armsOf(study).map((arm) => arm.folder);
    const both = new Set(['cuda:0', 'cuda:1']);
    const stopped = await compareOn({ ...onGpus('0,1'), seeds: [0] }, 2, first);
    expect(stopped).toEqual({ status: 'stopped', runs: 2, devices: both });
    const resumed = await compareOn({ ...(await readStudy(folder)), seeds: [0, 1] }, 2);
    expect(resumed).toEqual({ status: 'finished', runs: 3, devices: both });
    const moved = await compareOn({ ...onGpus('cpu'), seeds: [0, 1, 2] }, 1);
    expect(moved).toEqual({ status: 'finished', runs: 2, devices: new Set(['cpu']) });
    expect((await readStudy(folder)).recipe.device).toBe('cpu');
  });

  test.each([
    [[], /"0,1": there is no GPU 0: the NVIDIA driver lists none here/],
    [[fakeH100(0)], /there is no GPU 1: there is 0 \(NVIDIA H100 80GB HBM3\); "froyolo devices"/],
  ])('one that is missing is named before anything is trained', async (gpus, message) => {
    vi.stubEnv('PATH', fakeNvidiaSmi(gpus));
    const done: string[] = [];
    const running = compareFreezes(folder, onGpus('0,1'), {}, { launch: launcher(done) });
    await expect(running).rejects.toThrow(message);
    expect(done).toEqual([]);
  });

  test('one that is hidden is missing', async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), fakeH100(1)]));
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '1');
    await expect(compareFreezes(folder, onGpus('0,1'), {}, { launch: launcher([]) })).rejects.toThrow(
      /no GPU 1: there is 0 .*CUDA_VISIBLE_DEVICES/,
    );
  });
});
