/** From settings to all that a run needs: dataset, detector, freeze, loaders. */
import type { Executor } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import {
  createTrainLoader,
  createValLoader,
  type Dataset,
  type Loader,
  openDataset,
  type TrainLoader,
  type TrainLoaderOptions,
} from '@froyolo/data/node';
import { FreezeError, type FreezePolicy, parseFreeze, parseUnfreeze, resolveFreeze } from '@froyolo/freeze';
import {
  answeringClasses,
  answeringImages,
  type ClassFrom,
  createDetector,
  type Detector,
  DetectorError,
  describePriors,
  detectorFromCheckpoint,
  type FineTuneOptions,
  type FineTuneStart,
  fineTuneFrom,
  fitPriors,
  roundedImgsz,
  type TrainingStages,
  trainingStages,
} from '@froyolo/yolo';
import type { TrainSettings } from '../settings/index.js';
import { type LoadOptions, loadCheckpoint } from './checkpoints.js';
import { loadArchitecture, loadHyp } from './settings.js';

export interface Datasets {
  readonly train: Dataset;
  readonly val: Dataset;
}

export async function openDatasets({ data, singleCls }: TrainSettings): Promise<Datasets> {
  const options = { singleCls };
  return { train: await openDataset(data, 'train', options), val: await openDataset(data, 'val', options) };
}

/** Settings that the hyperparameters depend on. */
export type HypSettings = Pick<TrainSettings, 'hyp' | 'labelSmoothing' | 'unfreeze' | 'lrScale'>;

export async function hyperparametersOf({
  hyp,
  labelSmoothing,
  unfreeze,
  lrScale,
}: HypSettings): Promise<Hyperparameters> {
  return {
    ...(await loadHyp(hyp)),
    ...(labelSmoothing === undefined ? {} : { label_smoothing: labelSmoothing }),
    ...(unfreeze === undefined ? {} : { unfreeze: unfreeze.join(',') }),
    ...(lrScale === undefined ? {} : { lr_scale: lrScale.join(',') }),
  };
}

/** Settings that the stages of a run depend on. */
export type StageSettings = Pick<TrainSettings, 'freeze' | 'freezeBn' | 'epochs'>;

function freezeOf({ model }: Pick<Detector, 'model'>, { freeze, freezeBn }: StageSettings): FreezePolicy {
  return resolveFreeze(parseFreeze(freeze), model.parameters, {
    freezeBn,
    sections: model.sections,
  });
}

/**
 * What a run trains when: gradual unfreezing and learning rates by layer.
 * @throws FreezeError where they can't be meant, or a stage would never begin
 */
export function stagesOf(
  detector: Pick<Detector, 'model'>,
  settings: StageSettings,
  hyp: Hyperparameters,
): TrainingStages {
  const { epochs } = settings;
  const late = parseUnfreeze([hyp.unfreeze ?? '']).find(({ epoch }) => epoch >= epochs);
  if (late)
    throw new FreezeError(
      late.text,
      `never begins: there are ${epochs} epochs, counted from 0 to ${epochs - 1}`,
      'unfreeze',
    );
  return trainingStages(detector, freezeOf(detector, settings), hyp);
}

export interface Loaders {
  readonly train: TrainLoader;
  readonly val: Loader;
}

/** @param imgsz a multiple of the largest stride */
export async function openLoaders(
  { train, val }: Datasets,
  hyp: Hyperparameters,
  stride: number,
  imgsz: number,
  options: TrainSettings & Pick<TrainLoaderOptions, 'onWarning'>,
): Promise<Loaders> {
  const { batchSize, rect, seed, workers, cache, multiScale, onWarning } = options;
  const images = cache === 'features' ? undefined : cache;
  const common = {
    ...{ imgsz, stride, cache: images },
    ...(workers === undefined ? {} : { workers }),
    ...(onWarning ? { onWarning } : {}),
  };
  const trainLoader = await createTrainLoader(train, {
    ...common,
    batchSize,
    rect,
    seed,
    hyp,
    multiScale,
  });
  // Without gradients twice as many images fit.
  const valLoader = await createValLoader(val, { ...common, batchSize: 2 * batchSize });
  return { train: trainLoader, val: valLoader };
}

export interface Started extends Pick<FineTuneStart, 'detector' | 'classes'> {
  readonly transferred?: FineTuneStart['transferred'];
  readonly anchors: readonly string[];
  /** The start with classes that answer in place of fresh ones; absent where no class starts fresh. */
  readonly withAnswers?: (executor: Executor) => Promise<Pick<FineTuneStart, 'detector' | 'classes'>>;
}

/** The detector that training starts from: out of a checkpoint or fresh, with anchors that fit the dataset. */
export async function startDetector(
  settings: TrainSettings,
  { train }: Datasets,
  hyp: Hyperparameters,
  load: LoadOptions,
): Promise<Started> {
  const { noautoanchor, imgsz, weights, cfg, seed, keepHead, classFrom } = settings;
  const fit = noautoanchor ? undefined : { images: train.images, imgsz, hyp };
  const architecture = cfg ? await loadArchitecture(cfg) : undefined;
  const common = { names: train.names, seed, ...(hyp.anchors ? { anchors: Math.round(hyp.anchors) } : {}) };
  if (weights === '') return freshDetector(architecture, common, fit);
  const checkpoint = await loadCheckpoint(weights, load);
  const tuning = {
    ...common,
    ...(architecture ? { cfg: architecture } : {}),
    ...(fit ? { fit } : {}),
    keepHead,
    ...(classFrom ? { classFrom } : {}),
  };
  const { priors, ...start } = fineTuneFrom(checkpoint, tuning);
  const withAnswers = async (executor: Executor) => {
    const answers = await answersOf(detectorFromCheckpoint(checkpoint), train, hyp, imgsz, executor);
    return fineTuneFrom(checkpoint, { ...tuning, answers });
  };
  const isOpen = start.classes?.some(({ from }) => from === undefined);
  return {
    ...start,
    anchors: priors ? [describePriors(start.detector, priors)] : [],
    ...(isOpen ? { withAnswers } : {}),
  };
}

/** Which class of a detector answers at the boxes of each class of a dataset. */
async function answersOf(
  known: Detector,
  dataset: Dataset,
  hyp: Hyperparameters,
  imgsz: number,
  executor: Executor,
): Promise<ClassFrom> {
  const stride = Math.max(...known.model.strides);
  const some = { ...dataset, images: answeringImages(dataset.images) };
  const loader = await createValLoader(some, { imgsz: roundedImgsz(known, imgsz), stride });
  try {
    const { names } = dataset;
    return await answeringClasses(known, loader.epoch(0), { executor, names, hyp });
  } finally {
    await loader.close();
  }
}

function freshDetector(
  architecture: { text: string; fileName: string } | undefined,
  common: { names: readonly string[]; seed: number; anchors?: number },
  fit: FineTuneOptions['fit'],
): Started {
  if (!architecture) throw new DetectorError('without weights an architecture is needed: name one (cfg)');
  const { text, fileName } = architecture;
  const detector = createDetector(text, { ...common, fileName });
  if (!fit) return { detector, anchors: [] };
  const check = fitPriors(detector, fit.images, { ...fit, seed: common.seed });
  return { detector: check.detector, anchors: check.fit ? [describePriors(detector, check.fit)] : [] };
}
