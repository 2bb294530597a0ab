/** The training loop: YOLOv5's recipe over an executor. */
import { type ScheduledValues, type ScheduleOptions, scheduleAt } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import { type ValidationResult, validate } from '../validate/validate.js';
import { Clock, skip } from './batches.js';
import { TrainingError } from './errors.js';
import type { TrainingProgress, TrainingState, TrainOptions, TrainResult } from './events.js';
import { fitness } from './fitness.js';
import { type Losses, NO_LOSSES, runningMean } from './losses.js';
import { averagedDetector, StepRunner } from './step-runner.js';

const FRESH: TrainingProgress = {
  epoch: 0,
  batch: 0,
  lastUpdate: -1,
  updates: 0,
  bestFitness: 0,
  bestEpoch: 0,
  losses: NO_LOSSES,
};

/**
 * Trains a detector: warm-up, gradients accumulated to a nominal batch of 64, clipped at norm 10, averaged weights (EMA)
 * validated and saved after each epoch.
 * @throws TrainingError when a loss is not finite or the state to resume from doesn't fit. What `onCheckpoint` was given
 * before stays valid.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { detector, executor, hyp, freeze, imgsz, resume, optimiser = 'SGD' } = options;
  const graphs = { hyp, freeze, imgsz, optimiser };
  const runner = await StepRunner.create(detector, executor, graphs, resume?.tensors);
  try {
    return await new Training(options, runner).run();
  } finally {
    await runner.dispose();
  }
}

class Training {
  readonly #options: TrainOptions;
  readonly #runner: StepRunner;
  readonly #schedule: ScheduleOptions;
  #progress: TrainingProgress;

  constructor(options: TrainOptions, runner: StepRunner) {
    this.#options = options;
    this.#runner = runner;
    this.#schedule = scheduleOf(options);
    this.#progress = options.resume?.progress ?? FRESH;
  }

  async run(): Promise<TrainResult> {
    const { epochs, train: source, patience = 100 } = this.#options;
    const { epoch, batch } = this.#progress;
    if (epoch >= epochs) throw new TrainingError(`all ${epochs} epochs are done: there is nothing to resume`);
    this.#options.onStart?.({ epoch, batch, epochs, batches: source.length, trained: this.#runner.trained });
    let state: TrainingState | undefined;
    while (this.#progress.epoch < epochs) {
      state = await this.#epoch();
      if (this.#progress.batch > 0) return this.#result('stopped', state);
      if (patience > 0 && this.#progress.epoch - 1 - this.#progress.bestEpoch >= patience)
        return this.#result('patience', state);
      if (this.#aborted && this.#progress.epoch < epochs) return this.#result('stopped', state);
    }
    return this.#result('finished', state!);
  }

  get #aborted(): boolean {
    return this.#options.signal?.aborted ?? false;
  }

  #result(status: TrainResult['status'], state: TrainingState): TrainResult {
    const { bestEpoch, bestFitness } = this.#progress;
    const detector = averagedDetector(this.#options.detector, state.tensors);
    return { status, detector, state, bestEpoch, bestFitness };
  }

  /** Trains one epoch, or up to an abort; validates, reports and offers a checkpoint. */
  async #epoch(): Promise<TrainingState> {
    const { epoch } = this.#progress;
    const { epochs } = this.#options;
    const { whole, ...trained } = await this.#trainEpoch();
    if (!whole) return this.#checkpoint(false);
    const started = performance.now();
    const validation = await this.#validate(epoch);
    const seconds = { ...trained.seconds, validation: (performance.now() - started) / 1000 };
    const value = validation ? fitness(validation) : 0;
    const best = value >= this.#progress.bestFitness;
    this.#progress = {
      ...this.#progress,
      epoch: epoch + 1,
      batch: 0,
      losses: NO_LOSSES,
      ...(best ? { bestFitness: value, bestEpoch: epoch } : {}),
    };
    const event = { epoch, epochs, losses: trained.losses, lr: trained.lr, fitness: value, best, seconds };
    await this.#options.onEpoch?.(validation ? { ...event, validation } : event);
    return this.#checkpoint(best);
  }

  async #checkpoint(best: boolean): Promise<TrainingState> {
    const state = {
      progress: this.#progress,
      tensors: await this.#runner.readState(this.#progress.batch > 0),
    };
    const detector = averagedDetector(this.#options.detector, state.tensors);
    await this.#options.onCheckpoint?.({ detector, state, best });
    return state;
  }

  async #validate(epoch: number): Promise<ValidationResult | undefined> {
    const { val, noVal = false, epochs, detector, executor, hyp, imgsz } = this.#options;
    if (!val || (noVal && epoch + 1 < epochs)) return undefined;
    const averaged = averagedDetector(detector, await this.#runner.readState(false));
    return validate(averaged, val.epoch(0), { executor, loss: { hyp, imgsz } });
  }

  /** Runs the epoch's batches that are left; `whole` says whether it got to the last. */
  async #trainEpoch() {
    const { epoch, batch: skipped } = this.#progress;
    if (skipped === 0) await this.#runner.dropGradients();
    const clock = new Clock();
    let images = 0;
    let lr = scheduleAt(this.#schedule, this.#iteration).lr;
    for await (const batch of clock.waitingFor(skip(this.#options.train.epoch(epoch), skipped))) {
      ({ lr } = await this.#batch(batch));
      images += batch.shape[0];
      this.#report(batch, lr, images / clock.seconds);
      if (this.#aborted) break;
    }
    const { batch: done, losses } = this.#progress;
    const whole = done >= this.#options.train.length;
    if (!whole && !this.#aborted)
      throw new TrainingError(
        `epoch ${epoch + 1} ended after ${done} batches of ${this.#options.train.length}`,
      );
    return { whole, losses, lr, seconds: { training: clock.seconds, waiting: clock.waiting } };
  }

  get #iteration(): number {
    return this.#progress.epoch * this.#options.train.length + this.#progress.batch;
  }

  /** One step, and an update where one is due. */
  async #batch(batch: Batch): Promise<ScheduledValues> {
    const scheduled = scheduleAt(this.#schedule, this.#iteration);
    const losses = await this.#runner.step(batch);
    this.#checkFinite(losses);
    let { lastUpdate, updates } = this.#progress;
    if (this.#iteration - lastUpdate >= scheduled.accumulate) {
      await this.#runner.update({ ...scheduled, update: ++updates });
      lastUpdate = this.#iteration;
    }
    const done = this.#progress.batch;
    this.#progress = {
      ...this.#progress,
      batch: done + 1,
      lastUpdate,
      updates,
      losses: runningMean(this.#progress.losses, losses, done),
    };
    return scheduled;
  }

  #checkFinite({ box, obj, cls }: Losses): void {
    if ([box, obj, cls].every(Number.isFinite)) return;
    const { epoch, batch } = this.#progress;
    throw new TrainingError(
      `the loss is not finite at epoch ${epoch + 1}, batch ${batch + 1} (box ${box}, obj ${obj}, cls ${cls}): ` +
        'lower the learning rate (lr0, warmup_bias_lr) and start from the last checkpoint',
    );
  }

  #report(batch: Batch, lr: ScheduledValues['lr'], imagesPerSecond: number): void {
    const { epoch, batch: done, losses } = this.#progress;
    this.#options.onBatch?.({
      epoch,
      batch: done,
      batches: this.#options.train.length,
      losses,
      imagesPerSecond,
      lr,
      targets: batch.targets.length / 6,
      imgsz: [batch.shape[2], batch.shape[3]],
    });
  }
}

function scheduleOf({
  hyp,
  optimiser = 'SGD',
  epochs,
  train,
  batchSize,
  cosLr = false,
}: TrainOptions): ScheduleOptions {
  return {
    optimiser,
    epochs,
    batchesPerEpoch: train.length,
    batchSize,
    lr0: hyp.lr0,
    lrf: hyp.lrf,
    cosine: cosLr,
    momentum: hyp.momentum,
    weightDecay: hyp.weight_decay,
    warmupEpochs: hyp.warmup_epochs,
    warmupMomentum: hyp.warmup_momentum,
    warmupBiasLr: hyp.warmup_bias_lr,
  };
}
