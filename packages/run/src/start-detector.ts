/** The detector that a run starts from. */
import type { Executor } from '@froyolo/core';
import { type Hyperparameters, multiScaleSizes } from '@froyolo/data';
import {
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
  strideOf,
} from '@froyolo/yolo';
import { answeringClasses, answeringImages } from './answering-classes.js';
import type { Host, LoadOptions, NamedText, RunData } from './host.js';
import type { TrainSettings } from './settings/index.js';

export interface Started extends Pick<FineTuneStart, 'detector' | 'classes'> {
  /** Absent if it starts from fresh values. */
  readonly transferred?: FineTuneStart['transferred'];
  /** Lines that say how the anchors fit the dataset, and which replaced them. */
  readonly anchors: readonly string[];
  /** The start with classes that answer in place of fresh ones; absent if no class starts fresh. */
  readonly withAnswers?: (executor: Executor) => Promise<Pick<FineTuneStart, 'detector' | 'classes'>>;
}

/** Images of a batch that the checkpoint is asked about. */
const ANSWERING_BATCH = 16;

type StartSettings = Pick<
  TrainSettings,
  'weights' | 'cfg' | 'seed' | 'imgsz' | 'noautoanchor' | 'keepHead' | 'classFrom'
>;

/** The detector that training starts from: out of a checkpoint or fresh, with anchors that fit the dataset. */
export async function startDetector(
  host: Pick<Host, 'readArchitecture' | 'readCheckpoint'>,
  settings: StartSettings,
  data: RunData,
  hyp: Hyperparameters,
  load: LoadOptions,
): Promise<Started> {
  const { weights, cfg, seed, imgsz, noautoanchor, keepHead, classFrom } = settings;
  const { names, images } = data.train;
  const architecture = cfg ? await host.readArchitecture(cfg) : undefined;
  const options = {
    names,
    seed,
    keepHead,
    ...(hyp.anchors ? { anchors: Math.round(hyp.anchors) } : {}),
    ...(noautoanchor ? {} : { fit: { images, imgsz, hyp } }),
    ...(architecture ? { cfg: architecture } : {}),
    ...(classFrom ? { classFrom } : {}),
  };
  if (weights === '') return freshDetector(architecture, options);
  const checkpoint = await host.readCheckpoint(weights, load);
  const { priors, ...start } = fineTuneFrom(checkpoint, options);
  const withAnswers = async (executor: Executor) => {
    const answers = await answersOf(detectorFromCheckpoint(checkpoint), data, hyp, imgsz, executor);
    return fineTuneFrom(checkpoint, { ...options, answers });
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
  { train, openImages }: Pick<RunData, 'train' | 'openImages'>,
  hyp: Hyperparameters,
  imgsz: number,
  executor: Executor,
): Promise<ClassFrom> {
  const stride = strideOf(known);
  const loader = await openImages('train', answeringImages(train.images), {
    stride,
    imgsz: roundedImgsz(known, imgsz),
    batchSize: ANSWERING_BATCH,
  });
  try {
    const { names } = train;
    return await answeringClasses(known, loader.epoch(0), { executor, names, hyp });
  } finally {
    await loader.close();
  }
}

function freshDetector(
  architecture: NamedText | undefined,
  { names, seed, anchors, fit }: FineTuneOptions,
): Started {
  if (!architecture) throw new DetectorError('without weights an architecture is needed: name one (cfg)');
  const { text, fileName } = architecture;
  const detector = createDetector(text, { names, seed, fileName, ...(anchors ? { anchors } : {}) });
  if (!fit) return { detector, anchors: [] };
  const check = fitPriors(detector, fit.images, { ...fit, seed });
  return { detector: check.detector, anchors: check.fit ? [describePriors(detector, check.fit)] : [] };
}

/** Side of the largest images that a run trains on. */
export function largestImgsz(
  detector: Pick<Detector, 'model'>,
  { imgsz, multiScale }: Pick<TrainSettings, 'imgsz' | 'multiScale'>,
): number {
  const side = roundedImgsz(detector, imgsz);
  if (!multiScale) return side;
  return Math.max(...multiScaleSizes(side, strideOf(detector)));
}
