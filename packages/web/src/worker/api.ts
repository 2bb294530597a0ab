/** What the page asks of the worker that does all the computing, and what it is told. Everything here can be posted. */
import type { BatchEvent, Detection, ValidationResult } from '@froyolo/yolo';
import type { Augmentation, Box, Kept, OpenedWeights, Run, TrainingChoice } from '../library/types.js';

/** Detections below this confidence are not reported. */
export const LOWEST_CONFIDENCE = 0.05;

/** `opened`: the opened checkpoint of the project; `best`, `last`: of its last training. */
export type Which = 'opened' | Kept;

/** What runs the network. */
export interface DeviceInfo {
  /** Name in the device table, such as `ort-wasm`. */
  readonly name: string;
  /** Version of the package behind it. */
  readonly version: string;
  /** Name of the GPU. */
  readonly adapter?: string;
  readonly threads?: number;
  /** Whether the GPU is emulated on the CPU. */
  readonly software: boolean;
  /** Whether it can train in half precision. */
  readonly halfPrecision: boolean;
  /** Whether the page may share memory between threads (headers COOP and COEP). */
  readonly isolated: boolean;
  /** Faster devices that were skipped, each with the reason. */
  readonly passed: readonly { readonly name: string; readonly reason: string }[];
}

/** A layer of the network as it is drawn. */
export interface LayerShape {
  readonly index: number;
  /** Such as `C3`. */
  readonly type: string;
  readonly section: 'backbone' | 'neck' | 'head';
  /** Layers that it reads; -1 is the picture. */
  readonly from: readonly number[];
  readonly parameters: number;
  /** Channels of its output for one picture; the head has several outputs, and none here. */
  readonly channels?: number;
  readonly height?: number;
  readonly width?: number;
}

export interface NetworkShape {
  readonly layers: readonly LayerShape[];
  /** How many layers lie before the head: the deepest freeze. */
  readonly deepest: number;
}

/** What training costs with a freeze. */
export interface PlanInfo {
  /** Parameters, counted as numbers. */
  readonly trainable: number;
  readonly frozen: number;
  /** Layers with every parameter frozen. */
  readonly layers: readonly number[];
  /** Bytes that a step adds at its peak. */
  readonly peakBytes: number;
  /** Time of a step as a share of that with nothing frozen. */
  readonly time: number;
  /** The same with cached features; absent where nothing can be cached. */
  readonly cached?: { readonly peakBytes: number; readonly time: number };
}

/** What a validation found. */
export interface Validation extends Omit<ValidationResult, 'details'> {
  readonly confusion: ValidationResult['details']['confusion'];
  /** Of the classes that occur. */
  readonly curves: readonly PrecisionCurve[];
  /** How the dataset's classes are the checkpoint's, where their lists differ. */
  readonly classNote?: string;
  /** Pictures that turned out to be damaged. */
  readonly warnings: readonly string[];
}

/** Precision over recall, at recalls from 0 to 1 in equal steps. */
export interface PrecisionCurve {
  readonly classId: number;
  readonly name: string;
  readonly mAP50: number;
  readonly precision: readonly number[];
}

export type TrainEvent =
  | { readonly type: 'status'; readonly text: string }
  | { readonly type: 'device'; readonly device: DeviceInfo }
  | { readonly type: 'batch'; readonly batch: Omit<BatchEvent, 'lr'>; readonly epochs: number }
  /** The run as it is kept: it began, or an epoch is done. */
  | { readonly type: 'run'; readonly run: Run }
  /** After each epoch that is validated: what the averaged weights find in the validation pictures that are shown. */
  | { readonly type: 'pictures'; readonly detections: readonly PictureDetections[] };

export interface PictureDetections {
  /** Number of the picture. */
  readonly id: number;
  readonly detections: readonly Detection[];
}

/** A picture as training would see it. */
export interface AugmentedPicture {
  readonly file: Blob;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
}

export interface Augmented {
  readonly pictures: readonly AugmentedPicture[];
  /** Of the recipe, with what was chosen. */
  readonly augmentation: Augmentation;
}

export interface DetectOptions {
  readonly which: Which;
  readonly imgsz: number;
  readonly device: string;
  /** Boxes of a class that overlap more are one. */
  readonly iouThres: number;
}

export interface Found {
  readonly detections: readonly Detection[];
  readonly width: number;
  readonly height: number;
  /** Milliseconds of the network and all around it. */
  readonly milliseconds: number;
}

export interface TakenFile {
  readonly name: string;
  /** Passed on without a copy: copying megabytes would block the page. */
  readonly file: Blob;
}

export const TAKEN_FORMATS = ['pt', 'onnx', 'tfjs', 'safetensors', 'checkpoint', 'last', 'page'] as const;
export type TakenFormat = (typeof TAKEN_FORMATS)[number];

export type OnProgress = (done: number, total: number) => void;
/** The next picture waits for it: whoever is told last has been told of all. */
export type OnPicture = (found: PictureDetections, done: number, total: number) => void | Promise<void>;

export interface Trainer {
  /** Names of the devices to choose from. */
  devices(): Promise<readonly string[]>;
  /** Opens a device, if it isn't yet, and says which it is. */
  device(request: string): Promise<DeviceInfo>;
  /** Reads a checkpoint, without keeping it. @throws CheckpointError, DetectorError */
  inspect(file: Blob, name: string): Promise<Omit<OpenedWeights, 'opened'>>;
  /** From now on the others mean this project. */
  openProject(project: string): Promise<void>;
  network(imgsz: number): Promise<NetworkShape>;
  /** What a freeze costs. @throws FreezeError for a selector without a meaning */
  plan(choice: TrainingChoice, freeze: string): Promise<PlanInfo>;
  train(choice: TrainingChoice, onEvent: (event: TrainEvent) => void): Promise<Run>;
  /** Trains once with each freeze, one after the other; the most accurate training is the last one afterwards. */
  compare(
    choice: TrainingChoice,
    freezes: readonly string[],
    onEvent: (event: TrainEvent) => void,
  ): Promise<readonly Run[]>;
  /** Goes on where the last training stopped, on another day too; with `more`, beyond its planned end. */
  goOn(choice: TrainingChoice, more: boolean, onEvent: (event: TrainEvent) => void): Promise<Run>;
  /** Some pictures as that training would see them; another draw gives other ones. */
  augmented(choice: TrainingChoice, draw: number): Promise<Augmented>;
  /** Ends what runs after the batch that runs. */
  stop(): Promise<void>;
  /** Mean average precision on the validation pictures. */
  validate(which: Which, choice: TrainingChoice, onProgress: OnProgress): Promise<Validation>;
  /** Names of the classes that those weights know. */
  classesOf(which: Which): Promise<readonly string[]>;
  /** Every detection with at least `LOWEST_CONFIDENCE`. The bitmap is closed. */
  detect(image: ImageBitmap, options: DetectOptions): Promise<Found>;
  /** The same for pictures of the project, told one by one. @returns false where it was stopped */
  detectPictures(ids: readonly number[], options: DetectOptions, onPicture: OnPicture): Promise<boolean>;
  /** A file of those weights for other programs. */
  take(which: Which, format: TakenFormat, imgsz: number): Promise<TakenFile>;
}
