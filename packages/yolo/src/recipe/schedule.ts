/** Learning rate, momentum and accumulation over the course of training: YOLOv5's recipe, computed on the host. */

import { roundHalfEven } from '@froyolo/common';
import { cosineFactor, linearFactor, type OptimizerName, type ParameterGroup, ramp } from '@froyolo/core';

/** Gradients accumulate up to about this many images before an update, unless another number is given. */
const NOMINAL_BATCH = 64;
const MIN_WARMUP_ITERATIONS = 100;

/** How many batches make up the nominal batch. */
export function fullAccumulation(batchSize: number, nominalBatch = NOMINAL_BATCH): number {
  return Math.max(1, roundHalfEven(nominalBatch / batchSize));
}

/** Weight decay for the number of images per update, given for the nominal batch. */
export function scaledWeightDecay(
  weightDecay: number,
  batchSize: number,
  nominalBatch = NOMINAL_BATCH,
): number {
  return (weightDecay * batchSize * fullAccumulation(batchSize, nominalBatch)) / nominalBatch;
}

export interface ScheduleOptions {
  readonly optimizer: OptimizerName;
  readonly epochs: number;
  readonly batchesPerEpoch: number;
  readonly batchSize: number;
  /** Learning rate at first, and the factor that is left of it in the end. */
  readonly lr0: number;
  readonly lrf: number;
  readonly cosine: boolean;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly warmupEpochs: number;
  /** Length of warm-up in iterations, instead of `warmupEpochs` and at least 100. */
  readonly warmupSteps?: number | undefined;
  /** Images per update. Default 64. */
  readonly nominalBatch?: number | undefined;
  /** Momentum and learning rate of the biases at the first iteration; other learning rates start from 0. */
  readonly warmupMomentum: number;
  readonly warmupBiasLr: number;
}

export interface ScheduledValues {
  readonly lr: Readonly<Record<ParameterGroup, number>>;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Batches per update. */
  readonly accumulate: number;
}

/** The values at an iteration of a training whose length is known by time: `share` of it is done, 0 to 1. */
export function scheduleAtShare(options: ScheduleOptions, iteration: number, share: number): ScheduledValues {
  return scheduleAt({ ...options, epochs: 1 }, iteration, Math.min(Math.max(share, 0), 1));
}

/** Number of iterations (batches) over which learning rates, momentum and accumulation rise. */
export function warmupIterations(warmupEpochs: number, batchesPerEpoch: number): number {
  return Math.max(roundHalfEven(warmupEpochs * batchesPerEpoch), MIN_WARMUP_ITERATIONS);
}

/**
 * The epoch whose factor the learning rate has: once warm-up is over, the one before. The reference steps its
 * schedule at the end of an epoch and starts it one too early; its published runs have these rates.
 */
function factorEpoch(epoch: number, warmupEnd: number, batchesPerEpoch: number): number {
  return epoch <= Math.floor(warmupEnd / batchesPerEpoch) ? epoch : epoch - 1;
}

/**
 * The values at a batch, counted from 0 over all epochs. Adam's β₁ has no warm-up.
 * @param progress epochs that are done, for a schedule that goes on within an epoch
 */
export function scheduleAt(options: ScheduleOptions, iteration: number, progress?: number): ScheduledValues {
  const { optimizer, epochs, batchesPerEpoch, batchSize, lr0, lrf, momentum } = options;
  const { nominalBatch = NOMINAL_BATCH } = options;
  const length = options.warmupSteps ?? warmupIterations(options.warmupEpochs, batchesPerEpoch);
  const share = length > 0 ? Math.min(iteration / length, 1) : 1;
  const warm = (from: number, to: number) => ramp(from, to, share);
  const epoch = progress ?? factorEpoch(Math.floor(iteration / batchesPerEpoch), length, batchesPerEpoch);
  const lr = lr0 * (options.cosine ? cosineFactor : linearFactor)(epoch, epochs, lrf);
  return {
    lr: { weight: warm(0, lr), bn: warm(0, lr), bias: warm(options.warmupBiasLr, lr) },
    momentum: optimizer === 'SGD' ? warm(options.warmupMomentum, momentum) : momentum,
    weightDecay: scaledWeightDecay(options.weightDecay, batchSize, nominalBatch),
    accumulate: Math.max(1, roundHalfEven(warm(1, nominalBatch / batchSize))),
  };
}
