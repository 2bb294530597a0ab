/** The training loop: YOLOv5's recipe over an executor. */
import { fitness } from '@froyolo/boxes';
import { DeviceFailedError, guardExecutor } from '@froyolo/core/devices';
import type { Batch } from '@froyolo/data';
import { type FreezePolicy, stageIndex } from '@froyolo/freeze';
import type { FeatureBatch } from '../batches/sources.js';
import { Clock, skip } from '../batches/stream.js';
import { TRAINING_DEFAULTS } from '../defaults.js';
import { TrainingDeviceError, TrainingError } from '../errors.js';
import { type Losses, noLosses, runningMean } from '../loss/losses.js';
import type { ScheduledValues, ScheduleOptions } from '../recipe/schedule.js';
import { canCacheFeatures } from '../step/split-gradients.js';
import { averagedDetector, type Carried, type StepRunner } from '../step/step-runner.js';
import { type ValidationResult, validate } from '../validate/validate.js';
import type { TrainingProgress, TrainingState, TrainOptions, TrainResult } from './events.js';
import { OpenStage } from './open-stage.js';
import {
  afterEpoch,
  batchEvent,
  checkFinite,
  checkStage,
  describeFailure,
  describeLoss,
  figuresOf,
  freshProgress,
  isValidated,
  scheduledAt,
  scheduleOf,
  shortEpoch,
} from './progress.js';
import { type TrainingStages, trainingStages } from './stages.js';

/**
 * Trains a detector: warm-up, gradients accumulated to a nominal batch of 64, clipped at norm 10, averaged weights (EMA)
 * validated and saved after each epoch. Where the freeze changes (gradual unfreezing, `hyp.unfreeze`), what was trained
 * continues with its averages and the optimizer's values, and what is freed starts with fresh ones.
 * @throws FreezeError when `unfreeze` or `lr_scale` of the hyperparameters is invalid
 * @throws TrainingError when a loss is not finite or the state to resume from doesn't fit. What `onCheckpoint` was given
 * before stays valid.
 * @throws TrainingDeviceError when the device fails (out of memory, lost): after a checkpoint of what is done, if the
 * device still gives it
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const training = new Training({ ...options, executor: guardExecutor(options.executor) });
  try {
    return await training.run();
  } finally {
    await training.close();
  }
}

class Training {
  readonly #options: TrainOptions;
  readonly #stages: TrainingStages;
  readonly #schedule: ScheduleOptions;
  #progress: TrainingProgress;
  /** Index of the stage that is open, or that was last. */
  #index: number;
  #stage: OpenStage | undefined;
  /** The values between two stages, when none is open. */
  #carried: Carried | undefined;
  /** Epochs in the last checkpoint. */
  #savedEpochs: number;
  /** What the last checkpoint was made of, until training goes on. */
  #saved: TrainingState | undefined;
  /** Whether the pace ended training after the last batch. Time that passes after an epoch ends nothing: its validation is over. */
  #isOver = false;

  constructor(options: TrainOptions) {
    this.#options = options;
    const { detector, freeze, hyp, startFitness } = options;
    this.#stages = 'stages' in freeze ? freeze : trainingStages(detector, freeze, hyp);
    this.#schedule = scheduleOf(options);
    this.#progress = options.resume?.progress ?? freshProgress(this.#noLosses, startFitness);
    this.#savedEpochs = this.#progress.epoch;
    const { epoch, batch } = this.#progress;
    const { resume, pace } = options;
    // Between two epochs the values are still those of the epoch that is done.
    this.#index = pace
      ? (resume?.progress.stageUpdates?.length ?? 0)
      : stageIndex(this.#stages.stages, batch > 0 ? epoch : Math.max(epoch - 1, 0));
    if (!resume) return;
    checkStage(resume.progress, this.#index);
    this.#carried = { tensors: resume.tensors, freeze: this.#policy };
  }

  async close(): Promise<void> {
    await this.#stage?.close();
  }

  get #noLosses(): Losses {
    return noLosses(this.#options.detector.family.lossTerms);
  }

  get #policy(): FreezePolicy {
    return this.#stages.stages[this.#index].policy;
  }

  get #open(): OpenStage {
    if (!this.#stage) throw new TrainingError('no stage of training is open');
    return this.#stage;
  }

  get #runner(): StepRunner {
    return this.#open.runner;
  }

  async run(): Promise<TrainResult> {
    const { epochs, pace, train: source } = this.#options;
    const { epoch, batch } = this.#progress;
    if (epoch >= epochs) throw new TrainingError(`all ${epochs} epochs are done: there is nothing to resume`);
    await this.#openStage(this.#dueIndex);
    this.#options.onStart?.({
      ...{ epoch, batch, epochs, batches: source.length, trained: this.#runner.trained },
      ...(pace ? { timed: true } : {}),
      freeze: this.#policy.label,
      lossTerms: this.#options.detector.family.lossTerms,
    });
    try {
      return await this.#epochs();
    } catch (error) {
      throw error instanceof DeviceFailedError ? await this.#failed(error) : error;
    }
  }

  async #epochs(): Promise<TrainResult> {
    const { patience = TRAINING_DEFAULTS.patience } = this.#options;
    for (;;) {
      await this.#epoch();
      if (this.#progress.batch > 0) return this.#result('stopped');
      if (this.#isDone) return this.#result('finished');
      if (patience > 0 && this.#progress.epoch - 1 - this.#progress.bestEpoch >= patience)
        return this.#result('patience');
      if (this.#options.signal?.aborted) return this.#result('stopped');
    }
  }

  /** Saves the values that the device still gives, and says what to change. */
  async #failed(error: DeviceFailedError): Promise<TrainingDeviceError> {
    const { where, advice } = describeFailure(error, this.#progress, this.#options);
    return new TrainingDeviceError(`${where}\n${await this.#rescue()}\n${advice}`, { cause: error });
  }

  /** Writes a checkpoint of the values that the device still gives; says what a run can resume from. */
  async #rescue(): Promise<string> {
    const { epoch, batch } = this.#progress;
    if (epoch + batch === 0) return 'Nothing was learned yet, so there is no checkpoint.';
    try {
      await this.#checkpoint(false, true);
      return `All ${epoch * this.#options.train.length + batch} batches until then are saved.`;
    } catch (error) {
      if (!(error instanceof DeviceFailedError)) throw error;
      return describeLoss(this.#savedEpochs);
    }
  }

  get #isDone(): boolean {
    const { epoch, batch } = this.#progress;
    return epoch >= this.#options.epochs || (epoch > 0 && batch === 0 && this.#isOver);
  }

  async #result(status: TrainResult['status']): Promise<TrainResult> {
    const state = this.#saved ?? (await this.#checkpoint(false));
    const { bestEpoch, bestFitness } = this.#progress;
    const detector = averagedDetector(this.#options.detector, state.tensors);
    return { status, detector, state, bestEpoch, bestFitness };
  }

  /** Trains one epoch, or up to an abort; validates, reports and offers a checkpoint. */
  async #epoch(): Promise<void> {
    await this.#enterStage();
    this.#saved = undefined;
    const [{ epoch }, { epochs }] = [this.#progress, this.#options];
    const { whole, ...trained } = await this.#trainEpoch();
    if (!whole) {
      await this.#checkpoint(false);
      return;
    }
    const started = performance.now();
    const validation = await this.#validate(epoch);
    const seconds = { ...trained.seconds, validation: (performance.now() - started) / 1000 };
    if (validation) this.#options.pace?.onValidated?.(seconds.validation);
    const value = validation ? fitness(validation) : 0;
    const best = value >= this.#progress.bestFitness;
    const came = { best: best ? value : undefined, validation };
    this.#progress = afterEpoch(this.#progress, this.#noLosses, this.#options, came);
    const { losses, lr } = trained;
    const shown = { epochs, losses, lr, fitness: value, best, freeze: this.#policy.label, seconds };
    await this.#options.onEpoch?.({ epoch, ...shown, ...figuresOf(validation, this.#progress) });
    if (validation || (this.#options.pace?.isCheckpointDue?.() ?? true)) await this.#checkpoint(best);
  }

  /** Goes over to the stage of the epoch that comes, where that is another one. */
  async #enterStage(): Promise<void> {
    const { epoch } = this.#progress;
    const index = this.#dueIndex;
    if (index === this.#index) return;
    const [before, { fromFeatures }] = [this.#policy, this.#open];
    this.#carried = { tensors: await this.#runner.readState(false), freeze: before };
    // Before the next is compiled: memory has to hold one of them at a time.
    await this.#open.close();
    this.#stage = undefined;
    const freeze = this.#stages.stages[index].policy;
    const readsImages = fromFeatures && !canCacheFeatures(freeze);
    this.#options.onStage?.({ epoch, before, freeze, readsImages });
    await this.#openStage(index);
  }

  /** Index of the stage that the coming epoch belongs to. */
  get #dueIndex(): number {
    const { pace } = this.#options;
    if (pace) return Math.max(this.#index, pace.stage());
    return stageIndex(this.#stages.stages, this.#progress.epoch);
  }

  /** Opens a stage with the present values; unfrozen layers start fresh. */
  async #openStage(index: number): Promise<void> {
    const { updates, stageUpdates = [] } = this.#progress;
    this.#stage = await OpenStage.open(this.#options, this.#stages, index, this.#carried);
    this.#carried = undefined;
    if (index > this.#index) this.#progress = { ...this.#progress, stageUpdates: [...stageUpdates, updates] };
    this.#index = index;
  }

  async #checkpoint(best: boolean, failed = false): Promise<TrainingState> {
    const { pace } = this.#options;
    const state = {
      progress: pace ? { ...this.#progress, seconds: pace.elapsed() } : this.#progress,
      tensors: this.#carried?.tensors ?? (await this.#runner.readState(this.#progress.batch > 0)),
    };
    const detector = averagedDetector(this.#options.detector, state.tensors);
    await this.#options.onCheckpoint?.({ detector, state, best, ...(failed ? { failed } : {}) });
    this.#savedEpochs = this.#progress.epoch;
    this.#saved = state;
    this.#options.pace?.onSaved?.();
    return state;
  }

  async #validate(epoch: number): Promise<ValidationResult | undefined> {
    const { val, detector, executor, hyp, imgsz } = this.#options;
    if (!val || !(this.#isOver || isValidated(epoch, this.#options))) return undefined;
    const averaged = averagedDetector(detector, await this.#runner.readState(false));
    return validate(averaged, val.epoch(0), { executor, loss: { hyp, imgsz } });
  }

  /** Runs the epoch's batches that are left; `whole` says whether it got to the last. */
  async #trainEpoch() {
    const { epoch, batch: skipped } = this.#progress;
    if (skipped === 0) await this.#runner.dropGradients();
    const clock = new Clock();
    let images = 0;
    let { lr } = this.#scheduled;
    let seconds = 0;
    for await (const batch of clock.waitingFor(skip(this.#open.batches.epoch(epoch), skipped))) {
      ({ lr } = await this.#batch(batch));
      images += batch.shape[0];
      const done = batchEvent(batch, this.#progress, this.#options);
      this.#options.onBatch?.({ ...done, lr, imagesPerSecond: images / clock.seconds });
      this.#options.pace?.onBatch?.(clock.seconds - seconds);
      seconds = clock.seconds;
      this.#isOver = this.#options.pace?.isOver() ?? false;
      if (this.#options.signal?.aborted || this.#isOver) break;
    }
    const { batch: done, losses } = this.#progress;
    const whole = done >= this.#options.train.length || this.#isOver;
    if (!whole && !this.#options.signal?.aborted) throw shortEpoch(this.#progress, this.#options);
    return { whole, losses, lr, seconds: { training: clock.seconds, waiting: clock.waiting } };
  }

  get #scheduled(): ScheduledValues {
    return scheduledAt(this.#schedule, this.#iteration, this.#options.pace);
  }

  get #iteration(): number {
    return this.#progress.epoch * this.#options.train.length + this.#progress.batch;
  }

  /** One step, and an update where one is due. */
  async #batch(batch: Batch | FeatureBatch): Promise<ScheduledValues> {
    const iteration = this.#iteration;
    const scheduled = this.#scheduled;
    const { batch: done, lastUpdate, updates, stageUpdates: joined = [] } = this.#progress;
    const { ema_tau: emaTau, ema_decay: emaDecay } = this.#options.hyp;
    const settings = { ...scheduled, update: updates + 1, emaTau, emaDecay, joined };
    const losses = await this.#runner.step(batch, settings);
    checkFinite(losses, this.#progress);
    const means = runningMean(this.#progress.losses, losses, done);
    // Before the update: should that fail, the store has this batch's gradients all the same.
    this.#progress = { ...this.#progress, batch: done + 1, losses: means };
    if (iteration - lastUpdate >= scheduled.accumulate) {
      await this.#runner.update(settings);
      this.#progress = { ...this.#progress, lastUpdate: iteration, updates: updates + 1 };
    }
    return scheduled;
  }
}
