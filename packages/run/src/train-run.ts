/** Trains a prepared run and hands the results to its store. */
import { describeImages } from '@froyolo/data';
import { type FreezeStage, freshFrozenWarning, stageIndex } from '@froyolo/freeze';
import {
  canCacheFeatures,
  roundedImgsz,
  type TrainingProgress,
  type TrainResult,
  train,
} from '@froyolo/yolo';
import { describeDevice } from './describe-device.js';
import type { RunEvents, RunResult, SetupEvent } from './events.js';
import { featureSources } from './feature-cache.js';
import { showingFirst } from './first-batches.js';
import type { Host, RunData, RunLoader, RunStore } from './host.js';
import { imageWeights } from './image-weights.js';
import { openedFitness } from './opened-fitness.js';
import type { PreparedRun } from './prepare.js';
import type { TrainSettings } from './settings/index.js';

/** Batches that `onTrainImages` is shown. */
const SHOWN_BATCHES = 3;

/**
 * Trains up to the end or an abort, with a checkpoint after every epoch. A run that was killed after its last epoch, before
 * it could say so, is only finished.
 */
export async function trainRun(
  host: Host,
  run: PreparedRun,
  store: RunStore,
  events: RunEvents,
): Promise<RunResult> {
  const result = overResult(run) ?? (await trainLeft(host, run, store, events));
  if (result.status !== 'stopped') await store.finish(result.detector);
  else if (run.settings.nosave) await store.save({ ...result, best: false }, { savePeriod: 0 });
  return { ...result, folder: store.folder };
}

/** The result of a run whose last epoch is done, as its checkpoint says; undefined if something is left to train. */
function overResult({ detector, resume, settings }: PreparedRun): TrainResult | undefined {
  if (!resume) return undefined;
  const { progress } = resume;
  const status = overBy(progress, settings);
  if (!status) return undefined;
  const { bestEpoch, bestFitness } = progress;
  return { status, detector, state: resume, bestEpoch, bestFitness };
}

function overBy(
  { epoch, batch, bestEpoch }: TrainingProgress,
  { epochs, patience }: Pick<TrainSettings, 'epochs' | 'patience'>,
): 'finished' | 'patience' | undefined {
  if (epoch >= epochs) return 'finished';
  const waited = epoch - 1 - bestEpoch;
  return patience > 0 && batch === 0 && epoch > 0 && waited >= patience ? 'patience' : undefined;
}

async function trainLeft(
  host: Host,
  run: PreparedRun,
  store: RunStore,
  events: RunEvents,
): Promise<TrainResult> {
  const { settings, hyp, data, device, resume } = run;
  const { nosave, savePeriod } = settings;
  let maps = resume?.progress.classMaps;
  const loaders = await openLoaders(run, () => maps, events);
  try {
    await events.onSetup?.(setupOf(run, store, loaders.train, loaders.val));
    const features =
      settings.cache === 'features'
        ? featureSources(
            host,
            { executor: device.executor, hyp, data, loader: loaders.train, settings },
            events,
          )
        : undefined;
    const startFitness = await openedFitness(run, loaders.val, store, events);
    return await train({
      ...trainingOf(run),
      ...(startFitness === undefined ? {} : { startFitness }),
      val: loaders.val,
      train: events.onTrainImages
        ? showingFirst(loaders.train, SHOWN_BATCHES, events.onTrainImages)
        : loaders.train,
      ...(features ? { features } : {}),
      ...(events.signal ? { signal: events.signal } : {}),
      onStart: (event) => events.onStart?.(event),
      onStage: (event) => events.onStage?.(event),
      onBatch: (event) => events.onBatch?.(event),
      onEpoch: async (event) => {
        maps = event.classMaps;
        await store.addResults(event);
        await events.onEpoch?.(event);
      },
      onCheckpoint: async (event) => {
        if (!nosave || event.failed) await store.save(event, { savePeriod });
        await events.onDetector?.(event.detector);
      },
    });
  } finally {
    await Promise.all([loaders.train.close(), loaders.val.close()]);
  }
}

const imgszOf = ({ detector, settings }: PreparedRun) => roundedImgsz(detector, settings.imgsz);

/** @param classMaps mAP50-95 by class of the last validation, for `--image-weights` */
function openLoaders(
  run: PreparedRun,
  classMaps: () => TrainingProgress['classMaps'],
  events: RunEvents,
): ReturnType<RunData['openLoaders']> {
  const { settings, hyp, data, detector } = run;
  const { batchSize } = settings;
  const labels = data.train.images.map((image) => image.labels);
  const weightsOf = () => imageWeights(labels, detector.names.length, classMaps());
  return data.openLoaders({
    hyp,
    imgsz: imgszOf(run),
    batchSize,
    seed: settings.seed,
    stride: Math.max(...detector.model.strides),
    // Without gradients twice as many images fit.
    valBatchSize: 2 * batchSize,
    rect: settings.rect,
    multiScale: settings.multiScale,
    quad: settings.quad,
    weightsOf: settings.imageWeights ? weightsOf : undefined,
    workers: settings.workers,
    onWarning: (warning) => events.onWarning?.(warning),
    cache: settings.cache === 'features' ? undefined : settings.cache,
  });
}

/** What `train` takes from the run itself. */
function trainingOf(run: PreparedRun) {
  const { settings, hyp, stages, device, detector, resume, pace } = run;
  return {
    detector,
    executor: device.executor,
    hyp,
    imgsz: imgszOf(run),
    batchSize: settings.batchSize,
    freeze: stages,
    epochs: settings.epochs,
    patience: settings.patience,
    optimizer: settings.optimizer,
    amp: settings.amp,
    quad: settings.quad,
    cosLr: settings.cosLr,
    noval: settings.noval,
    valPeriod: settings.valPeriod,
    ...(pace ? { pace } : {}),
    ...(resume ? { resume } : {}),
  };
}

/** What the run starts with. */
function setupOf(
  run: PreparedRun,
  store: RunStore,
  trainLoader: RunLoader,
  valLoader: RunLoader,
): SetupEvent {
  const { settings, data, stages, detector, transferred } = run;
  const left = stages.stages.slice(stageIndex(stages.stages, run.resume?.progress.epoch ?? 0));
  const uncached = settings.cache === 'features' ? left.find(readsImages) : undefined;
  return {
    folder: store.folder,
    detector,
    freeze: (left[0] ?? stages.stages[0]).policy,
    stages: left,
    lrScales: stages.lrScales,
    ...(uncached ? { imagesFrom: uncached.epoch } : {}),
    hyp: run.hyp,
    batchSize: settings.batchSize,
    device: describeDevice(run.device),
    ...(run.device.device.slowStart ? { slowStart: run.device.device.slowStart } : {}),
    anchors: run.anchors,
    ...(transferred ? { transferred } : {}),
    ...(run.classes ? { classes: run.classes } : {}),
    ...(run.freezeReason ? { freezeReason: run.freezeReason } : {}),
    ...(run.batchReason ? { batchReason: run.batchReason } : {}),
    ...(run.recipe ? { recipe: run.recipe } : {}),
    steps: settings.epochs * trainLoader.length,
    images: { train: data.train.images.length, val: data.val.images.length },
    described: { train: describeImages(data.train), val: describeImages(data.val) },
    labels: data.train.images.map(({ labels }) => labels),
    warnings: [
      ...(run.warnings ?? []),
      ...freshFrozen(run),
      ...stages.warnings,
      ...[data.train, data.val, trainLoader, valLoader].flatMap(({ warnings }) => warnings),
    ],
  };
}

/** A warning about frozen tensors that nothing was taken over for; a run that goes on was warned when it began. */
function freshFrozen({ resume, stages, detector, transferred, classes }: PreparedRun): string[] {
  if (resume) return [];
  const [{ policy }] = stages.stages;
  const names = detector.model.parameters.map(({ name }) => name);
  // With `classes`, rows of the last layer were taken over.
  const fresh = (transferred?.fresh ?? names).filter((name) => !classes || !isOfLastLayer(name, detector));
  const warning = freshFrozenWarning(policy, fresh);
  return warning === undefined ? [] : [warning];
}

const isOfLastLayer = (name: string, { model }: PreparedRun['detector']) =>
  name.startsWith(`model.${model.layers.length - 1}.`);

const readsImages = ({ epoch, policy }: FreezeStage) => epoch > 0 && !canCacheFeatures(policy);
