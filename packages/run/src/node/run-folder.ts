/** A run's folder: what is in it, and how it is written. */
import { existsSync, statSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type FileContent, removeUnfinished, writeAtomic, writeTogether } from '@froyolo/common/node';
import { type Hyperparameters, LIMITS } from '@froyolo/data';
import { readTextBounded } from '@froyolo/data/node';
import { reasonOf } from '@froyolo/errors';
import { writeTorchCheckpoint } from '@froyolo/export';
import { writeCheckpoint } from '@froyolo/weights';
import { readCheckpointFile } from '@froyolo/weights/node';
import {
  type CheckpointEvent,
  checkpointOf,
  type Detector,
  type EpochEvent,
  TrainingError,
  type TrainingProgress,
  type TrainingState,
} from '@froyolo/yolo';
import { stringify } from 'yaml';
import type { DataRecord } from '../data-record.js';
import type { KeepOptions, RunStore } from '../host.js';
import { withReferenceState } from '../reference-run.js';
import { keptResults, resultsHeader, resultsRow, termsIn } from '../results-csv.js';
import { type RunRecord, withRecord } from '../saved-run.js';
import { differencesInRun, SETTINGS, type TrainSettings } from '../settings/index.js';
import { trainingCheckpoint } from '../training-state.js';
import { lockFolder } from './folder-lock.js';
import { readHypFile, readSettingsFile } from './read-settings.js';

/** Writes the files of a run, and reads them when the run resumes. */
export class RunFolder implements RunStore {
  readonly folder: string;
  #record: RunRecord | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get last(): string {
    return join(this.folder, 'weights', 'last.safetensors');
  }

  get best(): string {
    return join(this.folder, 'weights', 'best.safetensors');
  }

  get results(): string {
    return join(this.folder, 'results.csv');
  }

  epochFile(epoch: number): string {
    return join(this.folder, 'weights', `epoch${epoch}.safetensors`);
  }

  /** Does some work while no other process may write into the folder. */
  async locked<T>(work: () => Promise<T>): Promise<T> {
    const info = statSync(this.folder, { throwIfNoEntry: false });
    if (!info?.isDirectory())
      throw new TrainingError(
        `${this.folder} ${info ? 'is no folder' : "isn't there"}: a run is resumed from its own folder, or from its last.safetensors`,
      );
    const unlock = lockFolder(this.folder, 'wait until that run has ended, or start another one');
    try {
      await this.#removeUnfinished();
      return await work();
    } finally {
      unlock();
    }
  }

  /** Whether a run was started here. */
  get isStarted(): boolean {
    return existsSync(join(this.folder, 'args.yaml'));
  }

  async start(settings: TrainSettings, hyp: Hyperparameters, data?: DataRecord): Promise<void> {
    const args = withAbsolutePaths(settings);
    await writeTogether([
      [join(this.folder, 'hyp.yaml'), stringify(hyp)],
      [join(this.folder, 'args.yaml'), argsText(settings)],
    ]);
    this.#record = { settings: args, hyp, ...(data ? { data } : {}) };
    await rm(this.results, { force: true });
  }

  /** Goes on with a dataset as it is now, which the next checkpoint writes down. */
  goOn(data: DataRecord): void {
    if (this.#record) this.#record = { ...this.#record, data };
  }

  /**
   * What the run was started with.
   * @param known the record in its last checkpoint, for what the files lack
   * @returns also a line for each file that lacks something, or says something else
   * @throws TrainingError if the folder has no `args.yaml`; SettingsError, ConfigError for what one of its files says
   */
  async readSettings(known?: RunRecord): Promise<RunRecord & { readonly restored: readonly string[] }> {
    const args = join(this.folder, 'args.yaml');
    const hyp = join(this.folder, 'hyp.yaml');
    if (!existsSync(args) || !existsSync(hyp))
      throw new TrainingError(`${args} or ${hyp} is missing: a run is resumed from its own folder`);
    const [settings, values] = [
      await readSettingsFile(args, known?.settings),
      await readHypFile(hyp, known?.hyp),
    ];
    this.#record = { settings: settings.values, hyp: values.values };
    const told = [[args, settings.missing] as const, [hyp, values.missing] as const];
    const restored = told
      .filter(([, missing]) => missing.length > 0)
      .map(([file, missing]) => `${file} lacks ${missing.join(', ')}: taken from ${this.last}`);
    return { ...this.#record, restored: [...restored, ...this.#disagreements(args, settings.values, known)] };
  }

  /** A file that was changed, or a checkpoint of another run. */
  #disagreements(args: string, settings: TrainSettings, known: RunRecord | undefined): string[] {
    if (!known) return [];
    // Hyperparameters have a file of their own.
    const [here, there] = [settings, known.settings].map((values) => ({ ...values, hyp: '' }));
    const found = here && there ? differencesInRun(SETTINGS, 'train', here, there) : [];
    return found.length === 0
      ? []
      : [`${args} differs from ${this.last}: ${found.join(', ')}; what is here counts`];
  }

  /**
   * Makes the folder fit its last checkpoint: writes the best detector where a killed process or a deleted file left none,
   * and takes damaged rows out of `results.csv`.
   * @returns a line for each thing that was restored, or that can't be
   */
  async restore(detector: Detector, progress: TrainingProgress): Promise<string[]> {
    return [...(await this.#restoreBest(detector, progress)), ...(await this.#restoreResults(progress))];
  }

  async keepOpened(detector: Detector): Promise<void> {
    const opened = { ...checkpointOf(detector), epoch: -1 };
    const files: FileContent[] = this.#savesPt ? [[asPt(this.best), writeTorchCheckpoint(opened)]] : [];
    await this.#write([...files, [this.best, writeCheckpoint(opened)]]);
  }

  /** Writes all or nothing: the last checkpoint comes last, so that the others are there when it is. */
  async save({ detector, state, best }: CheckpointEvent, { savePeriod }: KeepOptions): Promise<void> {
    const { epoch, batch } = state.progress;
    const averaged = () => writeCheckpoint({ ...checkpointOf(detector), epoch: epoch - 1 });
    const files: FileContent[] = [];
    if (batch === 0) {
      if (savePeriod > 0 && epoch % savePeriod === 0) files.push([this.epochFile(epoch - 1), averaged()]);
      if (best) files.push([this.best, averaged()]);
    }
    if (batch === 0 && this.#savesPt) {
      if (best) files.push([asPt(this.best), writeTorchCheckpoint(checkpointOf(detector))]);
      files.push([asPt(this.last), this.#torchState(detector, state)]);
    }
    const last = trainingCheckpoint(detector, state);
    const whole = this.#record ? withRecord(last, this.#record) : last;
    await this.#write([...files, [this.last, writeCheckpoint(whole)]]);
  }

  async finish(detector: Detector): Promise<void> {
    const finished = { ...checkpointOf(detector), epoch: -1 };
    const files: FileContent[] = this.#savesPt ? [[asPt(this.last), writeTorchCheckpoint(finished)]] : [];
    await this.#write([...files, [this.last, writeCheckpoint(finished)]]);
  }

  get #savesPt(): boolean {
    return this.#record?.settings.savePt ?? false;
  }

  #torchState(detector: Detector, state: TrainingState): Uint8Array {
    const checkpoint = trainingCheckpoint(detector, state);
    const folder = resolve(this.folder);
    const run = { project: dirname(folder), name: basename(folder), detector };
    const whole = this.#record ? withReferenceState(checkpoint, state, this.#record, run) : checkpoint;
    return writeTorchCheckpoint(whole);
  }

  async addResults(event: EpochEvent): Promise<void> {
    const { rows } = keptResults(await this.#readResults());
    const before = rows.filter(({ epoch }) => epoch < event.epoch).map(({ row }) => `${row}\n`);
    const header = resultsHeader(Object.keys(event.losses));
    await writeAtomic(this.results, header + before.join('') + resultsRow(event));
  }

  async #readResults(): Promise<string> {
    if (!existsSync(this.results)) return '';
    return readTextBounded(this.results, LIMITS.resultsBytes).catch((error: unknown) => {
      throw new TrainingError(`${this.results}: can't be read: ${reasonOf(error)}; move it away`);
    });
  }

  async #restoreResults({ epoch }: TrainingProgress): Promise<string[]> {
    const { columns, rows, damaged } = keptResults(await this.#readResults());
    const lost = epoch - rows.filter((row) => row.epoch < epoch).length;
    if (damaged.length === 0)
      return lost > 0 && existsSync(this.results)
        ? [`${this.results} lacks ${lost} of ${epoch} epochs: their figures are lost`]
        : [];
    const header = columns.length > 0 ? resultsHeader(termsIn(columns)) : '';
    await writeAtomic(this.results, header + rows.map(({ row }) => `${row}\n`).join(''));
    return damaged.map((line) => `${this.results}:${line}: not a row of results; it is left out`);
  }

  async #restoreBest(detector: Detector, progress: TrainingProgress): Promise<string[]> {
    const { epoch, batch, bestEpoch } = progress;
    if (epoch === 0 || (await this.#hasBest())) return [];
    const isLast = batch === 0 && bestEpoch === epoch - 1;
    if (!isLast)
      return [
        `${this.best} is missing or damaged: it can't be restored, the next better epoch writes it anew`,
      ];
    await this.#write([[this.best, writeCheckpoint({ ...checkpointOf(detector), epoch: bestEpoch })]]);
    return [`${this.best} was missing or damaged: restored from ${this.last}`];
  }

  async #hasBest(): Promise<boolean> {
    return readCheckpointFile(this.best).then(
      () => true,
      () => false,
    );
  }

  /** @throws TrainingError naming the file, its size and what of the run is left */
  async #write(files: readonly FileContent[]): Promise<void> {
    try {
      await writeTogether(files);
    } catch (error) {
      const sizes = files.map(([path, { length }]) => `${path} (${(length / 1e6).toFixed(1)} MB)`);
      const left = existsSync(this.last)
        ? `${this.last} of an earlier epoch is there to --resume from`
        : 'there is no earlier checkpoint';
      const reason = reasonOf(error);
      throw new TrainingError(`can't write ${sizes.join(' and ')}: ${reason}; ${left}`, { cause: error });
    }
  }

  async #removeUnfinished(): Promise<void> {
    for (const folder of [this.folder, join(this.folder, 'weights')]) {
      await mkdir(folder, { recursive: true });
      await removeUnfinished(folder);
    }
  }
}

const asPt = (path: string) => path.replace(/\.safetensors$/, '.pt');

/** What `args.yaml` says of a run with these settings. */
export function argsText(settings: TrainSettings): string {
  return stringify(withAbsolutePaths(settings));
}

/** A run may go on from another working directory. */
function withAbsolutePaths(settings: TrainSettings): TrainSettings {
  const { data, cacheDir } = settings;
  return { ...settings, data: resolve(data), ...(cacheDir ? { cacheDir: resolve(cacheDir) } : {}) };
}
