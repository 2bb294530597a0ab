/** What the page asks of the worker that does all the work, and what it is told. Everything here can be posted. */
import type { SourceFile } from '@froyolo/data/browser';
import type { PageSettings } from '@froyolo/run/settings';
import type { BatchEvent, Detection, EpochEvent, ValidationResult } from '@froyolo/yolo';

export interface ModelInfo {
  readonly name: string;
  readonly classes: readonly string[];
  readonly layers: number;
  readonly parameters: number;
  /** Epochs that are done of those that were asked for, where the file holds a run that can go on. */
  readonly resumable?: { readonly done: number; readonly epochs: number };
}

export interface SplitInfo {
  readonly images: number;
  readonly objects: number;
}

export interface DataInfo {
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: SplitInfo;
  readonly val: SplitInfo;
  /** How the files were understood. */
  readonly notes: readonly string[];
  /** One line per file that can't be used or was repaired. */
  readonly warnings: readonly string[];
}

/** A validation image with its boxes: those of its labels and those that were found. */
export interface Picture {
  readonly path: string;
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
  readonly labels: readonly Detection[];
}

/** What is detected with less than this isn't even told. */
export const LOWEST_CONFIDENCE = 0.05;

/** Detections of each picture, in their order. */
export type PictureDetections = readonly (readonly Detection[])[];

export interface FreezeInfo {
  /** Trainable and frozen parameters, counted as numbers. */
  readonly trainable: number;
  readonly frozen: number;
  /** Layers with every parameter frozen. */
  readonly layers: readonly number[];
}

export interface TrainSettings {
  /** As after `--freeze`: `10`, `backbone`, `0-9,17`, … */
  readonly freeze: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly imgsz: number;
  /** As after `--device`: `auto` or a name of the device table. */
  readonly device: string;
  /** A preset's name; `demo` is that of the shapes demo. */
  readonly recipe: string;
  readonly seed: number;
  /** Further settings, by their names in the table of settings; those that are left out have their defaults. */
  readonly more?: MoreSettings;
}

export type MoreSettings = Partial<
  Pick<PageSettings, 'unfreeze' | 'lrScale' | 'freezeBn' | 'optimizer' | 'cosLr' | 'patience' | 'multiScale'>
>;

/** What training costs with so many layers frozen. */
export interface PlanRow {
  readonly freeze: number;
  readonly trainableParameters: number;
  /** Bytes of a step at its peak. */
  readonly peakBytes: number;
  /** Time of a step as a share of that with nothing frozen. */
  readonly time: number;
}

/** What runs the network. */
export interface DeviceInfo {
  /** Name in the device table, such as `ort-wasm`. */
  readonly name: string;
  /** Version of the package behind it. */
  readonly version: string;
  /** For people. */
  readonly description: string;
  /** Whether the page may share memory between threads (headers COOP and COEP). */
  readonly isolated: boolean;
  /** What it falls back from: devices that were passed by, threads that are missing, each with the reason. */
  readonly notes: readonly string[];
}

export interface DeviceChoice {
  readonly name: string;
  readonly title: string;
}

/** What a validation found. */
export interface Validation extends Omit<ValidationResult, 'details'> {
  /** How the dataset's classes are the checkpoint's, where their lists differ. */
  readonly classNote?: string;
}

export type TrainEvent =
  | { readonly type: 'status'; readonly text: string }
  /** To be kept: a stage begins, something is made again. */
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'device'; readonly device: DeviceInfo }
  | {
      readonly type: 'start';
      readonly trained: number;
      /** What was prepared, in words. */
      readonly notes: readonly string[];
    }
  | ({ readonly type: 'batch' } & Omit<BatchEvent, 'lr'>)
  | ({ readonly type: 'epoch'; readonly validation?: Validation } & Omit<EpochEvent, 'validation' | 'lr'>)
  | { readonly type: 'pictures'; readonly detections: PictureDetections };

export interface TrainSummary {
  readonly status: 'finished' | 'patience' | 'stopped';
  readonly bestEpoch: number;
  readonly bestFitness: number;
  /** Epochs that are done. */
  readonly epochs: number;
}

/** `opened`: the checkpoint as it was opened; `best`, `last`: of the training. */
export type Which = 'opened' | 'best' | 'last';

export interface Found {
  readonly detections: readonly Detection[];
  readonly width: number;
  readonly height: number;
  readonly milliseconds: number;
}

export type OnProgress = (done: number, total: number) => void;

export interface Worker {
  devices(): Promise<readonly DeviceChoice[]>;
  /** Opens a device, if it isn't yet, and says which it is. */
  device(request: string): Promise<DeviceInfo>;
  openModel(file: Blob, name: string): Promise<ModelInfo>;
  openFiles(files: readonly SourceFile[], name: string, onProgress: OnProgress): Promise<DataInfo>;
  openZip(file: Blob, name: string, onProgress: OnProgress): Promise<DataInfo>;
  /** The demo: the embedded checkpoint and rendered images of shapes that it doesn't know. */
  openShapes(onProgress: OnProgress): Promise<{ readonly model: ModelInfo; readonly data: DataInfo }>;
  /** What a selector freezes. */
  freeze(selector: string): Promise<FreezeInfo>;
  /** What each depth of freezing costs. */
  plan(settings: TrainSettings): Promise<readonly PlanRow[]>;
  /** Some validation images, to look at. */
  pictures(): Promise<readonly Picture[]>;
  /** Trains; with `goOn`, from where the last training stopped, or the run in the checkpoint that was opened. */
  train(settings: TrainSettings, goOn: boolean, onEvent: (event: TrainEvent) => void): Promise<TrainSummary>;
  /** Ends training or validation after the batch that runs. */
  stop(): Promise<void>;
  /** Mean average precision on the validation images. */
  validate(which: Which, settings: TrainSettings, onProgress: OnProgress): Promise<Validation>;
  /** Every detection with at least `LOWEST_CONFIDENCE`. */
  detect(image: Blob, name: string, which: Which, settings: TrainSettings): Promise<Found>;
  /** The same for the pictures. */
  detectPictures(which: Which, settings: TrainSettings): Promise<PictureDetections>;
  /** A checkpoint file (safetensors): `best` in float16 for use, `last` in float32 with all that training needs. */
  save(which: 'best' | 'last'): Promise<Uint8Array>;
}
