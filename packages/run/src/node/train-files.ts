/** Training from files to files: what `froyolo train` does. */
import { dirname, resolve } from 'node:path';
import type { OpenedDevice } from '@froyolo/core/devices';
import { type Batch, describeImages, type Hyperparameters, type Labels } from '@froyolo/data';
import { type FreezePolicy, type FreezeStage, stageIndex } from '@froyolo/freeze';
import { readCheckpointFile } from '@froyolo/weights/node';
import {
  type BatchEvent,
  type ClassStart,
  canCacheFeatures,
  type Detector,
  type EpochEvent,
  type FineTuneStart,
  type Pace,
  roundedImgsz,
  type StageEvent,
  type StartEvent,
  type TrainingStages,
  type TrainingState,
  type TrainResult,
  train,
  trainingStateOf,
} from '@froyolo/yolo';
import { recipeName, withRecipe } from '../recipe/apply.js';
import { autoRecipe, type Recipe } from '../recipe/recipe.js';
import {
  resolveSettings,
  resumeSettings,
  SETTINGS,
  type TrainOptions,
  type TrainSettings,
} from '../settings/index.js';
import { withBatchPicked } from './auto-batch.js';
import { withFreezePicked } from './auto-freeze.js';
import { describeDevice, openNodeDevice } from './executor.js';
import { checkFeatures, type FeatureEvents, featureSources } from './features.js';
import { runFolder } from './files.js';
import { showingFirst } from './first-batches.js';
import { RunFolder } from './run-folder.js';
import {
  type Datasets,
  hyperparametersOf,
  type Loaders,
  openDatasets,
  openLoaders,
  stagesOf,
  startDetector,
} from './setup.js';
import { planTimedRun, resumedPace } from './timed-run.js';

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
  /** What was made from the dataset, with the recipe `auto`. */
  readonly recipe?: Recipe;
  /** Batches that are planned; with `time` as many as there may be at most. */
  readonly steps: number;
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
  /** What each split holds, in words: `8 images (1 with labels, 7 without a label file)`. */
  readonly described: { readonly train: string; readonly val: string };
  /** Of each training image. */
  readonly labels: readonly Labels[];
  /** Of learning rates that have no effect; of the dataset and the loaders, each naming a file. */
  readonly warnings: readonly string[];
}

export interface TrainFilesEvents extends FeatureEvents {
  /** Aborting it ends training after the batch that runs, with a checkpoint from which it can go on. */
  readonly signal?: AbortSignal;
  /** Seconds of the setting `time` that have passed. By default since the call. */
  elapsed?(): number;
  onSetup?(event: SetupEvent): void;
  onStart?(event: StartEvent): void;
  onStage?(event: StageEvent): void;
  onBatch?(event: BatchEvent): void;
  /** The first three batches of images, as the network sees them. */
  onTrainImages?(batch: Batch, index: number): void;
  onEpoch?(event: EpochEvent): void;
  /** An image turned out to be damaged after the dataset was read, and is left out. */
  onWarning?(warning: string): void;
  /** Of a download of weights: bytes done and in all. */
  onDownload?(done: number, total: number): void;
}

export interface TrainFilesResult extends TrainResult {
  readonly folder: string;
  readonly last: string;
  /** With `nosave` the same as `last`. */
  readonly best: string;
}

/**
 * Trains from files and writes a run's folder: `weights/last.safetensors` and `weights/best.safetensors` (each written
 * whole), `results.csv`, `args.yaml`, `hyp.yaml`.
 */
export async function trainOnFiles(
  options: TrainOptions,
  events: TrainFilesEvents = {},
): Promise<TrainFilesResult> {
  const elapsed = events.elapsed ?? stopwatch();
  const named = resolveSettings(SETTINGS, 'train', options);
  const before = { settings: named, hyp: await hyperparametersOf(named) };
  const opened = await openDatasets(named);
  const { withAnswers, ...start } = await startDetector(named, opened, before.hyp, events);
  const { detector } = start;
  const timed =
    named.time === undefined
      ? undefined
      : await planTimedRun(named.time, options, before, detector, opened, elapsed);
  const recipe = timed?.recipe ?? recipeFor(options, named, opened);
  const { settings: given, hyp } = timed?.cooked ?? (recipe ? withRecipe(options, before, recipe) : before);
  const { freezeReason, ...picked } = withFreezePicked(detector, given, hyp);
  // A selector that can't be meant, or a device that isn't there, fails before the run has a folder.
  const stages = stagesOf(detector, picked.settings, hyp);
  const freeze = stages.stages[0].policy;
  if (picked.settings.cache === 'features') checkFeatures(detector, { ...picked.settings, hyp, freeze });
  const device = timed?.device ?? (await openNodeDevice(picked.settings));
  const last = stages.stages.at(-1)!.policy;
  const needs = { detector, freeze: last, hyp, device, images: opened.train.images.length };
  const { settings, batchReason } = await withBatchPicked(picked.settings, needs);
  const folder = new RunFolder(runFolder(settings.project, settings.name, settings.existOk));
  await folder.start(settings, hyp);
  const answered = await withAnswers?.(device.executor);
  const run = {
    settings,
    freezeReason,
    batchReason,
    recipe,
    hyp,
    stages,
    device,
    folder,
    ...start,
    ...answered,
  };
  return runTraining({ ...run, datasets: timed?.datasets ?? opened, pace: timed?.pace }, events);
}

function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

function recipeFor(options: TrainOptions, { batchSize }: TrainSettings, { train: set }: Datasets) {
  if (recipeName(options) !== 'auto') return undefined;
  return autoRecipe({ images: set.images.length, batchSize: Math.max(batchSize, 1), epochs: options.epochs });
}

/**
 * Goes on with an interrupted run, with the settings in its folder.
 * @param checkpoint its `weights/last.safetensors`
 * @param given settings that may change, such as the device or the place of the data; others must be those of the run
 * @throws TrainingError when the run is finished, or its folder or checkpoint doesn't hold what is needed
 * @throws SettingsError for a setting that can't change
 */
export async function resumeOnFiles(
  checkpoint: string,
  given: Partial<TrainOptions> = {},
  events: TrainFilesEvents = {},
): Promise<TrainFilesResult> {
  const folder = new RunFolder(dirname(dirname(resolve(checkpoint))));
  const { settings: before, hyp } = await folder.readSettings();
  const { settings, ignored } = resumeSettings(SETTINGS, 'train', before, given);
  const saved = await readCheckpointFile(checkpoint);
  const { detector, state: resume } = trainingStateOf(saved, checkpoint);
  const datasets = await openDatasets(settings);
  const stages = stagesOf(detector, settings, hyp);
  const device = await openNodeDevice(settings);
  const warnings = ignored.map((name) => `${name} only matters when a run starts: it is ignored`);
  const pace = resumedPace(settings, hyp, resume.progress.seconds);
  const run = { settings, hyp, datasets, stages, device, folder, detector, resume, pace, warnings };
  return runTraining({ ...run, anchors: [] }, events);
}

/** All that a run is made of. */
interface Run {
  readonly settings: TrainSettings;
  readonly hyp: Hyperparameters;
  readonly datasets: Datasets;
  readonly stages: TrainingStages;
  readonly freezeReason?: string | undefined;
  readonly batchReason?: readonly string[] | undefined;
  readonly recipe?: Recipe | undefined;
  readonly pace?: Pace | undefined;
  readonly device: OpenedDevice;
  readonly folder: RunFolder;
  readonly detector: Detector;
  readonly anchors: readonly string[];
  readonly transferred?: FineTuneStart['transferred'];
  readonly classes?: FineTuneStart['classes'];
  readonly resume?: TrainingState;
  readonly warnings?: readonly string[];
}

async function runTraining(run: Run, events: TrainFilesEvents): Promise<TrainFilesResult> {
  const { settings, hyp, datasets, stages, device, folder, detector, anchors, transferred, classes, resume } =
    run;
  const { executor } = device;
  const { batchSize, imgsz, savePeriod, nosave, seed, cache } = settings;
  const size = roundedImgsz(detector, imgsz);
  const loaders = await openLoaders(datasets, hyp, Math.max(...detector.model.strides), size, {
    ...settings,
    onWarning: (warning) => events.onWarning?.(warning),
  });
  const left = stages.stages.slice(stageIndex(stages.stages, resume?.progress.epoch ?? 0));
  const uncached =
    cache === 'features'
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
    ...(run.recipe ? { recipe: run.recipe } : {}),
    steps: settings.epochs * loaders.train.length,
    images: { train: datasets.train.images.length, val: datasets.val.images.length },
    described: { train: describeImages(datasets.train), val: describeImages(datasets.val) },
    labels: datasets.train.images.map(({ labels }) => labels),
    warnings: [...(run.warnings ?? []), ...stages.warnings, ...warningsOf(datasets, loaders)],
  });
  const features =
    cache === 'features'
      ? featureSources(
          { executor, dataset: datasets.train, loader: loaders.train, hyp, seed, batchSize },
          settings,
          events,
        )
      : undefined;
  try {
    const { epochs, optimizer, cosLr, patience, noval, valPeriod } = settings;
    const result = await train({
      ...events,
      ...{ detector, executor, hyp, freeze: stages.stages[0].policy, imgsz: size },
      ...{ epochs, batchSize, optimizer, cosLr, patience, noval, valPeriod },
      ...(run.pace ? { pace: run.pace } : {}),
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
      onCheckpoint: (event) => (nosave && !event.failed ? undefined : folder.save(event, savePeriod)),
    });
    if (result.status !== 'stopped') await folder.finish(result.detector);
    else if (nosave) await folder.save({ ...result, best: false }, 0);
    return { ...result, folder: folder.path, last: folder.last, best: nosave ? folder.last : folder.best };
  } finally {
    await Promise.all([loaders.train.close(), loaders.val.close()]);
    await executor.dispose();
  }
}

function warningsOf({ train: trainSet, val }: Datasets, loaders: Loaders): string[] {
  return [...trainSet.warnings, ...val.warnings, ...loaders.train.warnings, ...loaders.val.warnings];
}
