/** Inputs that were taken badly once: each is used, left out with a warning, or refused by an error that names it. */

import { readdirSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { convertDataset, decodeImage, loadDatasetConfig, openDataset } from '@froyolo/data/node';
import { isFroyoloError } from '@froyolo/errors';
import { buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { keptResults, recordOf, trainingStateOf } from '@froyolo/run';
import { FeatureFiles, loadArchitecture, loadDetector, loadHyp, RunFolder } from '@froyolo/run/node';
import { noShared, sharedNote, sharedPath } from '@froyolo/testing';
import { readCheckpointFile } from '@froyolo/weights/node';
import { createDetector, familyOf } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { caseFolder, PICTURE } from './case-folder.js';

const CASES = 'cases/damaged';
const DAMAGED = sharedPath(CASES);
const MAX_CPU_SECONDS = 5;

/** Gives a file to the program, as it is named in its own folder. */
type Use = (folder: string, name: string) => Promise<unknown>;

const detector = () => createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 0 });
const PROGRESS = {
  epoch: 9,
  batch: 0,
  lastUpdate: 8,
  updates: 9,
  bestFitness: 0,
  bestEpoch: 0,
  losses: { box: 0, obj: 0, cls: 0 },
};

const inRun =
  (file: string, use: (run: RunFolder) => Promise<unknown>): Use =>
  async (folder, name) => {
    await writeFile(join(folder, 'hyp.yaml'), stringify(hypPresets['scratch-low']));
    if (name !== file) await copyFile(join(folder, name), join(folder, file));
    await use(new RunFolder(folder));
  };

const useWeights: Use = (folder, name) => loadDetector(join(folder, name));

/** What the kinds of input are given to; an error names the file that stands here, by default the input itself. */
const KINDS: Readonly<Record<string, { readonly use: Use; readonly named?: string }>> = {
  'args-yaml': { use: inRun('args.yaml', (run) => run.readSettings()), named: 'args.yaml' },
  'hyp-yaml': { use: (folder, name) => loadHyp(join(folder, name)) },
  'results-csv': {
    use: inRun('results.csv', async (run) => {
      await run.restore(detector(), PROGRESS);
      const text = await readFile(run.results, 'utf8');
      expect(keptResults(text).damaged).toEqual([]);
      for (const row of text.trimEnd().split('\n').slice(1)) expect(row).toMatch(/^[ -~]+$/);
    }),
  },
  checkpoint: { use: useWeights },
  safetensors: { use: useWeights },
  'resume-weights': {
    use: async (folder, name) => {
      const file = join(folder, name);
      const checkpoint = await readCheckpointFile(file);
      recordOf(checkpoint, file);
      trainingStateOf(checkpoint, file);
    },
  },
  'model-yaml': {
    use: async (folder, name) => {
      const { text, fileName } = await loadArchitecture(join(folder, name));
      const spec = parseModelYaml(text, { fileName });
      buildModel(spec, familyOf(spec).head);
    },
  },
  'dataset-yaml': {
    use: async (folder, name) => {
      await loadDatasetConfig(join(folder, name));
      for (const split of ['train', 'val'] as const) await openDataset(join(folder, name), split);
    },
  },
  'coco-json': {
    use: (folder, name) => convertDataset({ source: join(folder, name), out: join(folder, 'out') }),
  },
  label: {
    use: async (folder, name) => {
      await copyFile(join(folder, name), join(folder, '0.txt'));
      await openDataset({ train: ['0.jpg'], val: [], test: [], names: ['a'] }, 'train', { root: folder });
    },
    named: '0.txt',
  },
  image: {
    use: async (folder, name) => {
      const config = { train: [name], val: [], test: [], names: ['a'] };
      const { images } = await openDataset(config, 'train', { root: folder });
      for (const { path } of images) await decodeImage(path);
    },
  },
  'label-cache': {
    use: async (folder, name) => {
      await mkdir(join(folder, 'images'));
      await copyFile(join(folder, '0.jpg'), join(folder, 'images/0.jpg'));
      await mkdir(join(folder, 'labels'));
      await writeFile(join(folder, 'labels/0.txt'), '0 0.5 0.5 0.25 0.25\n');
      await copyFile(join(folder, name), join(folder, 'labels.train.froyolo-cache'));
      const config = { train: ['images'], val: [], test: [], names: ['a'] };
      const { images, warnings } = await openDataset(config, 'train', { root: folder });
      expect(images.map(({ labels }) => [...labels])).toEqual([[0, 0.5, 0.5, 0.25, 0.25]]);
      expect(warnings).toEqual([expect.stringContaining('the label cache is made again')]);
    },
  },
  'feature-cache': {
    use: async (folder, name) => {
      const [pair = ''] = name.split('.');
      await copyFile(join(DAMAGED, 'feature-cache', `${pair}.features.bin`), join(folder, 'features.bin'));
      await copyFile(join(DAMAGED, 'feature-cache', `${pair}.entries.bin`), join(folder, 'entries.bin'));
      const store = new FeatureFiles(folder, { images: 8, elements: 16, capacity: 8 });
      for (let index = 0; index < 8; index++)
        expect(await store.read({ index, slot: 0, draw: 0 }, [new Uint16Array(16)])).toBeUndefined();
      await store.close();
    },
  },
};

const folders = noShared(CASES) ? [] : Object.keys(KINDS);

describe.skipIf(folders.length === 0)(`damaged inputs${sharedNote(CASES)}`, () => {
  test('every kind is tried', async () => {
    const kinds = (await readdir(DAMAGED, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    expect(kinds.map(({ name }) => name).sort()).toEqual(Object.keys(KINDS).sort());
  });

  const inputs = folders.flatMap((kind) =>
    readdirSync(join(DAMAGED, kind)).map((name) => [kind, name] as const),
  );
  test.each(inputs)('%s: %s', async (kind, name) => {
    const { use, named = name } = KINDS[kind] ?? expect.fail(kind);
    const folder = await caseFolder({ '0.jpg': PICTURE, [name]: await readFile(join(DAMAGED, kind, name)) });
    const before = process.cpuUsage();
    const error = await use(folder, name).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(MAX_CPU_SECONDS);
    if (error === undefined) return;
    expect(isFroyoloError(error), String(error)).toBe(true);
    expect(String(error)).toContain(basename(named));
  });
});
