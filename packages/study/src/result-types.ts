/** What a study found, as `results.json` holds it. */
import type { StudyRecipe } from '@froyolo/run/settings';
import type { Losses } from '@froyolo/yolo';
import type { EpochTiming } from './arm-folder.js';
import type { Sample } from './samples.js';
import type { Arm } from './study.js';

/** An epoch of a run: its row of `results.csv`, and how long it took. */
export interface EpochResult extends EpochTiming {
  /** Means over the epoch. */
  readonly trainLosses: Losses;
  readonly valLosses: Losses;
  readonly mAP50: number;
  readonly mAP50_95: number;
}

export interface ArmResult extends Arm {
  readonly status: 'missing' | 'running' | 'finished';
  readonly device: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly epochs: readonly EpochResult[];
  /** The epoch of the best fitness; absent before the first is done. */
  readonly best?: EpochResult;
  /** Seconds until the end of the last epoch. */
  readonly seconds: number;
  /** Images per second of training, waiting for data included. */
  readonly imagesPerSecond: number;
  /** Bytes, resident, of the run's process. */
  readonly peakMemory: number;
  /** Means over the samples, 0 to 1. */
  readonly cpu: number;
  readonly gpu?: number;
  /** The most bytes in use on the GPU. */
  readonly peakGpuMemory?: number;
  readonly samples: readonly Sample[];
}

/** Where the figures come from. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory: number;
  readonly platform: string;
  readonly node: string;
}

export interface StudyResults {
  readonly format: 'froyolo-study-results';
  readonly version: 1;
  readonly recipe: StudyRecipe;
  readonly machine: Machine;
  readonly arms: readonly ArmResult[];
  /** One per freeze that has a finished run, in the study's order. */
  readonly summary: readonly FreezeSummary[];
  /** Sentences. */
  readonly recommendation: readonly string[];
}

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation (divisor n − 1); absent with one run. */
  readonly deviation?: number;
}

export interface FreezeSummary {
  readonly freeze: string;
  /** Finished runs: those that count. */
  readonly runs: number;
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Spread of the best epochs of the runs. */
  readonly mAP50: Spread;
  readonly mAP50_95: Spread;
  /** The best epoch, from 1. */
  readonly bestEpoch: Spread;
  readonly seconds: Spread;
  readonly imagesPerSecond: Spread;
  /** Bytes. */
  readonly peakMemory: Spread;
  /** 0 to 1. */
  readonly cpu: Spread;
  readonly gpu?: Spread;
  readonly peakGpuMemory?: Spread;
}
