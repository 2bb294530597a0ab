/** The events of a run. */
import type { Batch, Hyperparameters, Labels } from '@froyolo/data';
import type { FreezePolicy, FreezeStage } from '@froyolo/freeze';
import type {
  BatchEvent,
  ClassStart,
  Detector,
  EpochEvent,
  FineTuneStart,
  StageEvent,
  StartEvent,
  TrainResult,
  ValidationResult,
} from '@froyolo/yolo';
import type { FillEvent } from './features/source.js';
import type { Recipe } from './recipe/recipe-type.js';

/** What a run starts with. */
export interface SetupEvent {
  /** Where the results go; empty if that is no folder. */
  readonly folder: string;
  readonly detector: Detector;
  /** What is frozen as it starts. */
  readonly freeze: FreezePolicy;
  /** The stages of gradual unfreezing from the one that it starts in to the last; just one without unfreezing. */
  readonly stages: readonly FreezeStage[];
  /** Factors of the learning rate by parameter, if they aren't 1. */
  readonly lrScales: ReadonlyMap<string, number>;
  /** The first epoch, from 0, that trains on images since nothing is left whose features could be cached. */
  readonly imagesFrom?: number;
  /** Why that freeze, where it was picked automatically. */
  readonly freezeReason?: string;
  /** Which batch size was picked and why, where it was left to the memory. */
  readonly batchReason?: readonly string[];
  readonly batchSize: number;
  /** What was made from the dataset, with the recipe `auto`. */
  readonly recipe?: Recipe;
  /** Batches that are planned; with `time` as many as there may be at most. */
  readonly steps: number;
  readonly hyp: Hyperparameters;
  /** What computes, in words. */
  readonly device: string;
  /** Why its first step takes much longer than the others, in words; absent if it doesn't. */
  readonly slowStart?: string;
  /** Tensors taken from the checkpoint, of all that the detector has; absent if it starts from fresh values. */
  readonly transferred?: FineTuneStart['transferred'];
  /** What each class starts from, where rows of the last layer are kept for other classes. */
  readonly classes?: readonly ClassStart[];
  /** Lines that say how the anchors fit the dataset, and which replaced them; empty if that wasn't checked. */
  readonly anchors: readonly string[];
  readonly images: { readonly train: number; readonly val: number };
  /** What each split holds, in words: `8 images (1 with labels, 7 without a label file)`. */
  readonly described: { readonly train: string; readonly val: string };
  /** Labels of each training image. */
  readonly labels: readonly Labels[];
  /** Warnings: learning rates without effect; findings in the dataset, each naming a file. */
  readonly warnings: readonly string[];
}

export interface FeaturesEvent {
  /** Absent in memory. */
  readonly folder?: string;
  /** Entries there, wanted in all, and that fit within the limit. */
  readonly there: number;
  readonly wanted: number;
  readonly capacity: number;
  /** Bytes of one. */
  readonly entryBytes: number;
}

export interface FeatureEvents {
  /** When the cache is open: entries of an earlier run, and how many fit. */
  onFeatures?(event: FeaturesEvent): void;
  /** While an epoch's images go through the frozen layers. */
  onFill?(event: FillEvent): void;
}

export interface RunEvents extends FeatureEvents {
  /** Aborting it ends training after the batch that runs, with a checkpoint from which it can go on. */
  readonly signal?: AbortSignal | undefined;
  /** Seconds of the setting `time` that have passed. By default since the call. */
  elapsed?(): number;
  /** Training begins once it is done. */
  onSetup?(event: SetupEvent): void | Promise<void>;
  /**
   * Figures of the detector that training starts from, where it knows something of every class: its weights are the best
   * ones until an epoch is as good. Training begins once it is done.
   */
  onOpened?(figures: ValidationResult): void | Promise<void>;
  onStart?(event: StartEvent): void;
  onStage?(event: StageEvent): void;
  onBatch?(event: BatchEvent): void;
  /** The first three batches of images, as the network sees them. */
  onTrainImages?(batch: Batch, index: number): void;
  /** Training goes on once it is done. */
  onEpoch?(event: EpochEvent): void | Promise<void>;
  /** The averaged weights after each epoch, when they are saved. Training goes on once it is done. */
  onDetector?(detector: Detector): void | Promise<void>;
  /** Reports a download of weights: bytes done and bytes in total. */
  onDownload?(done: number, total: number): void;
  /** An image turned out to be damaged and is left out, a cached entry and is made again. */
  onWarning?(text: string): void;
  /** Something takes a while, in words: devices that are measured, to find the fastest. */
  onNote?: ((text: string) => void) | undefined;
}

export interface RunResult extends TrainResult {
  readonly folder: string;
}
