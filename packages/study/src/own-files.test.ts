import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@froyolo/data';
import { recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evolve } from './evolve/evolve.js';
import { readResults } from './results.js';
import { readStudy, type Study } from './study.js';

const recipe = recipeOf(resolveSettings(SETTINGS, 'compare', { data: 'data.yaml' }));
const study: Study = { recipe, freezes: ['0'], seeds: [0] };
const ARM = {
  run: { freeze: '0', seed: 0, settings: '' },
  ...{ status: 'finished', device: 'cpu', parameters: 10, trainableParameters: 5, images: 4, peakMemory: 9 },
  timing: [],
};

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'froyolo-own-files-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Files of a study, and what reads each. */
const FILES: readonly (readonly [string, (folder: string) => Promise<unknown>])[] = [
  ['study.json', readStudy],
  ['evolve.json', (folder) => evolve({ resume: folder })],
  ['freeze-0-seed-0/arm.json', (folder) => readResults(folder, study)],
  ['freeze-0-seed-0/results.csv', (folder) => readResults(folder, study)],
  ['freeze-0-seed-0/samples.csv', (folder) => readResults(folder, study)],
];

let count = 0;
/** A study's folder with all but the file of that name. */
async function folderWithout(name: string): Promise<string> {
  const folder = join(root, String(count++));
  await mkdir(join(folder, 'freeze-0-seed-0'), { recursive: true });
  const state = 'freeze-0-seed-0/arm.json';
  if (name !== state) await writeFile(join(folder, state), JSON.stringify(ARM));
  return folder;
}

describe.each(FILES)('%s', (name, read) => {
  test('a folder in its place is told', async () => {
    const folder = await folderWithout(name);
    await mkdir(join(folder, name));
    await expect(read(folder)).rejects.toThrow(`${join(folder, name)}: can't be read: it is a folder`);
  });

  test('one that is larger than any is not read', async () => {
    const folder = await folderWithout(name);
    const file = await open(join(folder, name), 'w');
    await file.truncate(LIMITS.resultsBytes + 1);
    await file.close();
    await expect(read(folder)).rejects.toThrow(`${join(folder, name)}: can't be read: it has 256 MiB`);
  });
});

const TIMING = { epoch: 0, elapsed: 1, training: 1, validation: 0 };
const STUDY = { format: 'froyolo-study', version: 1, ...study };

test.each<[string, object, string]>([
  ['study.json', { ...STUDY, version: 2 }, 'version: not a study of this version (froyolo-study 1)'],
  ['study.json', { ...STUDY, seeds: [-1] }, 'seeds.0: it must be at least 0, not -1'],
  ['study.json', { ...STUDY, seeds: ['0'] }, 'seeds.0: it must be a number, not "0"'],
  [
    'study.json',
    { ...STUDY, freezes: [] },
    'freezes: it must be a list of at least 1 entries, not a list of 0',
  ],
  ['study.json', { ...STUDY, freezes: undefined }, 'freezes: it is missing: it must be a list'],
  ['study.json', { ...STUDY, recipe: { ...recipe, epochs: 1e12 } }, 'epochs: it must be a whole number'],
  ['study.json', { ...STUDY, recipe: { ...recipe, imgsz: null } }, 'imgsz: it must be a whole number'],
  [
    'freeze-0-seed-0/arm.json',
    { ...ARM, status: 'done' },
    'status: it must be one of "running", "finished", not "done"',
  ],
  ['freeze-0-seed-0/arm.json', { ...ARM, peakMemory: -1 }, 'peakMemory: it must be at least 0, not -1'],
  ['freeze-0-seed-0/arm.json', { ...ARM, images: Number.NaN }, 'images: it must be a number, not null'],
  [
    'freeze-0-seed-0/arm.json',
    { ...ARM, timing: [{ ...TIMING, epoch: 0.5 }] },
    'timing.0.epoch: it must be a whole number, not 0.5',
  ],
])('%s: %j is told with its place', async (name, content, message) => {
  const folder = await folderWithout(name);
  await writeFile(join(folder, name), JSON.stringify(content));
  const read = FILES.find(([file]) => file === name)?.[1];
  await expect(read?.(folder)).rejects.toThrow(`${join(folder, name)}: ${message}`);
});

describe.each(FILES.filter(([name]) => name.endsWith('.json')))('%s', (name, read) => {
  test.each(['', '[', '3', '{}', 'null', '\0\0'])('one that holds %j is told', async (text) => {
    const folder = await folderWithout(name);
    await writeFile(join(folder, name), text);
    await expect(read(folder)).rejects.toMatchObject({
      message: expect.stringContaining(join(folder, name)),
      code: expect.stringMatching(/^ERR_/),
    });
  });
});
