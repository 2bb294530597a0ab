import { copyFile, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dataset, hypPresets } from '@froyolo/data';
import { createValLoader, encodeImage, openDataset } from '@froyolo/data/node';
import {
  keptResults,
  recordOf,
  resultsHeader,
  resultsRow,
  trainingCheckpoint,
  trainingStateOf,
  withRecord,
} from '@froyolo/run';
import { FeatureFiles, loadHyp, RunFolder } from '@froyolo/run/node';
import { recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import { readResults, readStudy, type Study } from '@froyolo/study';
import { writeCheckpoint } from '@froyolo/weights';
import { readCheckpointFile } from '@froyolo/weights/node';
import { createDetector, type TrainingState } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES } from '@froyolo/yolo/testing';
import { stringify } from 'yaml';
import { headerOf, refuseBelieved } from '../header.js';
import { Believed, type FuzzKind, text } from '../kind.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 0 });
const settings = resolveSettings(SETTINGS, 'train', { data: 'data.yaml', epochs: 3 });
const hyp = hypPresets['scratch-low'];

const YAML_TOKENS = ['- ', ': ', '&a [*a]', '.inf', '.nan', '!!float', '1e999', '-1'];

/** Moves the damaged file to where the program has such a file. */
async function place(folder: string, file: string, ...parents: readonly string[]): Promise<string> {
  const at = join(folder, ...parents);
  await mkdir(at, { recursive: true });
  await rename(join(folder, file), join(at, file));
  return join(at, file);
}

const args: FuzzKind = {
  name: 'args.yaml of a run',
  file: 'args.yaml',
  seeds: async () => [text(stringify(settings))],
  tokens: [...YAML_TOKENS, 'epochs', '__proto__: 1\n', 'data: 3\n'],
  async run(folder) {
    await writeFile(join(folder, 'hyp.yaml'), stringify(hyp));
    await new RunFolder(folder).readSettings();
  },
};

const hypYaml: FuzzKind = {
  name: 'hyp.yaml',
  file: 'hyp.yaml',
  seeds: async () => [text(stringify(hyp))],
  tokens: YAML_TOKENS,
  async run(folder) {
    await loadHyp(join(folder, 'hyp.yaml'));
  },
};

const ROW = {
  epochs: 3,
  losses: { box: 0.1, obj: 0.2, cls: 0.3 },
  fitness: 0,
  best: true,
  freeze: '0',
  lr: { bias: 0.1, weight: 0.01, bn: 0.01 },
  seconds: { training: 1, waiting: 0, validation: 1 },
};
const ROWS = [0, 1, 2].map((epoch) => resultsRow({ epoch, ...ROW }));
const PROGRESS = {
  epoch: 3,
  batch: 0,
  lastUpdate: 2,
  updates: 3,
  bestFitness: 0,
  bestEpoch: 0,
  losses: ROW.losses,
};

/** Damaged rows go, and are told; what stays can be read again. */
const results: FuzzKind = {
  name: 'results.csv of a run',
  file: 'results.csv',
  seeds: async () => [text(resultsHeader(Object.keys(ROW.losses)) + ROWS.join(''))],
  tokens: [',', '\n', '1,2,3\n', 'nan', '               1', 'train/x_loss'],
  async run(folder) {
    const run = new RunFolder(folder);
    await run.restore(detector, PROGRESS);
    if (keptResults(await readFile(run.results, 'utf8')).damaged.length > 0)
      throw new Believed('damaged rows stay');
  },
};

const state: TrainingState = {
  progress: PROGRESS,
  tensors: new Map(
    [...detector.tensors].flatMap(([name, tensor]) => [
      [name, tensor],
      [`ema/${name}`, tensor],
    ]),
  ),
};

const wholeLast = writeCheckpoint(withRecord(trainingCheckpoint(detector, state), { settings, hyp }));
const last: FuzzKind = {
  name: 'last.safetensors of a run',
  file: 'last.safetensors',
  seeds: async () => [wholeLast],
  tokens: ['"epoch":', '"progress":{', '"F32"', '"raw/', ',', ':'],
  async run(folder, bytes) {
    const file = join(folder, 'last.safetensors');
    const checkpoint = await readCheckpointFile(file);
    recordOf(checkpoint, file);
    trainingStateOf(checkpoint, file);
    refuseBelieved(bytes, wholeLast);
  },
};

const study: Study = {
  recipe: recipeOf(resolveSettings(SETTINGS, 'compare', { data: 'data.yaml', epochs: 3 })),
  freezes: ['0', '10'],
  seeds: [0],
};

const studyJson: FuzzKind = {
  name: 'study.json',
  file: 'study.json',
  seeds: async () => [text(JSON.stringify({ format: 'froyolo-study', version: 1, ...study }, undefined, 2))],
  tokens: ['{"a":1}', '[[[[', ',', ':', '"recipe"', '../../x'],
  async run(folder) {
    const { freezes } = await readStudy(folder);
    await readResults(folder, { ...study, freezes });
  },
};

const ARM = {
  ...{ run: { freeze: '0', seed: 0, settings: '' }, status: 'finished', device: 'cpu' },
  parameters: 10,
  trainableParameters: 5,
  images: 4,
  peakMemory: 1e9,
  timing: [0, 1, 2].map((epoch) => ({ epoch, elapsed: epoch + 1, training: 0.5, validation: 0.5 })),
};

/** The figures of a study with one run, of which one file is damaged. */
function armFile(file: 'arm.json' | 'samples.csv', whole: string, tokens: readonly string[]): FuzzKind {
  return {
    name: `${file} of a study`,
    file,
    seeds: async () => [text(whole)],
    tokens,
    async run(folder) {
      await place(folder, file, 'freeze-0-seed-0');
      const arm = join(folder, 'freeze-0-seed-0');
      if (file !== 'arm.json') await writeFile(join(arm, 'arm.json'), JSON.stringify(ARM));
      await writeFile(join(arm, 'results.csv'), resultsHeader(['box', 'obj', 'cls']) + ROWS.join(''));
      const { arms } = await readResults(folder, study);
      const figures = arms.flatMap(({ seconds, peakMemory, cpu, samples }) => [
        ...[seconds, peakMemory, cpu],
        ...samples.flatMap(({ time, memory }) => [time, memory]),
      ]);
      if (!figures.every((value) => Number.isFinite(value) && value >= 0))
        throw new Believed(`figures of ${figures}`);
    },
  };
}

const armJson = armFile('arm.json', JSON.stringify(ARM, undefined, 2), ['"timing":[', '-1', ',', ':', '{}']);
const samples = armFile(
  'samples.csv',
  'time_s,memory_bytes,cpu,gpu,gpu_memory_bytes\n1.0,1000000,0.500,,\n2.0,2000000,0.600,,\n',
  [',', '\n', '1,2,3,4,5\n', 'x'],
);

/** The same images and labels as without a cache. */
function labelCache(): FuzzKind {
  const config = { train: ['images'], val: [], test: [], names: ['a', 'b'] };
  const open = (root: string) => openDataset(config, 'train', { root });
  const told = ({ images, counts }: Dataset) =>
    JSON.stringify([images.map(({ labels, ...image }) => [image, [...labels]]), counts]);
  let truth = '';
  let root = '';
  return {
    name: 'label cache',
    file: 'labels.train.froyolo-cache',
    async seeds(workshop) {
      root = workshop;
      for (const kind of ['images', 'labels']) await mkdir(join(root, kind));
      const pixels = new Uint8Array(3 * 32 * 32).fill(99);
      for (const name of ['0', '1', '2']) {
        await writeFile(
          join(root, `images/${name}.png`),
          await encodeImage({ width: 32, height: 32, data: pixels }, 'png'),
        );
        await writeFile(join(root, `labels/${name}.txt`), `${name === '2' ? 1 : 0} 0.5 0.5 0.${name}5 0.3\n`);
      }
      truth = told(await open(root));
      return [await readFile(join(root, 'labels.train.froyolo-cache'))];
    },
    tokens: ['"labels":[0', '"width":9', '\\"missing\\":3', ',', ':'],
    async run(folder) {
      await copyFile(join(folder, 'labels.train.froyolo-cache'), join(root, 'labels.train.froyolo-cache'));
      const found = told(await open(root));
      if (found !== truth) throw new Believed(`${found} in place of ${truth}`);
    },
  };
}

/** The same pixels as without a cache. */
function imageCache(): FuzzKind {
  const config = { train: ['0.png'], val: [], test: [], names: ['a'] };
  let [root, file, truth] = ['', '', ''];
  const pixels = async (cacheDir: string) => {
    const dataset = await openDataset(config, 'train', { root, cacheLabels: false });
    const loader = await createValLoader(dataset, {
      imgsz: 32,
      workers: 0,
      rect: false,
      cache: 'disk',
      cacheDir,
    });
    const found: string[] = [];
    for await (const { images } of loader.epoch(0)) found.push(String(images));
    await loader.close();
    return found.join();
  };
  return {
    name: 'cache of decoded images',
    get file() {
      return file;
    },
    async seeds(workshop) {
      root = workshop;
      const data = Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * 7) & 255);
      await writeFile(join(root, '0.png'), await encodeImage({ width: 32, height: 32, data }, 'png'));
      truth = await pixels(join(root, 'cache'));
      [file = ''] = await readdir(join(root, 'cache'));
      return [await readFile(join(root, 'cache', file))];
    },
    async run(folder) {
      if ((await pixels(folder)) !== truth) throw new Believed('other pixels');
    },
  };
}

const CACHE = { images: 4, elements: 16, capacity: 4 };
const ENTRIES = [0, 1, 2, 3].map((index) => ({
  id: { index, slot: 0, draw: 0 },
  features: Uint16Array.from({ length: CACHE.elements }, (_, i) => 100 * index + i),
  labels: Float32Array.of(index % 2, 0.5, 0.5, 0.25, 0.125 * (index + 1)),
}));

/** Each entry is the true one, or is made again. */
function featureCache(file: 'features.bin' | 'entries.bin', name: string): FuzzKind {
  let workshop = '';
  const other = file === 'features.bin' ? 'entries.bin' : 'features.bin';
  return {
    name,
    file,
    async seeds(folder) {
      workshop = folder;
      const store = new FeatureFiles(folder, CACHE);
      for (const { id, ...entry } of ENTRIES) await store.write(id, entry);
      await store.close();
      return [await readFile(join(folder, file))];
    },
    async run(folder) {
      await copyFile(join(workshop, other), join(folder, other));
      const store = new FeatureFiles(folder, CACHE);
      try {
        for (const entry of ENTRIES) await checkEntry(store, entry);
      } finally {
        await store.close();
      }
    },
  };
}

async function checkEntry(
  store: FeatureFiles,
  { id, features, labels }: (typeof ENTRIES)[number],
): Promise<void> {
  if (!store.has(id)) return;
  const found = new Uint16Array(CACHE.elements);
  const foundLabels = await store.read(id, [found]);
  if (foundLabels === undefined) return;
  const isTrue = String(found) === String(features) && String(foundLabels) === String(labels);
  if (!isTrue) throw new Believed(`other features or labels of image ${id.index}`);
}

export const runFileKinds: readonly FuzzKind[] = [
  ...[args, hypYaml, results, last, headerOf(last), studyJson, armJson, samples],
  ...[
    labelCache(),
    imageCache(),
    featureCache('features.bin', 'feature cache'),
    featureCache('entries.bin', 'journal of a feature cache'),
  ],
];
