/** A run's folder: what is in it, and how it is written. */
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hyperparameters } from '@froyolo/data';
import { writeAtomic } from '@froyolo/data/node';
import { type Checkpoint, writeCheckpoint } from '@froyolo/weights';
import {
  type CheckpointEvent,
  checkpointOf,
  type Detector,
  type EpochEvent,
  TrainingError,
  trainingCheckpoint,
} from '@froyolo/yolo';
import { parse, stringify } from 'yaml';
import { resultsHeader, resultsRow } from '../results-csv.js';
import { resolveSettings, SETTINGS, type TrainSettings } from '../settings/index.js';
import { loadHyp } from './settings.js';

export class RunFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get last(): string {
    return join(this.path, 'weights', 'last.safetensors');
  }

  get best(): string {
    return join(this.path, 'weights', 'best.safetensors');
  }

  epochFile(epoch: number): string {
    return join(this.path, 'weights', `epoch${epoch}.safetensors`);
  }

  /** Begins a run: writes down what it is started with, and takes away the results of a former one. */
  async start(settings: TrainSettings, hyp: Hyperparameters): Promise<void> {
    await writeAtomic(join(this.path, 'args.yaml'), stringify(settings));
    await writeAtomic(join(this.path, 'hyp.yaml'), stringify(hyp));
    await rm(join(this.path, 'results.csv'), { force: true });
  }

  /**
   * What the run was started with.
   * @throws TrainingError where the folder has no `args.yaml`
   */
  async readSettings(): Promise<{ settings: TrainSettings; hyp: Hyperparameters }> {
    const [args, hyp] = ['args.yaml', 'hyp.yaml'].map((name) => join(this.path, name)) as [string, string];
    if (!existsSync(args) || !existsSync(hyp))
      throw new TrainingError(`${args} or ${hyp} is missing: a run is resumed from its own folder`);
    const settings = resolveSettings(SETTINGS, 'train', parse(await readFile(args, 'utf8')), args);
    return { settings, hyp: await loadHyp(hyp) };
  }

  /** Writes the last checkpoint, from which the run can be resumed, and the best one. */
  async save({ detector, state, best }: CheckpointEvent, savePeriod: number): Promise<void> {
    await this.#write(this.last, trainingCheckpoint(detector, state));
    const { epoch, batch } = state.progress;
    if (batch > 0) return;
    if (best) await this.#write(this.best, { ...checkpointOf(detector), epoch: epoch - 1 });
    if (savePeriod > 0 && epoch % savePeriod === 0)
      await this.#write(this.epochFile(epoch - 1), { ...checkpointOf(detector), epoch: epoch - 1 });
  }

  /** Leaves the last checkpoint without what only its training needs. */
  async finish(detector: Detector): Promise<void> {
    await this.#write(this.last, { ...checkpointOf(detector), epoch: -1 });
  }

  #write(path: string, checkpoint: Checkpoint): Promise<void> {
    return writeAtomic(path, writeCheckpoint(checkpoint));
  }

  /** Adds an epoch to `results.csv`; rows of this epoch and later ones, left by an interrupted run, are replaced. */
  async addResults(event: EpochEvent): Promise<void> {
    const file = join(this.path, 'results.csv');
    const before = existsSync(file) ? (await readFile(file, 'utf8')).split('\n').slice(1) : [];
    const kept = before.filter((row) => row.trim() !== '' && Number(row.split(',')[0]) < event.epoch);
    const header = resultsHeader(Object.keys(event.losses));
    await writeAtomic(file, header + kept.map((row) => `${row}\n`).join('') + resultsRow(event));
  }
}
