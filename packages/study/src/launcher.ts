/** How a run of a study is described, done and watched, wherever that happens. */
import type { TrainOptions } from '@froyolo/run/settings';
import type { BatchEvent, EpochEvent, StartEvent, ValidationResult } from '@froyolo/yolo';

/** A run to do, as plain JSON: it may be sent to another process or machine. */
export interface ArmOrder {
  /** The study's. */
  readonly folder: string;
  /** The run's folder, relative to that of the study. */
  readonly name: string;
  /** Those of a training; where its results go follows from the folders. With `folds`, the seed says which one validates. */
  readonly settings: TrainOptions;
}

/** What a run begins with. */
export interface ArmSetup {
  readonly images: { readonly train: number; readonly val: number };
  readonly warnings: readonly string[];
  /** What computes, in words. */
  readonly device: string;
  /** What is frozen, one line per group. */
  readonly freeze: readonly string[];
}

/** An epoch is done. */
export interface ArmEpoch extends Pick<EpochEvent, 'epoch' | 'epochs' | 'losses' | 'best' | 'seconds'> {
  /** Figures of the averaged weights; absent if validation was skipped. */
  readonly validation?: Pick<ValidationResult, 'images' | 'precision' | 'recall' | 'mAP50' | 'mAP50_95'>;
}

export interface ArmEvents {
  /** The run begins, or goes on, on another machine. */
  onPlace?(worker: string): void;
  onSetup?(event: ArmSetup): void;
  onStart?(event: StartEvent): void;
  /** Other layers are trained from this epoch on, counted from 0; in words. */
  onStage?(epoch: number, text: string): void;
  /** `memory`: resident bytes of the run's process. */
  onBatch?(event: BatchEvent & { readonly memory: number }): void;
  onEpoch?(event: ArmEpoch): void;
}

/**
 * Does a run of a study, or lets another process or machine do it. The order is plain JSON, and so is what comes back; the
 * run's folder holds its results. `@froyolo/queue` implements this by handing the order to a worker.
 * @throws StudyError with what went wrong
 */
export type ArmLauncher = (
  order: ArmOrder,
  signal: AbortSignal,
  events: ArmEvents,
) => Promise<'finished' | 'stopped'>;
