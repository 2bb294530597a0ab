/** From settings to all that a run needs: dataset, detector, freeze, loaders. */
import type { Hyperparameters } from '@froyolo/data';
import {
  createTrainLoader,
  createValLoader,
  type Dataset,
  type Loader,
  openDataset,
  type TrainLoader,
} from '@froyolo/data/node';
import { FreezeError, type FreezePolicy, parseFreeze, parseUnfreeze, resolveFreeze } from '@froyolo/freeze';
import {
  type AnchorCheck,
  createDetector,
  type Detector,
  DetectorError,
  type FineTuneOptions,
  type FineTuneStart,
  fineTuneFrom,
  fitAnchorsTo,
  type TrainingStages,
  trainingStages,
} from '@froyolo/yolo';
import { type LoadOptions, loadCheckpoint } from './checkpoints.js';
import { loadArchitecture, loadHyp } from './settings.js';
import type { TrainFilesOptions } from './train-files.js';

export interface Datasets {
  readonly train: Dataset;
  readonly val: Dataset;
}

export async function openDatasets({ data, singleCls = false }: TrainFilesOptions): Promise<Datasets> {
  const options = { singleCls: singleCls };
  return { train: await openDataset(data, 'train', options), val: await openDataset(data, 'val', options) };
}

export async function hyperparametersOf({
  hyp,
  labelSmoothing,
  unfreeze,
  lrScale,
}: TrainFilesOptions): Promise<Hyperparameters> {
  return {
    ...(await loadHyp(hyp)),
    ...(labelSmoothing === undefined ? {} : { label_smoothing: labelSmoothing }),
    ...(unfreeze === undefined ? {} : { unfreeze: unfreeze.join(',') }),
    ...(lrScale === undefined ? {} : { lr_scale: lrScale.join(',') }),
  };
}

function freezeOf({ model }: Pick<Detector, 'model'>, options: TrainFilesOptions): FreezePolicy {
  const { freeze = [0], freezeBn = 'eval' } = options;
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
  options: TrainFilesOptions,
  hyp: Hyperparameters,
): TrainingStages {
  const { epochs = 100 } = options;
  const late = parseUnfreeze([hyp.unfreeze ?? '']).find(({ epoch }) => epoch >= epochs);
  if (late)
    throw new FreezeError(
      late.text,
      `never begins: there are ${epochs} epochs, counted from 0 to ${epochs - 1}`,
      'unfreeze',
    );
  return trainingStages(detector, freezeOf(detector, options), hyp);
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
  options: TrainFilesOptions,
): Promise<Loaders> {
  const { batchSize = 16, rect = false, seed = 0, workers, cache, variants } = options;
  const { multiScale = false } = options;
  const images = cache === 'features' ? undefined : cache;
  const common = { imgsz, stride, cache: images, ...(workers === undefined ? {} : { workers }) };
  const trainLoader = await createTrainLoader(train, {
    ...common,
    batchSize,
    rect,
    seed,
    hyp,
    multiScale,
    ...(variants === undefined ? {} : { variants }),
  });
  // Without gradients twice as many images fit.
  const valLoader = await createValLoader(val, { ...common, batchSize: 2 * batchSize });
  return { train: trainLoader, val: valLoader };
}

export interface Started extends Pick<FineTuneStart, 'detector' | 'classes'> {
  readonly transferred?: FineTuneStart['transferred'];
  readonly anchors: readonly string[];
}

/** The detector that training starts from: out of a checkpoint or fresh, with anchors that fit the dataset. */
export async function startDetector(
  options: TrainFilesOptions,
  { train }: Datasets,
  hyp: Hyperparameters,
  load: LoadOptions,
): Promise<Started> {
  const { noAutoanchor = false, imgsz = 640 } = options;
  const fit = noAutoanchor ? undefined : { images: train.images, imgsz, threshold: hyp.anchor_t };
  const { anchors, ...start } = await detectorFor(options, train.names, hyp, fit, load);
  return { ...start, anchors: anchors ? [anchorLine(anchors)] : [] };
}

function anchorLine({ replaced, recall, recallBefore }: AnchorCheck): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return replaced
    ? `anchors replaced: ${percent(recall)} of the boxes can be matched, ${percent(recallBefore)} before`
    : `anchors kept: ${percent(recall)} of the boxes can be matched`;
}

async function detectorFor(
  { weights, cfg, seed = 0, keepHead, classFrom }: TrainFilesOptions,
  names: readonly string[],
  hyp: Hyperparameters,
  fit: FineTuneOptions['fit'],
  load: LoadOptions,
): Promise<Pick<FineTuneStart, 'detector' | 'classes' | 'anchors'> & Pick<Started, 'transferred'>> {
  const architecture = cfg ? await loadArchitecture(cfg) : undefined;
  const common = { names, seed, ...(hyp.anchors ? { anchors: Math.round(hyp.anchors) } : {}) };
  if (weights !== '') {
    const checkpoint = await loadCheckpoint(weights, load);
    return fineTuneFrom(checkpoint, {
      ...common,
      ...(architecture ? { cfg: architecture } : {}),
      ...(fit ? { fit } : {}),
      ...(keepHead ? { keepHead } : {}),
      ...(classFrom ? { classFrom } : {}),
    });
  }
  if (!architecture) throw new DetectorError('without weights an architecture is needed: name one (cfg)');
  const { text, fileName } = architecture;
  const detector = createDetector(text, { ...common, fileName });
  if (!fit) return { detector };
  const check = fitAnchorsTo(detector, fit.images, { ...fit, seed });
  return { detector: check.detector, anchors: check };
}

/** The next multiple of the largest stride. */
export function roundedImgsz({ model }: Detector, imgsz: number): number {
  const stride = Math.max(...model.strides);
  return Math.max(Math.ceil(imgsz / stride), 1) * stride;
}
