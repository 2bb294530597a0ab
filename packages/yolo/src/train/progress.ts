/** The progress of a training, and its errors. */
import { classMaps } from '@froyolo/boxes';
import type { DeviceFailedError } from '@froyolo/core/devices';
import type { Batch } from '@froyolo/data';
import { TrainingError } from '../errors.js';
import type { Losses } from '../loss/losses.js';
import {
  type ScheduledValues,
  type ScheduleOptions,
  scheduleAt,
  scheduleAtShare,
} from '../recipe/schedule.js';
import type { ValidationResult } from '../validate/validate.js';
import type { BatchEvent, EpochEvent, TrainingProgress, TrainOptions } from './events.js';

export const freshProgress = (losses: Losses, startFitness?: number): TrainingProgress => ({
  epoch: 0,
  batch: 0,
  lastUpdate: -1,
  updates: 0,
  bestFitness: startFitness ?? 0,
  bestEpoch: startFitness === undefined ? 0 : -1,
  losses,
});

/**
 * @param index number of the stage in which the schedule lets the training go on
 * @throws TrainingError when it was saved in another stage
 */
export function checkStage({ stageUpdates = [], epoch }: TrainingProgress, index: number): void {
  if (stageUpdates.length === index) return;
  throw new TrainingError(
    `the state to resume from is of stage ${stageUpdates.length + 1} of gradual unfreezing and epoch ${epoch + 1} ` +
      `is of stage ${index + 1}: resume with the same schedule`,
  );
}

/** @throws TrainingError naming the terms if one is not finite */
export function checkFinite(losses: Losses, { epoch, batch }: TrainingProgress): void {
  const terms = Object.entries(losses);
  if (terms.every(([, value]) => Number.isFinite(value))) return;
  const values = terms.map((term) => term.join(' ')).join(', ');
  throw new TrainingError(
    `the loss is not finite at epoch ${epoch + 1}, batch ${batch + 1} (${values}): ` +
      'lower the learning rate (lr0, warmup_bias_lr) and start from the last checkpoint',
  );
}

/** Whether an epoch that the pace didn't end is followed by a validation: the last one always is. */
export function isValidated(
  epoch: number,
  { noval = false, valPeriod = 1, epochs, pace }: TrainOptions,
): boolean {
  const done = epoch + 1;
  if (done === epochs) return true;
  return !noval && (pace ? pace.isValidationDue() : done % valPeriod === 0);
}

/** The event of a batch that is done, without its rates. */
export function batchEvent(
  { shape, targets }: Pick<Batch, 'shape' | 'targets'>,
  { epoch, batch, losses }: TrainingProgress,
  { train, detector }: TrainOptions,
): Omit<BatchEvent, 'lr' | 'imagesPerSecond'> {
  return {
    epoch,
    batch,
    batches: train.length,
    losses,
    targets: targets.length / (1 + detector.family.labelRow.width),
    imgsz: [shape[2], shape[3]],
  };
}

/** Where training stands once an epoch is done; `best` is its fitness where none was better. */
export function afterEpoch(
  progress: TrainingProgress,
  losses: Losses,
  { detector }: Pick<TrainOptions, 'detector'>,
  {
    best,
    validation,
  }: { readonly best: number | undefined; readonly validation: ValidationResult | undefined },
): TrainingProgress {
  const { epoch } = progress;
  return {
    ...progress,
    epoch: epoch + 1,
    batch: 0,
    losses,
    ...(best === undefined ? {} : { bestFitness: best, bestEpoch: epoch }),
    ...(validation ? { classMaps: classMaps(validation, detector.names.length) } : {}),
  };
}

/** What an epoch's event says of validations: the one that there was, and each class at the last one. */
export function figuresOf(
  validation: ValidationResult | undefined,
  { classMaps: maps }: TrainingProgress,
): Pick<EpochEvent, 'validation' | 'classMaps'> {
  return { ...(validation ? { validation } : {}), ...(maps ? { classMaps: maps } : {}) };
}

/** Where a device failed, and what to change. */
export function describeFailure(
  { message, outOfMemory }: DeviceFailedError,
  { epoch, batch }: TrainingProgress,
  { batchSize, imgsz }: TrainOptions,
): { where: string; advice: string } {
  const less = `a smaller batch (it is ${batchSize}), smaller images (${imgsz} px) or more layers frozen`;
  return {
    where: `epoch ${epoch + 1}, after ${batch} batches: ${message}`,
    advice: outOfMemory
      ? `Less memory is needed with ${less}.`
      : `Try another device or, if this one ran out of memory, ${less}.`,
  };
}

/** The error of a source that gave fewer batches than it has. */
export const shortEpoch = ({ epoch, batch }: TrainingProgress, { train }: TrainOptions): TrainingError =>
  new TrainingError(`epoch ${epoch + 1} ended after ${batch} batches of ${train.length}`);

/** What is lost with a device that gives nothing back. */
export function describeLoss(savedEpochs: number): string {
  const lost = 'The device lost what it held since the last checkpoint';
  return savedEpochs > 0 ? `${lost}, that of epoch ${savedEpochs}.` : `${lost}, and there is none.`;
}

export function scheduleOf({
  hyp,
  optimizer = 'SGD',
  epochs,
  train,
  batchSize,
  cosLr = false,
}: TrainOptions): ScheduleOptions {
  return {
    optimizer,
    epochs,
    batchesPerEpoch: train.length,
    batchSize,
    lr0: hyp.lr0,
    lrf: hyp.lrf,
    cosine: cosLr,
    momentum: hyp.momentum,
    weightDecay: hyp.weight_decay,
    warmupEpochs: hyp.warmup_epochs,
    warmupSteps: hyp.warmup_steps,
    nominalBatch: hyp.nbs,
    warmupMomentum: hyp.warmup_momentum,
    warmupBiasLr: hyp.warmup_bias_lr,
  };
}

/** The values at an iteration: by epochs, or by the share of the time that is over. */
export function scheduledAt(
  schedule: ScheduleOptions,
  iteration: number,
  pace: TrainOptions['pace'],
): ScheduledValues {
  return pace ? scheduleAtShare(schedule, iteration, pace.share()) : scheduleAt(schedule, iteration);
}
