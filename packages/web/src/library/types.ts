/** What is kept of a project in the browser. Everything here can be stored and posted. */
import type { ClassResult } from '@froyolo/boxes';
import type { PageSettings } from '@froyolo/run/settings';
import type { RunNote } from './run-note.js';

export interface ProjectClass {
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly modified: number;
  readonly classes: readonly ProjectClass[];
  /** Key of the opened checkpoint that trainings start from. */
  readonly weights?: string;
  readonly training: TrainingChoice;
}

/** Corners x1, y1, x2, y2 in pixels of the picture as it is shown. */
export type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

export interface Box {
  readonly classId: number;
  readonly box: Corners;
}

export type Split = 'train' | 'val';

/** A picture with its labels; its file and its thumbnail are kept beside. */
export interface Picture {
  readonly project: string;
  /** Counts up; pictures are listed and trained on in this order. */
  readonly id: number;
  /** Relative path, unlike that of any other picture of the project. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split;
  /** Whether its labels are complete: trainings use these pictures. */
  readonly done: boolean;
  readonly boxes: readonly Box[];
}

/** How long a training is: as the recipe says, or a wall time in seconds, or passes over the pictures. */
export type TrainingLength =
  | { readonly by: 'recipe' }
  | { readonly by: 'time'; readonly seconds: number }
  | { readonly by: 'epochs'; readonly epochs: number };

export type MoreSettings = Partial<
  Pick<
    PageSettings,
    'unfreeze' | 'lrScale' | 'freezeBn' | 'optimizer' | 'cosLr' | 'patience' | 'multiScale' | 'amp' | 'hyp'
  >
>;

/** What training does to pictures, by the names of its hyperparameters. */
export interface Augmentation {
  readonly hsv_h: number;
  readonly hsv_s: number;
  readonly hsv_v: number;
  readonly degrees: number;
  readonly translate: number;
  readonly scale: number;
  readonly flipud: number;
  readonly fliplr: number;
  readonly mosaic: number;
  readonly mixup: number;
}

/** The form of the training's settings. */
export interface TrainingChoice {
  readonly length: TrainingLength;
  /** As after `--freeze`; absent where the recipe decides. */
  readonly freeze?: string | undefined;
  /** Keep what frozen layers make of the pictures; the recipe decides by itself. */
  readonly cacheFeatures?: boolean;
  readonly imgsz: number;
  readonly batchSize: number;
  readonly seed: number;
  /** As after `--device`. */
  readonly device: string;
  /** `opened`: the opened checkpoint; `best`: the project's own best weights. */
  readonly from: 'opened' | 'best';
  /** Further settings, by their names in the table of settings; those that are left out have their defaults. */
  readonly more: MoreSettings;
  /** In place of the recipe's own; absent where nothing was changed. */
  readonly augmentation?: Partial<Augmentation> | undefined;
}

/** A checkpoint that was opened; projects may share it. */
export interface OpenedWeights {
  readonly id: string;
  readonly name: string;
  readonly opened: number;
  readonly file: Blob;
  readonly classes: readonly string[];
  readonly layers: number;
  readonly parameters: number;
}

/** What an epoch of a run came to. */
export interface RunPoint {
  /** Epochs done, from 1. */
  readonly epoch: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly freeze: string;
  /** Speed of training alone, waiting for data included. */
  readonly imagesPerSecond?: number;
  readonly mAP50?: number;
  readonly mAP50_95?: number;
  /** Of its training, and of its validation. */
  readonly seconds?: { readonly training: number; readonly validation: number };
}

type RunStatus = 'running' | 'finished' | 'patience' | 'stopped' | 'failed';

/** A training, and what came of it. */
export interface Run {
  readonly project: string;
  readonly id: number;
  readonly started: number;
  readonly status: RunStatus;
  /** Pictures that it trains on, pictures that it is validated on, and boxes in all. */
  readonly pictures: { readonly train: number; readonly val: number; readonly boxes: number };
  /** What was decided. */
  readonly notes: readonly RunNote[];
  readonly freeze: string;
  readonly imgsz: number;
  readonly points: readonly RunPoint[];
  /** Figures of the detector that it started from. */
  readonly before?: { readonly mAP50: number; readonly mAP50_95: number };
  /** From 1; 0 before any was. */
  readonly bestEpoch: number;
  readonly classes?: readonly ClassResult[];
  /** Where several freezes are compared: which comparison, and what this one costs by its plan. */
  readonly compared?: {
    readonly study: number;
    readonly trainable: number;
    readonly parameters: number;
    readonly peakBytes: number;
  };
}

/** Weights of a project's last training. */
export type Kept = 'best' | 'last';

export const FIRST_CHOICE: TrainingChoice = {
  length: { by: 'time', seconds: 120 },
  imgsz: 320,
  batchSize: 16,
  seed: 0,
  device: 'auto',
  from: 'opened',
  more: {},
};
