import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hypPresets, parseHyp, Rng } from '@froyolo/data';
import { fakeH100, fakeNvidiaSmi } from '@froyolo/testing';
import { afterAll, expect, test, vi } from 'vitest';
import { StudyError } from '../errors.js';
import { evolve } from './evolve.js';
import { evolveCsv, parseEvolveCsv } from './evolve-csv.js';
import { GENE_NAMES, GENES, genomeOf } from './genes.js';
import { nextGenome } from './mutate.js';
import type { GenerationLauncher } from './train-generation.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-evolve-'));
afterAll(() => rmSync(folder, { recursive: true }));

const genome = genomeOf({ ...hypPresets['scratch-low'], anchors: 3 });

test('genes stay within their bounds; those without gain keep their value', () => {
  let before = genome;
  for (let seed = 0; seed < 300; seed++) {
    const next = nextGenome([{ genome: before, fitness: 0 }], new Rng(seed));
    for (const name of GENE_NAMES) {
      expect(next[name]).toBeGreaterThanOrEqual(GENES[name].low);
      expect(next[name]).toBeLessThanOrEqual(GENES[name].high);
    }
    expect([next.iou_t, next.fl_gamma, next.fliplr]).toEqual([0.2, 0, 0.5]);
    expect(next).not.toEqual(before);
    before = next;
  }
});

test('parents are of the five best, the fitter the likelier', () => {
  // The only gene tells who the parent was; it is far from its bounds.
  const generations = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map((fitness, i) => ({
    genome: { degrees: 10 ** (i - 3) },
    fitness,
  }));
  const parents = Array.from({ length: 600 }, (_, seed) => {
    const { degrees = 0 } = nextGenome(generations, new Rng(seed));
    return Math.round(Math.log10(degrees)) + 3;
  });
  const count = (parent: number) => parents.filter((one) => one === parent).length;
  expect(count(0)).toBe(0);
  expect(count(1)).toBeLessThan(10);
  // Weights 1 : 2 : 3 : 4 above the least.
  for (const [i, share] of [0.1, 0.2, 0.3, 0.4].entries())
    expect(Math.abs(count(i + 2) / 600 - share)).toBeLessThan(0.08);
});

test('evolve.csv is read as it was written; damage is named by its line', () => {
  const result = {
    precision: 0.5,
    recall: 0.25,
    mAP50: 0.4,
    mAP50_95: 0.2,
    losses: { box: 0.05, obj: 0.04, cls: 0 },
  };
  const generations = [{ genome, result, fitness: 0.1 * 0.4 + 0.9 * 0.2 }];
  const text = evolveCsv(generations);
  expect(text.split('\n')[0]?.slice(0, 83)).toBe(
    '   metrics/precision,      metrics/recall,     metrics/mAP_0.5,metrics/mAP_0.5:0.95',
  );
  expect(parseEvolveCsv(text, 'evolve.csv')).toEqual(generations);
  expect(() => parseEvolveCsv(`${text}1, 2\n`, 'evolve.csv')).toThrow('evolve.csv:3: not a row of');
  expect(() => parseEvolveCsv('a,b\n1,2\n', 'evolve.csv')).toThrow(StudyError);
  const changed = (cell: number, to: string) => {
    const [header = '', row = ''] = text.split('\n');
    return `${header}\n${row
      .split(',')
      .map((one, i) => (i === cell ? to : one))
      .join()}\n`;
  };
  expect(() => parseEvolveCsv(changed(3, '17'), 'evolve.csv')).toThrow(
    'evolve.csv:2: metrics/mAP_0.5:0.95 must be from 0 to 1, not 17; take the line out',
  );
  expect(() => parseEvolveCsv(changed(7, '-1'), 'evolve.csv')).toThrow(
    'evolve.csv:2: lr0: it must be more than 0, not -1; take the line out',
  );
});

/** The nearer lr0 is to 0.02 and scale to 0.9, the fitter. */
const fake: GenerationLauncher = async ({ hyp }) => {
  const miss = Math.abs(Math.log(hyp.lr0 / 0.02)) + Math.abs(hyp.scale - 0.9);
  const mAP = 1 / (1 + miss);
  return { precision: mAP, recall: mAP, mAP50: mAP, mAP50_95: mAP, losses: { box: 0.1, obj: 0.1, cls: 0.1 } };
};

test('an evolution gets fitter, writes its best, and goes on where it stopped as if it never had', async () => {
  const options = { data: 'data.yaml', project: folder, noplots: true, seed: 3 };
  const whole = await evolve({ ...options, name: 'whole', evolve: 40 }, {}, fake);
  expect(whole.status).toBe('finished');
  expect(whole.generations[whole.best]?.fitness).toBeGreaterThan(1.2 * Number(whole.generations[0]?.fitness));
  const at = (name: string) => join(whole.folder, name);
  const yaml = parseHyp(readFileSync(at('hyp_evolve.yaml'), 'utf8'), 'hyp_evolve.yaml');
  expect(yaml).toEqual(whole.hyp);
  expect(readdirSync(whole.folder).sort()).toEqual(['evolve.csv', 'evolve.json', 'hyp_evolve.yaml']);

  const controller = new AbortController();
  const stopping: GenerationLauncher = async (order, signal, events) => {
    if (order.generation === 12) controller.abort();
    return controller.signal.aborted ? undefined : fake(order, signal, events);
  };
  const stopped = await evolve(
    { ...options, name: 'parts', evolve: 40 },
    { signal: controller.signal },
    stopping,
  );
  expect([stopped.status, stopped.generations.length]).toEqual(['stopped', 12]);
  const resumed = await evolve({ resume: stopped.folder }, {}, fake);
  expect(resumed.generations.length).toBe(40);
  expect(readFileSync(join(resumed.folder, 'evolve.csv'), 'utf8')).toBe(
    readFileSync(at('evolve.csv'), 'utf8'),
  );
});

test('a folder without an evolution is named; anchors stay with noautoanchor', async () => {
  await expect(evolve({ resume: folder }, {}, fake)).rejects.toThrow('evolve.json');
  const { hyp } = await evolve(
    { data: 'd.yaml', project: folder, name: 'kept', noautoanchor: true, evolve: 2, noplots: true },
    {},
    fake,
  );
  expect(hyp.anchors).toBeUndefined();
  writeFileSync(join(folder, 'kept', 'evolve.json'), '{');
  await expect(evolve({ resume: join(folder, 'kept') }, {}, fake)).rejects.toThrow(
    /kept.evolve\.json can't be read/,
  );
  expect(existsSync(join(folder, 'kept', 'evolve.png'))).toBe(false);
});

test.skipIf(process.platform === 'win32')(
  `several GPUs train a generation each, from the same parents, and go on as if never stopped${process.platform === 'win32' ? ' (skipped: not for Windows)' : ''}`,
  async () => {
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0), fakeH100(1), fakeH100(2)]));
    const options = { data: 'data.yaml', project: folder, noplots: true, seed: 3, evolve: 9, device: '0,2' };
    const places: unknown[] = [];
    const noting: GenerationLauncher = (order, signal, events) => {
      places[order.generation] = order.options.device;
      return fake(order, signal, events);
    };
    const whole = await evolve({ ...options, name: 'gpus' }, {}, noting);
    expect([whole.status, whole.generations.length]).toEqual(['finished', 9]);
    expect(places).toEqual(['cuda:0', ...Array.from({ length: 4 }, () => ['cuda:0', 'cuda:2']).flat()]);

    // The second of a round is stopped: the first stays, the second is trained again from the same parents.
    const controller = new AbortController();
    const stopping: GenerationLauncher = async (order, signal, events) => {
      if (order.generation === 4) controller.abort();
      return order.generation === 4 ? undefined : fake(order, signal, events);
    };
    const { signal } = controller;
    const stopped = await evolve({ ...options, name: 'gpus-parts' }, { signal }, stopping);
    expect([stopped.status, stopped.generations.length]).toEqual(['stopped', 4]);
    const resumed = await evolve({ resume: stopped.folder }, {}, fake);
    const csv = (at: string) => readFileSync(join(at, 'evolve.csv'), 'utf8');
    expect(csv(resumed.folder)).toBe(csv(whole.folder));
    vi.stubEnv('PATH', fakeNvidiaSmi([fakeH100(0)]));
    await expect(evolve({ ...options, name: 'one' }, {}, fake)).rejects.toThrow('there is no GPU 2');
    vi.unstubAllEnvs();
  },
);
