/** Options and events of training. */
import type { Executor, OptimizerName, ParameterGroup, Tensor } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import type { FreezePolicy } from '@froyolo/freeze';
import type { BatchSource, FeatureSource } from '../batches/sources.js';
import type { Detector } from '../detector/detector.js';
import type { Losses } from '../loss/losses.js';
import type { TrainingStepOptions } from '../step/step-graph.js';
import type { ValidationResult } from '../validate/validate.js';
import type { TrainingStages } from './stages.js';

/**
 * Makes the batches for what a training step trains. Asked again when the freeze changes: features are those of one
 * frozen prefix. Not asked for a later stage that has no frozen prefix: it trains on images.
 */
export type FeatureSourceFactory = (
  detector: Detector,
  options: TrainingStepOptions,
) => Promise<FeatureSource>;

export interface StartEvent {
  /** The first epoch that runs, from 0; batches of it that a resumed run skips. */
  readonly epoch: number;
  readonly batch: number;
  readonly epochs: number;
  /** The clock ends training: `epochs` is only the most there may be. */
  readonly timed?: true;
  readonly batches: number;
  /** Tensors that are trained. */
  readonly trained: readonly string[];
  /** What is frozen: the number of first layers, or the selector. */
  readonly freeze: string;
  /** Names of the loss's terms, in the order in which they are shown. */
  readonly lossTerms: readonly string[];
}

/** Other layers are frozen from now on: fewer (gradual unfreezing). */
export interface StageEvent {
  /** The first epoch of the stage, from 0. */
  readonly epoch: number;
  readonly before: FreezePolicy;
  readonly freeze: FreezePolicy;
  /** Features were cached before; from now on images are read, because what is frozen has none that could be. */
  readonly readsImages: boolean;
}

export interface BatchEvent {
  readonly epoch: number;
  /** Batches done in this epoch, from 1, of `batches`. */
  readonly batch: number;
  readonly batches: number;
  /** Means over the epoch so far. */
  readonly losses: Losses;
  /** Over the epoch so far, waiting for data included. */
  readonly imagesPerSecond: number;
  readonly lr: Readonly<Record<ParameterGroup, number>>;
  /** Objects in this batch. */
  readonly targets: number;
  /** Height and width of this batch's images. */
  readonly imgsz: readonly [height: number, width: number];
}

export interface EpochEvent {
  readonly epoch: number;
  readonly epochs: number;
  /** Means over the epoch. */
  readonly losses: Losses;
  /** Figures of the averaged (EMA) weights; absent if validation was skipped. */
  readonly validation?: ValidationResult;
  /** Learning rates at the epoch's last batch. */
  readonly lr: Readonly<Record<ParameterGroup, number>>;
  /** 0.1 · mAP50 + 0.9 · mAP50-95; 0 where validation was skipped. */
  readonly fitness: number;
  /** Whether this is the best epoch so far. */
  readonly best: boolean;
  /** mAP50-95 of each class at the last validation so far, the mean for those that don't occur; absent before. */
  readonly classMaps?: readonly number[];
  /** What was frozen: the number of first layers, or the selector. */
  readonly freeze: string;
  readonly seconds: {
    readonly training: number;
    /** Part of `training` that was spent waiting for a batch. */
    readonly waiting: number;
    readonly validation: number;
  };
}

/** Where a run is, as plain JSON. */
export interface TrainingProgress {
  /** The epoch that comes next, or that was interrupted, from 0; and how many of its batches are done. */
  readonly epoch: number;
  readonly batch: number;
  /** Iteration, counted over all epochs, of the last update, and how many there were. */
  readonly lastUpdate: number;
  readonly updates: number;
  readonly bestFitness: number;
  readonly bestEpoch: number;
  /** How many updates there were when the second stage of gradual unfreezing began, the third, … */
  readonly stageUpdates?: readonly number[];
  /** mAP50-95 of each class at the last validation, the mean for those that don't occur. */
  readonly classMaps?: readonly number[];
  /** Seconds that have passed by the clock of a pace. */
  readonly seconds?: number;
  /** Means over the interrupted epoch so far. */
  readonly losses: Losses;
}

/** All that a run needs, besides its options, to go on exactly where it stopped. */
export interface TrainingState {
  readonly progress: TrainingProgress;
  /** Trained parameters, running statistics, their averages, and the optimizer's values, by name in the store. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

export interface CheckpointEvent {
  /** With the averaged (EMA) weights. */
  readonly detector: Detector;
  readonly state: TrainingState;
  readonly best: boolean;
  /** Training ends here: its device failed. */
  readonly failed?: true;
}

/** Leads a training by the clock instead of by a number of epochs. */
export interface Pace {
  /** Seconds that have passed, those before an interruption included: kept with the progress. */
  elapsed(): number;
  /** Part of the training that is done, 0 to 1: learning rates go by it. */
  share(): number;
  /** Index of the stage of gradual unfreezing that is due, instead of by epochs; never less than before. */
  stage(): number;
  /** Whether a validation is due after an epoch, which isn't the last. */
  isValidationDue(): boolean;
  /** Whether a checkpoint is due after an epoch without validation; those with one have theirs. By default always. */
  isCheckpointDue?(): boolean;
  /** Whether training ends after the batch that was done: only a last validation and a checkpoint follow. */
  isOver(): boolean;
  /** After a validation. */
  onValidated?(seconds: number): void;
  /** After a checkpoint. */
  onSaved?(): void;
  /** After a batch: seconds since the one before, waiting for data included. */
  onBatch?(seconds: number): void;
}

export interface TrainOptions {
  readonly detector: Detector;
  readonly executor: Executor;
  readonly train: BatchSource;
  /** Features of the frozen layers to train on instead of the images of `train`, in batches of the same number. */
  readonly features?: FeatureSourceFactory;
  /** Without it nothing is validated and the last epoch counts as the best. */
  readonly val?: BatchSource;
  readonly epochs: number;
  /** Images of a whole batch of `train`; the last of an epoch may be smaller. */
  readonly batchSize: number;
  /** Side of the training images in pixels: scales the gain of the objectness loss. */
  readonly imgsz: number;
  readonly hyp: Hyperparameters;
  /**
   * What is frozen at first, while `unfreeze` and `lr_scale` of `hyp` say what is freed later and which layers learn slower
   * or faster; or all of that, resolved already.
   */
  readonly freeze: FreezePolicy | TrainingStages;
  /** Default `SGD`. */
  readonly optimizer?: OptimizerName;
  /** Convolutions in half precision, on executors that have it. Default false. */
  readonly amp?: boolean;
  /** Batches hold images of twice `imgsz`, each of which stands for four: the loss counts four times. Default false. */
  readonly quad?: boolean;
  /** The learning rate falls along half a cosine instead of straight. Default false. */
  readonly cosLr?: boolean;
  /** Epochs without a better fitness before training stops. Default 100; 0 never stops. */
  readonly patience?: number;
  /** Validate after the last epoch only. Default false. */
  readonly noval?: boolean;
  /** Epochs between validations; the last one is always validated. Default 1. */
  readonly valPeriod?: number;
  /** Leads the training by the clock; `epochs` is then the most there may be. */
  readonly pace?: Pace;
  /** Fitness of the detector as it is, where that counts as a result: the best one until an epoch is as good. */
  readonly startFitness?: number;
  readonly resume?: TrainingState;
  /** Aborting ends training after the batch that runs, with a checkpoint from which it can go on. */
  readonly signal?: AbortSignal;
  onStart?(event: StartEvent): void;
  /** When gradual unfreezing begins a stage, before it is compiled; not for the one that a run starts in. */
  onStage?(event: StageEvent): void;
  onBatch?(event: BatchEvent): void;
  onEpoch?(event: EpochEvent): void | Promise<void>;
  /** After every epoch (a pace has fewer), and when training is aborted or its device fails. Training goes on once it is done. */
  onCheckpoint?(event: CheckpointEvent): void | Promise<void>;
}

export interface TrainResult {
  /** `finished`: all epochs; `patience`: no better epoch for long; `stopped`: aborted by the signal. */
  readonly status: 'finished' | 'patience' | 'stopped';
  /** With the averaged (EMA) weights of the last step. */
  readonly detector: Detector;
  readonly state: TrainingState;
  /** From 0; -1: no epoch is as good as the detector that training started from. */
  readonly bestEpoch: number;
  readonly bestFitness: number;
}
