import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryName } from '@froyolo/common/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvents, SetupEvent } from '../events.js';
import { type ToyDataset, toyRun, writeToyDataset } from '../testing/toy-dataset.js';
import { loadDetector } from './checkpoints.js';
import { RunFolder } from './run-folder.js';
import { resumeOnFiles, type TrainFilesResult, trainOnFiles } from './train-files.js';

let toys: ToyDataset;
/** Stopped after its first epoch, which is the best one. */
let stopped: TrainFilesResult;
let whole: TrainFilesResult;

const options = (name: string) => ({
  ...toyRun(toys),
  epochs: 2,
  seed: 5,
  name,
});

beforeAll(async () => {
  toys = await writeToyDataset({ train: 8, val: 4 });
  whole = await trainOnFiles(options('whole'));
  const controller = new AbortController();
  stopped = await trainOnFiles(options('stopped'), {
    signal: controller.signal,
    onEpoch: () => controller.abort(),
  });
});
afterAll(() => rm(toys.root, { recursive: true, force: true }));

/** Changes a bit in the middle of a file. */
async function flip(file: string): Promise<void> {
  const bytes = await readFile(file);
  const at = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(file, bytes);
}

let copies = 0;

/** The stopped run in its own folder. */
async function copyOfStopped(): Promise<RunFolder> {
  const folder = new RunFolder(join(toys.root, 'runs', `copy${copies++}`));
  await mkdir(join(folder.folder, 'weights'), { recursive: true });
  for (const file of ['args.yaml', 'hyp.yaml', 'results.csv'])
    await copyFile(join(stopped.folder, file), join(folder.folder, file));
  await copyFile(stopped.last, folder.last);
  await copyFile(stopped.best, folder.best);
  return folder;
}

async function resumed(folder: RunFolder, given: Parameters<typeof resumeOnFiles>[1] = {}) {
  const setups: SetupEvent[] = [];
  const events: RunEvents = {
    onSetup: (event) => {
      setups.push(event);
    },
  };
  const result = await resumeOnFiles(folder.folder, given, events);
  return { result, warnings: setups[0]?.warnings ?? [] };
}

async function expectAsWhole({ last, folder }: TrainFilesResult): Promise<void> {
  expect((await loadDetector(last)).tensors).toEqual((await loadDetector(whole.last)).tensors);
  const results = (run: TrainFilesResult) => readFile(join(run.folder, 'results.csv'), 'utf8');
  expect(await results({ ...whole, folder })).toBe(await results(whole));
}

test('a missing or damaged best checkpoint is restored from the last, where that is the best', async () => {
  const before = await readFile(stopped.best);
  for (const damage of [(path: string) => rm(path), (path: string) => writeFile(path, 'damaged')]) {
    const folder = await copyOfStopped();
    await damage(folder.best);
    const { result, warnings } = await resumed(folder);
    const restored = warnings.filter((line) => line.includes('restored'));
    expect(restored).toEqual([`${folder.best} was missing or damaged: restored from ${folder.last}`]);
    if (result.bestEpoch === 0) expect(await readFile(folder.best)).toEqual(before);
    await expectAsWhole(result);
  }
});

test('damaged rows of results.csv are left out and named; the epochs are not lost twice', async () => {
  const folder = await copyOfStopped();
  const results = await readFile(folder.results, 'utf8');
  await writeFile(folder.results, `${results}1,abc\n`);
  const { result, warnings } = await resumed(folder);
  expect(warnings).toContain(`${folder.results}:3: not a row of results; it is left out`);
  await expectAsWhole(result);
});

test('a results.csv that was cut off is told', async () => {
  const folder = await copyOfStopped();
  await writeFile(folder.results, '');
  const { warnings } = await resumed(folder);
  expect(warnings).toEqual([`${folder.results} lacks 1 of 1 epochs: their figures are lost`]);
});

test('settings and hyperparameters that their files have lost are those of the checkpoint, which is said', async () => {
  const folder = await copyOfStopped();
  for (const [name, lost] of [
    ['args.yaml', /^(epochs|imgsz|seed): .*\n/gm],
    ['hyp.yaml', /^(lr0|mosaic): .*\n/gm],
  ] as const) {
    const file = join(folder.folder, name);
    await writeFile(file, (await readFile(file, 'utf8')).replace(lost, ''));
  }
  const { result, warnings } = await resumed(folder);
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(
    /args\.yaml lacks (epochs|imgsz|seed), (epochs|imgsz|seed), (epochs|imgsz|seed): taken from/,
  );
  expect(warnings[1]).toBe(`${join(folder.folder, 'hyp.yaml')} lacks lr0, mosaic: taken from ${folder.last}`);
  await expectAsWhole(result);
});

test('what killed processes left unfinished is removed by the next start', async () => {
  const folder = await copyOfStopped();
  const ended = spawnSync(process.execPath, ['-e', '']).pid;
  for (const path of [folder.last, folder.results])
    await writeFile(temporaryName(path).replace(`-${process.pid}-`, `-${ended}-`), 'half');
  await resumed(folder);
  const left = [...(await readdir(folder.folder)), ...(await readdir(join(folder.folder, 'weights')))];
  expect(left.sort()).toEqual([
    ...['args.yaml', 'best.safetensors', 'hyp.yaml', 'last.safetensors', 'results.csv', 'weights'],
  ]);
});

test('a run that was killed after its last epoch is finished without training', async () => {
  const folder = await copyOfStopped();
  const args = join(folder.folder, 'args.yaml');
  await writeFile(args, (await readFile(args, 'utf8')).replace('epochs: 2', 'epochs: 1'));
  const { result, warnings } = await resumed(folder);
  expect([result.status, warnings]).toEqual(['finished', []]);
  await expect(resumeOnFiles(folder.last)).rejects.toThrow('the run is finished');
});

test('settings that were changed since, or a checkpoint of another run, are told', async () => {
  const folder = await copyOfStopped();
  const { settings, hyp } = await folder.readSettings();
  const args = join(folder.folder, 'args.yaml');
  await writeFile(args, (await readFile(args, 'utf8')).replace('seed: 5', 'seed: 6'));
  const { settings: changed, restored } = await folder.readSettings({ settings, hyp });
  expect(changed.seed).toBe(6);
  expect(restored).toEqual([
    `${args} differs from ${folder.last}: seed is 6 here and 5 there; what is here counts`,
  ]);
});

test('a last checkpoint that was moved goes on in a new folder, with the data where it is now', async () => {
  const moved = join(await mkdtemp(join(tmpdir(), 'froyolo-moved-')), 'last.safetensors');
  await copyFile(stopped.last, moved);
  const place = { project: join(toys.root, 'elsewhere'), name: 'moved', data: toys.data };
  const result = await resumeOnFiles(moved, place);
  expect(result.folder).toBe(join(toys.root, 'elsewhere', 'moved'));
  expect((await loadDetector(result.last)).tensors).toEqual((await loadDetector(whole.last)).tensors);
});

test('a dataset that changed since the run began is named, with what changed; then it is the one of the run', async () => {
  const other = await writeToyDataset({ train: 6, val: 4 });
  const folder = await copyOfStopped();
  const { warnings } = await resumed(folder, { data: other.data });
  expect(warnings.filter((line) => line.includes('changed'))).toEqual([
    `${other.data}: the train split has changed since the run began: 8 images with 8 objects then, 6 with 6 now`,
  ]);
  const unchanged = await resumed(await copyOfStopped());
  expect(unchanged.warnings.filter((line) => line.includes('changed'))).toEqual([]);
  await rm(other.root, { recursive: true, force: true });
});

describe('files of a run are checked like those of others', () => {
  test.each<[string, RegExp]>([
    ['epochs: 0', /args\.yaml:1: epochs: it must be a whole number/],
    ['data: d.yaml\nbatchSize: x', /args\.yaml:2: batchSize: it must be/],
    ['data: d.yaml\nimgsz: !!binary aGVsbG8=64', /args\.yaml/],
    ['workers: 2147483648', /args\.yaml:1: workers: it must be/],
    ['data: d.yaml\nbatchSize: -1', /args\.yaml:2: batchSize: it must be what the run picked, not -1/],
    ['freeze: [auto]', /args\.yaml:1: freeze: it must be what the run picked/],
    ['epochs: 1e12', /args\.yaml:1: epochs: it must be a whole number from 1 to 1000000, not 1000000000000/],
    ['imgsz: .nan', /args\.yaml:1: imgsz: it must be .*, not NaN/],
    ['null', /args\.yaml:1.*holds no settings/],
    ['[1, 2]', /args\.yaml:1.*holds no settings/],
    ['a: [', /args\.yaml:\d+/],
    ['noSuchSetting: 1', /args\.yaml:1: noSuchSetting: "train" has no such setting/],
  ])('args.yaml with %j', async (text, message) => {
    const folder = await copyOfStopped();
    await writeFile(join(folder.folder, 'args.yaml'), text);
    await expect(resumeOnFiles(folder.folder)).rejects.toThrow(message);
  });

  test.each<[string, RegExp]>([
    ['lr0: -1', /hyp\.yaml:1: "lr0": it must be more than 0, not -1/],
    ['lr0: .01\nmosaic: [1]', /hyp\.yaml:2: "mosaic": it must be a number, not a list of 1/],
    ['box: .inf', /hyp\.yaml:1: "box": it must be a number, not Infinity/],
    ['', /hyp\.yaml/],
  ])('hyp.yaml with %j', async (text, message) => {
    const folder = await copyOfStopped();
    await writeFile(join(folder.folder, 'hyp.yaml'), text);
    const told = await resumed(folder).then(
      ({ warnings }) => warnings.join(),
      (error: unknown) => String(error),
    );
    expect(told).toMatch(message);
  });

  test('a checkpoint of which a byte has changed is told: the best one is written again', async () => {
    const folder = await copyOfStopped();
    await flip(folder.best);
    const { warnings } = await resumed(folder);
    expect(warnings).toEqual([expect.stringMatching(/best\.safetensors was missing or damaged: restored/)]);
    const other = await copyOfStopped();
    await flip(other.last);
    await expect(resumeOnFiles(other.folder)).rejects.toThrow(/last\.safetensors.*The file is damaged/);
  });

  test('a folder that is not there, or in use', async () => {
    await expect(resumeOnFiles(join(toys.root, 'nowhere'))).rejects.toThrow("isn't there");
    const folder = await copyOfStopped();
    await folder.locked(async () => {
      await expect(resumeOnFiles(folder.folder)).rejects.toThrow(/is in use by process \d+/);
    });
  });

  test('a checkpoint that can not be written is named, with its size and what is left', async () => {
    const folder = await copyOfStopped();
    // A folder in the place of a file can't be replaced by it.
    await rm(folder.last);
    await mkdir(join(folder.last, 'x'), { recursive: true });
    const { detector } = stopped;
    await expect(folder.finish(detector)).rejects.toThrow(/can't write .*last\.safetensors \(\d\.\d MB\)/);
  });
});
