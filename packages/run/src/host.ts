/**
 * What a run needs of the place that it runs in, and nothing more: Node with its files, or a page. Whoever writes another
 * host implements `Host` and `RunStore`; preparing, training, saving and resuming are the same everywhere.
 */
import type { OpenedDevice } from '@froyolo/core/devices';
import type { Dataset, DatasetImage, Hyperparameters } from '@froyolo/data';
import type { Checkpoint } from '@froyolo/weights';
import type { BatchSource, CheckpointEvent, Detector, EpochEvent } from '@froyolo/yolo';
import type { DataRecord } from './data-record.js';
import type { FeaturesEvent } from './events.js';
import type { SampleRequest, SampleSource } from './features/source.js';
import type { FeatureStore } from './features/store.js';
import type { TrainSettings } from './settings/index.js';

export interface LoadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Reports a download: bytes done and bytes in total. */
  onDownload?(done: number, total: number): void;
  onWarning?(text: string): void;
}

/** Text of a YAML, and its name in messages. */
export interface NamedText {
  readonly text: string;
  readonly fileName: string;
}

export interface DeviceMemory {
  /** Bytes. */
  readonly free: number;
  readonly total: number;
}

/** How a run's batches are made. */
export interface LoaderSettings
  extends Pick<TrainSettings, 'rect' | 'multiScale' | 'quad' | 'seed' | 'workers'> {
  readonly hyp: Hyperparameters;
  /** How often images are drawn in an epoch; absent if each comes once. */
  readonly weightsOf?: ((epoch: number) => readonly number[] | undefined) | undefined;
  /** Side of the images in pixels, a multiple of `stride`. */
  readonly imgsz: number;
  readonly stride: number;
  readonly batchSize: number;
  /** Images of a batch of validation. */
  readonly valBatchSize: number;
  /** Where decoded images are kept. */
  readonly cache?: 'ram' | 'disk' | undefined;
  /** Is told, once for each, which images turned out to be damaged after the dataset was read. */
  onWarning(warning: string): void;
}

export interface RunLoader extends BatchSource {
  readonly warnings: readonly string[];
  close(): void | Promise<void>;
}

/** Batches for training, and batches assembled by a feature cache. */
export interface RunTrainLoader extends RunLoader, Pick<SampleSource, 'plan'> {
  load(batches: readonly (readonly SampleRequest[])[]): ReturnType<SampleSource['load']>;
}

/** A dataset that is open. */
export interface RunData {
  readonly train: Dataset;
  readonly val: Dataset;
  /** Some images of a split as they are for validation, each once. */
  openImages(
    split: 'train' | 'val',
    images: readonly DatasetImage[],
    settings: Pick<LoaderSettings, 'imgsz' | 'stride' | 'batchSize'>,
  ): Promise<RunLoader>;
  /** The same with fewer images to validate on. */
  withValImages(images: readonly DatasetImage[]): RunData;
  openLoaders(settings: LoaderSettings): Promise<{ readonly train: RunTrainLoader; readonly val: RunLoader }>;
}

export interface Host {
  /** Hyperparameters by the name of a preset or of a file. */
  readHyp(hyp: string): Promise<Hyperparameters>;
  /** An architecture by its name. */
  readArchitecture(cfg: string): Promise<NamedText>;
  readCheckpoint(weights: string, options: LoadOptions): Promise<Checkpoint>;
  openData(settings: Pick<TrainSettings, 'data' | 'singleCls'>): Promise<RunData>;
  /** @throws DeviceError if none that answers to the request works */
  openDevice(settings: Pick<TrainSettings, 'device' | 'threads'>): Promise<OpenedDevice>;
  /** Frees a device after a run, or when it can't start; a host that goes on using it does nothing. */
  closeDevice(device: OpenedDevice): Promise<void>;
  /** How much memory a device has; undefined if unknown. */
  deviceMemory(opened: Pick<OpenedDevice, 'device' | 'index'>): Promise<DeviceMemory | undefined>;
  /** Resident bytes of the process; 0 where nobody tells. */
  processBytes(): number;
  /** A store for the features of a dataset, and the key that identifies its images. */
  openFeatures(request: FeatureRequest): Promise<FeatureStore>;
  /** Identifies each image and its labels, so that a changed file is noticed. */
  identifyImages(dataset: Dataset): Promise<string[]>;
}

export interface FeatureRequest {
  /** Tells one frozen prefix on one dataset from all others. */
  readonly key: string;
  readonly dataset: Dataset;
  /** Values of an entry. */
  readonly elements: number;
  readonly settings: Pick<TrainSettings, 'cacheVariants' | 'cacheIn' | 'cacheLimit' | 'cacheDir'>;
  onFeatures(event: FeaturesEvent): void;
  /** An entry turned out damaged and is made again. */
  onDamaged(text: string): void;
}

/** Where the outcome of a run goes. */
export interface RunStore {
  /** The folder's path, for messages; empty without a folder. */
  readonly folder: string;
  /** Begins a run: records its settings, and removes the results of a former run. */
  start(settings: TrainSettings, hyp: Hyperparameters, data?: DataRecord): Promise<void>;
  /** Adds an epoch to the results; those of this epoch and later ones, left by an interrupted run, are replaced. */
  addResults(event: EpochEvent): Promise<void>;
  /** Keeps the detector that training starts from as the best one so far. */
  keepOpened(detector: Detector): Promise<void>;
  /** Keeps the last checkpoint, from which the run can go on, and the best one, as one step. */
  save(event: CheckpointEvent, keep: KeepOptions): Promise<void>;
  /** Removes from the last checkpoint what only training needs. */
  finish(detector: Detector): Promise<void>;
}

export interface KeepOptions {
  /** Epochs between checkpoints that are kept; 0 or less keeps none. */
  readonly savePeriod: number;
}
