/** One training, which can stop and go on. */
import type { Executor } from '@froyolo/core';
import type { Hyperparameters } from '@froyolo/data';
import {
  type BrowserDataset,
  createTrainLoader,
  createValLoader,
  type Loader,
  type OpenedDatasets,
} from '@froyolo/data/browser';
import { type FreezePolicy, parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { type Checkpoint, writeCheckpoint } from '@froyolo/weights';
import {
  answeringClasses,
  answeringImages,
  type BatchSource,
  checkpointOf,
  type Detector,
  describeHeadRows,
  describePriors,
  detectorFromCheckpoint,
  type FineTuneStart,
  fineTuneFrom,
  roundedImgsz,
  type TrainingState,
  train,
  trainingCheckpoint,
} from '@froyolo/yolo';
import type { TrainEvent, TrainSettings, TrainSummary } from './api.js';

export interface TrainingInputs {
  readonly checkpoint: Checkpoint;
  readonly datasets: OpenedDatasets;
  readonly hyp: Hyperparameters;
  readonly settings: TrainSettings;
}

export interface TrainingRun {
  readonly executor: Executor;
  readonly epochs: number;
  readonly signal: AbortSignal;
  onEvent(event: TrainEvent): void;
  /** After each epoch, with the averaged weights. Training goes on once it is done. */
  onDetector(detector: Detector): Promise<void>;
}

export class Training {
  readonly #settings: TrainSettings;
  readonly #hyp: Hyperparameters;
  readonly #datasets: OpenedDatasets;
  /** What training starts from. */
  #detector: Detector;
  readonly #freeze: FreezePolicy;
  #started: Extract<TrainEvent, { type: 'start' }>;
  /** Set while classes start fresh, until the checkpoint is asked which of its classes answer at their boxes. */
  #unanswered: Pick<TrainingInputs, 'checkpoint' | 'hyp'> | undefined;
  #state: TrainingState | undefined;
  #last: Detector | undefined;
  #best: Detector | undefined;

  constructor({ checkpoint, datasets, hyp, settings }: TrainingInputs) {
    const { names, images } = datasets.train;
    const { imgsz, seed } = settings;
    const fit = { images, imgsz, hyp };
    const start = fineTuneFrom(checkpoint, { names, seed, fit });
    const { detector, priors, classes } = start;
    this.#settings = { ...settings, imgsz: roundedImgsz(detector, imgsz) };
    this.#hyp = hyp;
    this.#datasets = datasets;
    this.#detector = detector;
    this.#freeze = freezePolicy(detector, settings.freeze);
    if (classes?.some(({ from }) => from === undefined)) this.#unanswered = { checkpoint, hyp };
    this.#started = {
      type: 'start',
      trained: this.#freeze.trainable.length,
      transferred: describeTransfer(start),
      anchors: priors ? describePriors(detector, priors) : '',
    };
  }

  get imgsz(): number {
    return this.#settings.imgsz;
  }

  /** The averaged weights of the best or the last epoch; of the start before there is one. */
  detector(which: 'best' | 'last'): Detector {
    return (which === 'best' ? this.#best : this.#last) ?? this.#last ?? this.#detector;
  }

  /** A checkpoint file: the best weights in float16, the last with all that training needs to go on. */
  save(which: 'best' | 'last'): Uint8Array {
    const checkpoint =
      which === 'last' && this.#state
        ? trainingCheckpoint(this.detector('last'), this.#state)
        : checkpointOf(this.detector(which));
    return writeCheckpoint(checkpoint);
  }

  /** Trains up to the given number of epochs, from where it stopped before. */
  async run(run: TrainingRun): Promise<TrainSummary> {
    const { imgsz, batchSize } = this.#settings;
    await this.#answer(run.executor);
    const loaders = this.#openLoaders();
    run.onEvent(this.#started);
    try {
      const { status, bestEpoch, bestFitness, state } = await train({
        detector: this.#detector,
        executor: run.executor,
        train: yielding(loaders.train),
        val: yielding(loaders.val),
        epochs: run.epochs,
        batchSize,
        imgsz,
        hyp: this.#hyp,
        freeze: this.#freeze,
        signal: run.signal,
        ...(this.#state ? { resume: this.#state } : {}),
        onBatch: ({ lr: _, ...event }) => run.onEvent({ type: 'batch', ...event }),
        onEpoch: ({ lr: _, ...event }) => run.onEvent({ type: 'epoch', ...event }),
        onCheckpoint: async (event) => {
          this.#state = event.state;
          this.#last = event.detector;
          if (event.best) this.#best = event.detector;
          await run.onDetector(event.detector);
        },
      });
      return { status, bestEpoch, bestFitness, epochs: state.progress.epoch };
    } finally {
      loaders.train.close();
      loaders.val.close();
    }
  }

  /** Starts classes from those of the checkpoint that answer at their boxes. */
  async #answer(executor: Executor): Promise<void> {
    if (!this.#unanswered) return;
    const { checkpoint, hyp } = this.#unanswered;
    const { seed, imgsz } = this.#settings;
    const { train } = this.#datasets;
    const known = detectorFromCheckpoint(checkpoint);
    const some = { ...train, images: answeringImages(train.images) };
    const loader = openValLoader(some, known, this.#settings);
    const options = { executor, names: train.names, hyp };
    try {
      const answers = await answeringClasses(known, yielding(loader).epoch(0), options);
      const fit = { images: train.images, imgsz, hyp };
      const start = fineTuneFrom(checkpoint, { names: train.names, seed, fit, answers });
      this.#detector = start.detector;
      this.#started = { ...this.#started, transferred: describeTransfer(start) };
      this.#unanswered = undefined;
    } finally {
      loader.close();
    }
  }

  #openLoaders(): { train: Loader; val: Loader } {
    const { imgsz, batchSize, seed } = this.#settings;
    const workers = {
      count: Math.max(1, Math.min(4, Math.floor(navigator.hardwareConcurrency / 2))),
      create: createLoaderWorker,
    };
    return {
      train: createTrainLoader(this.#datasets.train, { imgsz, batchSize, seed, hyp: this.#hyp, workers }),
      val: openValLoader(this.#datasets.val, this.#detector, this.#settings),
    };
  }
}

function describeTransfer({ transferred: { kept, total }, classes }: FineTuneStart): string {
  const head = classes ? `; ${describeHeadRows(classes)}` : '';
  return `${kept} of ${total} tensors are taken from the checkpoint${head}`;
}

const createLoaderWorker = () =>
  new Worker(new URL('./loader-worker.ts', import.meta.url), { type: 'module' });

export function openValLoader(
  val: BrowserDataset,
  detector: Detector,
  { imgsz, batchSize }: TrainSettings,
): Loader {
  return createValLoader(val, {
    imgsz: roundedImgsz(detector, imgsz),
    batchSize: 2 * batchSize,
    stride: Math.max(...detector.model.strides),
    workers: { count: 1, create: createLoaderWorker },
  });
}

export function freezePolicy({ model }: Detector, selector: string): FreezePolicy {
  return resolveFreeze(parseFreeze(selector.trim().split(/\s+/)), model.parameters, {
    sections: model.sections,
  });
}

/** Lets messages in before each batch, so that a training can be stopped. */
export function yielding(source: BatchSource): BatchSource {
  return {
    length: source.length,
    async *epoch(n) {
      for await (const batch of source.epoch(n)) {
        await new Promise((resolve) => setTimeout(resolve));
        yield batch;
      }
    },
  };
}
