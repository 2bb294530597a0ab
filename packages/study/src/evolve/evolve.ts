/** Looks for better hyperparameters: trains, keeps score, mutates the best, and trains again. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fitness } from '@froyolo/boxes';
import { writeAtomic } from '@froyolo/common/node';
import { type Hyperparameters, Rng } from '@froyolo/data';
import { evolveChart, writeCharts } from '@froyolo/report';
import { hyperparametersOf } from '@froyolo/run';
import { claimRunFolder, lockFolder, nodeHost, type TrainFilesEvents } from '@froyolo/run/node';
import { checkOptions, resolveSettings, SETTINGS, type TrainOptions } from '@froyolo/run/settings';
import { z } from 'zod';
import { DevicePool } from '../device-pool.js';
import { StudyError } from '../errors.js';
import { launchInProcess } from '../launch.js';
import { readJson, readText } from '../own-files.js';
import { evolveCsv, type Generation, parseEvolveCsv } from './evolve-csv.js';
import { genomeOf } from './genes.js';
import { launchedGenerations } from './launched-generations.js';
import { nextGenome } from './mutate.js';
import { type GenerationLauncher, trainGeneration } from './train-generation.js';

/** What an evolution was started with. */
const FILE = 'evolve.json';
/** Generations without a number of their own, as in YOLOv5. */
export const GENERATIONS = 300;
/** Anchors per level to begin with, where their number evolves. */
const ANCHORS = 3;
/** Separates the random numbers of mutations from others of the same seed. */
const STREAM = 7;

export interface EvolveEvents {
  readonly signal?: AbortSignal;
  /** Before anything is trained: where results go, and how many generations are done already. */
  onEvolution?(folder: string, done: number): void;
  /** Before a generation, counted from 0; what it returns watches its training. */
  onGeneration?(generation: number, count: number): TrainFilesEvents;
  /** After a generation. */
  onResult?(generation: number, result: Generation, best: boolean): void;
}

export interface Evolution {
  readonly status: 'finished' | 'stopped';
  readonly folder: string;
  readonly generations: readonly Generation[];
  /** Place of the fittest generation. */
  readonly best: number;
  /** Its hyperparameters. */
  readonly hyp: Hyperparameters;
}

/**
 * Trains generation after generation, the first with the hyperparameters that are given. Writes `evolve.csv`,
 * `hyp_evolve.yaml` (the best so far) and `evolve.png` after each.
 * @param options of the trainings; `evolve` is the number of generations in all. `resume` names the folder of an evolution
 * that goes on, with the options that it was started with where none are given
 * @param launch trains a generation; by default in this process, or with several devices in one of its own for each
 * @throws StudyError for a folder that holds no evolution; whatever a training throws
 */
export async function evolve(
  options: Partial<TrainOptions>,
  events: EvolveEvents = {},
  launch?: GenerationLauncher,
): Promise<Evolution> {
  const { folder, given, pool } = await openEvolution(options);
  const here = pool.size > 1 ? launchedGenerations(launchInProcess) : trainGeneration;
  const unlock = lockFolder(folder, 'wait until that evolution has ended, or start another one');
  try {
    return await new Evolver(folder, given, events, launch ?? here, pool).run();
  } finally {
    unlock();
  }
}

async function openEvolution(
  options: Partial<TrainOptions>,
): Promise<{ folder: string; given: TrainOptions; pool: DevicePool }> {
  const { resume, project = join('runs', 'evolve'), ...rest } = options;
  if (resume === undefined) {
    const given = requireData(rest);
    const { name, existOk } = resolveSettings(SETTINGS, 'train', given);
    const pool = await DevicePool.open(given.device);
    const folder = claimRunFolder(project, name, existOk);
    await writeAtomic(join(folder, FILE), `${JSON.stringify(given, undefined, 1)}\n`);
    return { folder, given, pool };
  }
  const folder = resume === true ? join(project, options.name ?? 'exp') : String(resume);
  const all = { ...(await readOptions(folder)), ...rest };
  const given = requireData(all, `${join(folder, FILE)} names none: `);
  return { folder, given, pool: await DevicePool.open(given.device) };
}

function requireData({ data, ...rest }: Partial<TrainOptions>, found = ''): TrainOptions {
  if (data === undefined) throw new StudyError(`an evolution needs data: ${found}name a dataset YAML`);
  return { ...rest, data };
}

async function readOptions(folder: string): Promise<Partial<TrainOptions>> {
  const file = join(folder, FILE);
  if (!existsSync(file))
    throw new StudyError(`${file} isn't there: an evolution is resumed from its own folder`);
  const advice = 'start another evolution, with --hyp hyp_evolve.yaml of this one';
  const options = await readJson(file, z.record(z.string(), z.unknown()), advice);
  return checkOptions(SETTINGS, 'train', options, file);
}

/**
 * Generations that are trained at the same time have the same possible parents: those of the rounds before. The first
 * generation is a round of its own.
 */
const roundStart = (generation: number, size: number) =>
  generation === 0 ? 0 : generation - ((generation - 1) % size);
const roundEnd = (generation: number, size: number) =>
  generation === 0 ? 1 : roundStart(generation, size) + size;

class Evolver {
  readonly #folder: string;
  readonly #options: TrainOptions;
  readonly #events: EvolveEvents;
  readonly #launch: GenerationLauncher;
  readonly #pool: DevicePool;
  #generations: Generation[] = [];

  constructor(
    folder: string,
    options: TrainOptions,
    events: EvolveEvents,
    launch: GenerationLauncher,
    pool: DevicePool,
  ) {
    this.#pool = pool;
    this.#folder = folder;
    this.#options = options;
    this.#events = events;
    this.#launch = launch;
  }

  async run(): Promise<Evolution> {
    const { evolve: count = GENERATIONS } = this.#options;
    const first = await this.#firstHyp();
    const csv = join(this.#folder, 'evolve.csv');
    if (existsSync(csv)) this.#generations = parseEvolveCsv(await readText(csv), csv);
    this.#events.onEvolution?.(this.#folder, this.#generations.length);
    const signal = this.#events.signal ?? new AbortController().signal;
    while (this.#generations.length < count && !signal.aborted) {
      const before = this.#generations.length;
      const round = Math.min(roundEnd(before, this.#pool.size), count) - before;
      const results = await Promise.allSettled(
        Array.from({ length: round }, (_, i) => this.#train(before + i, count, first, signal)),
      );
      for (const result of results) {
        // What follows one that is missing is trained again.
        if (result.status === 'rejected') throw result.reason;
        if (!result.value) break;
        await this.#add(result.value, first);
      }
      if (this.#generations.length < before + round) break;
    }
    const status = this.#generations.length < count ? 'stopped' : 'finished';
    const hyp = { ...first, ...this.#generations[this.#best]?.genome };
    return { status, folder: this.#folder, generations: this.#generations, best: this.#best, hyp };
  }

  async #train(
    generation: number,
    count: number,
    first: Hyperparameters,
    signal: AbortSignal,
  ): Promise<Generation | undefined> {
    const { evolve: _, ...options } = this.#options;
    const hyp = this.#nextHyp(first, generation);
    const watch = this.#events.onGeneration?.(generation, count) ?? {};
    const result = await this.#pool.use((device) => {
      const placed = device === undefined ? options : { ...options, device };
      return this.#launch({ folder: this.#folder, generation, options: placed, hyp }, signal, watch);
    });
    return result && { genome: genomeOf(hyp), result, fitness: fitness(result) };
  }

  async #firstHyp(): Promise<Hyperparameters> {
    const settings = resolveSettings(SETTINGS, 'train', this.#options);
    const { anchors = ANCHORS, ...rest } = await hyperparametersOf(nodeHost, settings);
    return settings.noautoanchor ? rest : { ...rest, anchors };
  }

  /** The same each time it is asked: an evolution that goes on repeats the generation that was stopped. */
  #nextHyp(first: Hyperparameters, generation: number): Hyperparameters {
    if (generation === 0) return first;
    const rng = new Rng(this.#options.seed ?? 0, generation, STREAM);
    const parents = this.#generations.slice(0, roundStart(generation, this.#pool.size));
    return { ...first, ...nextGenome(parents, rng) };
  }

  get #best(): number {
    return this.#generations.reduce(
      (best, { fitness }, i) => (fitness > (this.#generations[best]?.fitness ?? -1) ? i : best),
      0,
    );
  }

  async #add(generation: Generation, first: Hyperparameters): Promise<void> {
    // As they are read again: rounded, so that an evolution that goes on draws the same.
    const csv = evolveCsv([...this.#generations, generation]);
    const at = (name: string) => join(this.#folder, name);
    this.#generations = parseEvolveCsv(csv, at('evolve.csv'));
    const best = this.#best;
    await writeAtomic(at('evolve.csv'), csv);
    await writeAtomic(at('hyp_evolve.yaml'), this.#bestYaml(best, first));
    if (!this.#options.noplots)
      await writeCharts(this.#folder, { evolve: evolveChart(this.#generations, best) });
    const last = this.#generations.length - 1;
    this.#events.onResult?.(last, generation, best === last);
  }

  #bestYaml(best: number, first: Hyperparameters): string {
    const { genome = {}, result } = this.#generations[best] ?? {};
    const figures = result
      ? `# mAP50 ${result.mAP50.toFixed(4)}, mAP50-95 ${result.mAP50_95.toFixed(4)}, P ${result.precision.toFixed(4)}, R ${result.recall.toFixed(4)}`
      : '#';
    const place = `# Best of ${this.#generations.length} generations: number ${best}, counted from 0`;
    return `${place}\n${figures}\n${yamlOf({ ...first, ...genome })}`;
  }
}

/** Numbers and text by name; JSON's scalars are YAML's. */
const yamlOf = (values: object) =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('');
