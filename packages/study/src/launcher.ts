/** How a run of a study is described, done and watched, wherever that happens. */
import type { StudyRecipe } from '@froyolo/run/settings';
import type { BatchEvent, EpochEvent, StartEvent } from '@froyolo/yolo';
import type { Arm } from './study.js';

/** A run to do, as plain JSON: it may be sent to another process or machine. */
export interface ArmOrder {
  /** The study's. */
  readonly folder: string;
  readonly arm: Arm;
  readonly recipe: StudyRecipe;
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

export interface ArmEvents {
  onSetup?(event: ArmSetup): void;
  onStart?(event: StartEvent): void;
  /** Other layers are trained from this epoch on, counted from 0; in words. */
  onStage?(epoch: number, text: string): void;
  /** `memory`: resident bytes of the run's process. */
  onBatch?(event: BatchEvent & { readonly memory: number }): void;
  onEpoch?(event: EpochEvent): void;
}

/**
 * Does a run of a study, or lets another process or machine do it. The order is plain JSON, and so is what comes back; the
 * run's folder holds its results. A queue implements this by handing the order to a worker, which calls `runArm`.
 * @throws StudyError with what went wrong
 */
export type ArmLauncher = (
  order: ArmOrder,
  signal: AbortSignal,
  events: ArmEvents,
) => Promise<'finished' | 'stopped'>;
