/** Training from files to files: what `froyolo train` does. */
import { dirname, resolve } from 'node:path';
import type { OptimizerName } from '@froyolo/core';
import type { OpenedDevice } from '@froyolo/core/devices';
import type { Batch, Hyperparameters, Labels } from '@froyolo/data';
import { type FreezePolicy, type FreezeStage, type FrozenBatchNorm, stageIndex } from '@froyolo/freeze';
import { readCheckpointFile } from '@froyolo/weights/node';
import {
  type BatchEvent,
  type ClassFrom,
  type ClassStart,
  canCacheFeatures,
  type Detector,
  type EpochEvent,
  type FineTuneStart,
  type KeepHead,
  type StageEvent,
  type StartEvent,
  type TrainingStages,
  type TrainingState,
  type TrainResult,
  train,
  trainingStateOf,
} from '@froyolo/yolo';
import { withBatchPicked } from './auto-batch.js';
import { withFreezePicked } from './auto-freeze.js';
import { describeDevice, openNodeDevice } from './executor.js';
import { checkFeatures, type FeatureCacheSettings, type FeatureEvents, featureSources } from './features.js';
import { runFolder } from './files.js';
import { showingFirst } from './first-batches.js';
import { RunFolder } from './run-folder.js';
import {
  type Datasets,
  hyperparametersOf,
  type Loaders,
  openDatasets,
  openLoaders,
  roundedImgsz,
  stagesOf,
  startDetector,
} from './setup.js';

export interface TrainFilesOptions {
  /** A checkpoint (`.pt`, `.safetensors`), an official name such as `yolov5n.pt`, or '' to start from fresh values. */
  readonly weights: string;
  /** Architecture: a YAML file, or an official name such as `yolov5n`. By default that of the checkpoint. */
  readonly cfg?: string;
  /** Dataset YAML. */
  readonly data: string;
  /** A hyperparameter YAML, the name of a preset, or the values. Default `scratch-low`. */
  readonly hyp?: string | Hyperparameters;
  /** Default 100. */
  readonly epochs?: number;
  /** Default 16; -1 for the largest that fits into `memory`, or into 0.8 of what the device has free. */
  readonly batchSize?: number;
  /** Side of the images in pixels, rounded up to a multiple of the largest stride. Default 640. */
  readonly imgsz?: number;
  readonly rect?: boolean;
  /** Each batch has one of five sizes from half to one and a half times `imgsz`. Default false. */
  readonly multiScale?: boolean;
  readonly noval?: boolean;
  /** Write only the final checkpoint (and one when the run is stopped). Default false. */
  readonly noSave?: boolean;
  readonly noAutoanchor?: boolean;
  /** What is kept of a detection layer for other classes: `rows` (default) or `none`; see `fineTuneFrom`. */
  readonly keepHead?: KeepHead;
  /** Class of the weights that a class starts from, by its name. */
  readonly classFrom?: ClassFrom;
  /** Keep decoded images in memory or on disk, or what the frozen layers make of augmented ones. */
  readonly cache?: 'ram' | 'disk' | 'features';
  /** How features are kept, with `cache: 'features'`. */
  readonly featureCache?: FeatureCacheSettings;
  readonly singleCls?: boolean;
  readonly optimizer?: OptimizerName;
  readonly cosLr?: boolean;
  /** Replaces the hyperparameter of that name. */
  readonly labelSmoothing?: number;
  readonly patience?: number;
  /**
   * As after `--freeze`: `[10]`, `[0, 1, 2]`, `['backbone']`; `['auto']` for the shallowest that fits into `memory`.
   * Default `[0]`: nothing.
   */
  readonly freeze?: readonly (string | number)[];
  /** As after `--unfreeze`: `['10:20', '5:25']`. Replaces the hyperparameter of that name. */
  readonly unfreeze?: readonly string[];
  /** As after `--lr-scale`: `['backbone=0.1']`. Replaces the hyperparameter `lr_scale`. */
  readonly lrScale?: readonly string[];
  /** Bytes that the process may take, by the plan: for `freeze: ['auto']`. */
  readonly memory?: number;
  /** Default `eval`. */
  readonly freezeBn?: FrozenBatchNorm;
  /** Default 0. */
  readonly seed?: number;
  /** Threads that make batches. */
  readonly workers?: number;
  /** Draw only this many augmentations per image. */
  readonly variants?: number;
  /** Keep a checkpoint every so many epochs; 0, the default, keeps only the last and the best. */
  readonly savePeriod?: number;
  /** Default `runs/train`. */
  readonly project?: string;
  /** Default `exp`. */
  readonly name?: string;
  readonly existOk?: boolean;
  /** As after `--device`: `auto` (default), `cpu`, `cuda:1`, a name of the device table. */
  readonly device?: string;
  /** Threads of a device that has them; by default it decides. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

/** Batches that `onTrainImages` is shown. */
const SHOWN_BATCHES = 3;

/** What a run starts with. */
export interface SetupEvent {
  readonly folder: string;
  readonly detector: Detector;
  /** What is frozen as it starts. */
  readonly freeze: FreezePolicy;
  /** The stages of gradual unfreezing from the one that it starts in to the last; just one without unfreezing. */
  readonly stages: readonly FreezeStage[];
  /** Factors of the learning rate by parameter, where they aren't 1. */
  readonly lrScales: ReadonlyMap<string, number>;
  /** The first epoch, from 0, that trains on images since nothing is left whose features could be cached. */
  readonly imagesFrom?: number;
  /** Why that freeze, where it was picked automatically. */
  readonly freezeReason?: string;
  /** Which batch size was picked and why, where it was left to the memory. */
  readonly batchReason?: readonly string[];
  readonly hyp: Hyperparameters;
  /** What computes, in words. */
  readonly device: string;
  /** Tensors taken from the checkpoint, of all that the detector has; absent where it starts from fresh values. */
  readonly transferred?: FineTuneStart['transferred'];
  /** What each class starts from, where rows of the last layer are kept for other classes. */
  readonly classes?: readonly ClassStart[];
  /** Lines that say how the anchors fit the dataset, and which replaced them; empty where that wasn't checked. */
  readonly anchors: readonly string[];
  readonly images: { readonly train: number; readonly val: number };
  /** Of each training image. */
  readonly labels: readonly Labels[];
  /** Of learning rates that have no effect; of the dataset and the loaders, each naming a file. */
  readonly warnings: readonly string[];
}

export interface TrainFilesEvents extends FeatureEvents {
  onSetup?(event: SetupEvent): void;
  onStart?(event: StartEvent): void;
  onStage?(event: StageEvent): void;
  onBatch?(event: BatchEvent): void;
  /** The first three batches of images, as the network sees them. */
  onTrainImages?(batch: Batch, index: number): void;
  onEpoch?(event: EpochEvent): void;
  /** Of a download of weights: bytes done and in all. */
  onDownload?(done: number, total: number): void;
}

export interface TrainFilesResult extends TrainResult {
  readonly folder: string;
  readonly last: string;
  /** With `noSave` the same as `last`. */
  readonly best: string;
}

/**
 * Trains from files and writes a run's folder: `weights/last.safetensors` and `weights/best.safetensors` (each written
 * whole), `results.csv`, `args.yaml`, `hyp.yaml`.
 */
export async function trainOnFiles(
  given: TrainFilesOptions,
  events: TrainFilesEvents = {},
): Promise<TrainFilesResult> {
  const { project = 'runs/train', name = 'exp', existOk = false } = given;
  const hyp = await hyperparametersOf(given);
  const datasets = await openDatasets(given);
  const started = await startDetector(given, datasets, hyp, { ...given, ...events });
  const { freezeReason, ...picked } = withFreezePicked(started.detector, given, hyp);
  // A selector that can't be meant, or a device that isn't there, fails before the run has a folder.
  const stages = stagesOf(started.detector, picked.options, hyp);
  const freeze = stages.stages[0].policy;
  if (picked.options.cache === 'features')
    checkFeatures(started.detector, { ...picked.options, hyp, freeze });
  const device = await openNodeDevice(picked.options);
  const { detector } = started;
  const last = stages.stages.at(-1)!.policy;
  const needs = { detector, freeze: last, hyp, device, images: datasets.train.images.length };
  const { options, batchReason } = await withBatchPicked(picked.options, needs);
  const folder = new RunFolder(runFolder(project, name, existOk));
  await folder.start(options, hyp);
  const reasons = { freezeReason, batchReason };
  const { withAnswers, ...start } = started;
  const answered = await withAnswers?.(device.executor);
  const run = { options, ...reasons, hyp, datasets, stages, device, folder, ...start, ...answered };
  return runTraining(run, events);
}

export interface ResumeOptions {
  readonly signal?: AbortSignal;
  /** By default as the run was started; another one may go on with it. */
  readonly device?: string;
}

/**
 * Goes on with an interrupted run, with the settings in its folder.
 * @param checkpoint its `weights/last.safetensors`
 * @throws TrainingError when the run is finished, or its folder or checkpoint doesn't hold what is needed
 */
export async function resumeOnFiles(
  checkpoint: string,
  { signal, device: other }: ResumeOptions = {},
  events: TrainFilesEvents = {},
): Promise<TrainFilesResult> {
  const folder = new RunFolder(dirname(dirname(resolve(checkpoint))));
  const { options, hyp } = await folder.readSettings();
  const saved = await readCheckpointFile(checkpoint);
  const { detector, state: resume } = trainingStateOf(saved, checkpoint);
  const datasets = await openDatasets(options);
  const watched = { ...options, ...(signal ? { signal } : {}) };
  const stages = stagesOf(detector, options, hyp);
  const device = await openNodeDevice({ ...options, ...(other === undefined ? {} : { device: other }) });
  const run = { options: watched, hyp, datasets, stages, device, folder, detector, resume, anchors: [] };
  return runTraining(run, events);
}

/** All that a run is made of. */
interface Run {
  readonly options: TrainFilesOptions;
  readonly hyp: Hyperparameters;
  readonly datasets: Datasets;
  readonly stages: TrainingStages;
  readonly freezeReason?: string | undefined;
  readonly batchReason?: readonly string[] | undefined;
  readonly device: OpenedDevice;
  readonly folder: RunFolder;
  readonly detector: Detector;
  readonly anchors: readonly string[];
  readonly transferred?: FineTuneStart['transferred'];
  readonly classes?: FineTuneStart['classes'];
  readonly resume?: TrainingState;
}

async function runTraining(run: Run, events: TrainFilesEvents): Promise<TrainFilesResult> {
  const { options, hyp, datasets, stages, device, folder, detector, anchors, transferred, classes, resume } =
    run;
  const { executor } = device;
  const { epochs = 100, batchSize = 16, imgsz = 640, savePeriod = 0, noSave = false, seed = 0 } = options;
  const size = roundedImgsz(detector, imgsz);
  const loaders = await openLoaders(datasets, hyp, Math.max(...detector.model.strides), size, options);
  const left = stages.stages.slice(stageIndex(stages.stages, resume?.progress.epoch ?? 0));
  const uncached =
    options.cache === 'features'
      ? left.find(({ epoch, policy }) => epoch > 0 && !canCacheFeatures(policy))
      : undefined;
  events.onSetup?.({
    folder: folder.path,
    detector,
    freeze: left[0]!.policy,
    stages: left,
    lrScales: stages.lrScales,
    ...(uncached ? { imagesFrom: uncached.epoch } : {}),
    hyp,
    device: describeDevice(device),
    anchors,
    ...(transferred ? { transferred } : {}),
    ...(classes ? { classes } : {}),
    ...(run.freezeReason ? { freezeReason: run.freezeReason } : {}),
    ...(run.batchReason ? { batchReason: run.batchReason } : {}),
    images: { train: datasets.train.images.length, val: datasets.val.images.length },
    labels: datasets.train.images.map(({ labels }) => labels),
    warnings: [...stages.warnings, ...warningsOf(datasets, loaders)],
  });
  const features =
    options.cache === 'features'
      ? featureSources(
          { executor, dataset: datasets.train, loader: loaders.train, hyp, seed, batchSize },
          options.featureCache,
          events,
        )
      : undefined;
  try {
    const result = await train({
      ...options,
      ...events,
      ...{ detector, executor, epochs, batchSize, imgsz: size, hyp, freeze: stages.stages[0].policy },
      ...loaders,
      ...(events.onTrainImages
        ? { train: showingFirst(loaders.train, SHOWN_BATCHES, events.onTrainImages) }
        : {}),
      ...(features ? { features } : {}),
      ...(resume ? { resume } : {}),
      onEpoch: async (event) => {
        await folder.addResults(event);
        events.onEpoch?.(event);
      },
      onCheckpoint: (event) => (noSave && !event.failed ? undefined : folder.save(event, savePeriod)),
    });
    if (result.status !== 'stopped') await folder.finish(result.detector);
    else if (noSave) await folder.save({ ...result, best: false }, 0);
    return { ...result, folder: folder.path, last: folder.last, best: noSave ? folder.last : folder.best };
  } finally {
    await Promise.all([loaders.train.close(), loaders.val.close()]);
    await executor.dispose();
  }
}

function warningsOf({ train: trainSet, val }: Datasets, loaders: Loaders): string[] {
  return [...trainSet.warnings, ...val.warnings, ...loaders.train.warnings, ...loaders.val.warnings];
}
