/** What the worker holds of the project that is open: its weights, the device, what runs. */
import { withClasses } from '@froyolo/data';
import { createValLoader, decodeImage, type OpenedDatasets, pixelsOf } from '@froyolo/data/browser';
import { type Host, matchClasses, recordOf, type SavedRun, trainingStateOf } from '@froyolo/run';
import { createPageHost } from '@froyolo/run/browser';
import { loadCheckpoint } from '@froyolo/weights';
import { type Detector, detectorFromCheckpoint, roundedImgsz, strideOf, validate } from '@froyolo/yolo';
import { PageError } from '../errors/page-error.js';
import { keepBetter, type TrainedRun, trainedRun } from '../library/better-run.js';
import { featureFolder } from '../library/feature-folder.js';
import { fileOf, listPictures } from '../library/pictures.js';
import { readProject } from '../library/projects.js';
import { listRuns } from '../library/runs.js';
import type { OpenedWeights, Project, Run, TrainingChoice } from '../library/types.js';
import { weightsKey } from '../library/weights.js';
import type {
  Augmented,
  DetectOptions,
  DeviceInfo,
  Found,
  NetworkShape,
  OnPicture,
  OnProgress,
  PictureDetections,
  PlanInfo,
  TakenFile,
  TakenFormat,
  TrainEvent,
  Trainer,
  Validation,
  Which,
} from './api.js';
import { augmentedPictures } from './augmented.js';
import { deviceNames } from './device.js';
import { Devices } from './devices.js';
import { createLoaderWorker, yielding } from './loading.js';
import { networkOf, Plans } from './network.js';
import { newRun } from './new-run.js';
import { curvesOf } from './precision-curves.js';
import { Predictors } from './predictors.js';
import { datasetsOf } from './project-data.js';
import { ProjectWeights } from './project-weights.js';
import { augmentationOf, recipeOf, recipesOf } from './recipes.js';
import { shownPictures } from './shown-pictures.js';
import { take } from './take.js';
import { goOnTraining, startTraining, type TrainingEvents } from './training.js';

/** Pictures of a batch that is validated. */
const VALIDATED_BATCH = 32;
/** Milliseconds between two looks at least, and how many times as long as a look: short epochs take longer to look at. */
const SHOWN_EVERY = 8000;
const SHOWN_REST = 10;
/** Overlap from which boxes of a class are one, where nobody chose. */
const IOU_THRES = 0.45;

export class Session implements Trainer {
  readonly #devices = new Devices();
  readonly #predictors = new Predictors(this.#devices);
  #project = '';
  #weights = new ProjectWeights('');
  #plans: { readonly detector: Detector; readonly plans: Plans } | undefined;
  #abort: AbortController | undefined;

  async devices(): Promise<readonly string[]> {
    return deviceNames();
  }

  async device(request: string): Promise<DeviceInfo> {
    const { opened: _, ...info } = await this.#devices.get(request);
    return info;
  }

  async inspect(file: Blob, name: string): Promise<Omit<OpenedWeights, 'opened'>> {
    const bytes = await file.arrayBuffer();
    const { names, model } = detectorFromCheckpoint(loadCheckpoint(new Uint8Array(bytes), name));
    const parameters = model.layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
    const id = await weightsKey(bytes);
    return { id, name, file: new Blob([bytes]), classes: names, layers: model.layers.length, parameters };
  }

  async openProject(project: string): Promise<void> {
    this.#abort?.abort();
    this.#project = project;
    this.#weights = new ProjectWeights(project);
    await this.#predictors.dispose();
  }

  async network(imgsz: number): Promise<NetworkShape> {
    const { detector } = await this.#weights.get('opened');
    return networkOf(detector, roundedImgsz(detector, imgsz));
  }

  async plan(choice: TrainingChoice, freeze: string): Promise<PlanInfo> {
    const { detector } = await this.#weights.get('opened');
    if (this.#plans?.detector !== detector) this.#plans = { detector, plans: new Plans(detector) };
    return this.#plans.plans.of(choice, freeze);
  }

  async train(choice: TrainingChoice, onEvent: (event: TrainEvent) => void): Promise<Run> {
    return this.#train(choice, onEvent);
  }

  async compare(
    choice: TrainingChoice,
    freezes: readonly string[],
    onEvent: (event: TrainEvent) => void,
  ): Promise<readonly Run[]> {
    const study = Date.now();
    // What is compared is trained equally long, unless a patience was chosen.
    const patient = { ...choice, more: { patience: 0, ...choice.more } };
    const trained: TrainedRun[] = [];
    for (const freeze of freezes) {
      const run = await this.#train({ ...patient, freeze }, onEvent, study);
      trained.push(await trainedRun(run));
      if (run.status === 'stopped') break;
    }
    const runs = await keepBetter(trained);
    this.#weights.forgetTrained();
    return runs;
  }

  async #train(choice: TrainingChoice, onEvent: (event: TrainEvent) => void, study?: number): Promise<Run> {
    const project = await this.#current();
    const datasets = await datasetsOf(project);
    const host = await this.#host(choice.from, datasets, choice, onEvent);
    const last = (await listRuns(project.id)).at(-1);
    const plan = study === undefined ? undefined : await this.plan(choice, choice.freeze ?? '0');
    const compared = study === undefined || !plan ? {} : { compared: { study, plan } };
    const run = newRun({ project: project.id, choice, datasets, last, ...compared });
    return this.#training(choice, onEvent, (events) => startTraining(host, run, choice, events));
  }

  async augmented(choice: TrainingChoice, draw: number): Promise<Augmented> {
    const { train } = await datasetsOf(await this.#current());
    const pictures = await augmentedPictures(train, choice, draw);
    return { pictures, augmentation: augmentationOf(recipeOf(choice)) };
  }

  async goOn(choice: TrainingChoice, more: boolean, onEvent: (event: TrainEvent) => void): Promise<Run> {
    const project = await this.#current();
    const host = await this.#host('last', await datasetsOf(project), choice, onEvent);
    const run = (await listRuns(project.id)).at(-1);
    if (!run) throw new PageError('PAGE_NO_TRAINING');
    const saved = await this.#saved();
    return this.#training(choice, onEvent, (events) => goOnTraining(host, run, saved, choice, more, events));
  }

  async #training(
    choice: TrainingChoice,
    onEvent: (event: TrainEvent) => void,
    work: (events: TrainingEvents) => Promise<Run>,
  ): Promise<Run> {
    await this.#predictors.dispose();
    const { signal } = (this.#abort = new AbortController());
    const options = { ...choice, which: 'last' as const, iouThres: IOU_THRES };
    const shown = await shownPictures(this.#project);
    let next = 0;
    const onDetector = async (detector: Detector) => {
      const began = performance.now();
      if (began < next) return;
      const detections: PictureDetections[] = [];
      await this.#detectEach(detector, shown, options, (found) => {
        detections.push(found);
      });
      onEvent({ type: 'pictures', detections });
      const ended = performance.now();
      next = ended + Math.max(SHOWN_EVERY, SHOWN_REST * (ended - began));
    };
    try {
      return await work({ signal, onEvent, onDetector });
    } finally {
      this.#weights.forgetTrained();
      await this.#predictors.dispose();
    }
  }

  /** What a training needs of this page. */
  async #host(
    which: Which,
    datasets: OpenedDatasets,
    choice: TrainingChoice,
    onEvent: (event: TrainEvent) => void,
  ): Promise<Host> {
    const { checkpoint } = await this.#weights.get(which);
    const status = (text: string) => onEvent({ type: 'status', text });
    return createPageHost({
      checkpoint,
      datasets,
      recipes: recipesOf(choice),
      featureFolder: await featureFolder(this.#project),
      createLoaderWorker,
      openDevice: async (request) => {
        status('device');
        const { opened, ...device } = await this.#devices.get(request);
        onEvent({ type: 'device', device });
        status('compiling');
        return opened;
      },
    });
  }

  /** Where the last training stopped. */
  async #saved(): Promise<SavedRun> {
    const { checkpoint, name } = await this.#weights.get('last');
    const record = recordOf(checkpoint, name);
    if (!record || !checkpoint.groups) throw new PageError('PAGE_NOTHING_TO_GO_ON');
    return { ...record, ...trainingStateOf(checkpoint, name) };
  }

  async stop(): Promise<void> {
    this.#abort?.abort();
  }

  async validate(which: Which, choice: TrainingChoice, onProgress: OnProgress): Promise<Validation> {
    const { detector } = await this.#weights.get(which);
    const project = await this.#current();
    const { val } = await datasetsOf(project);
    const { toDetector, note } = matchClasses(detector.names, val.names, project.name);
    const labeled = toDetector ? withClasses(val, (from) => toDetector[from], detector.names) : val;
    const { executor } = (await this.#devices.get(choice.device)).opened;
    const { signal } = (this.#abort = new AbortController());
    const loader = createValLoader(labeled, {
      imgsz: roundedImgsz(detector, choice.imgsz),
      batchSize: VALIDATED_BATCH,
      stride: strideOf(detector),
      workers: { count: 1, create: createLoaderWorker },
    });
    try {
      const { details, ...result } = await validate(detector, yielding(loader.epoch(0)), {
        executor,
        signal,
        onBatch: ({ images }) => onProgress(images, val.images.length),
      });
      const notes = note === undefined ? {} : { classNote: note };
      const { confusion } = details;
      return { ...result, ...notes, confusion, curves: curvesOf(details), warnings: loader.warnings };
    } finally {
      loader.close();
    }
  }

  async classesOf(which: Which): Promise<readonly string[]> {
    return (await this.#weights.get(which)).detector.names;
  }

  async detect(image: ImageBitmap, options: DetectOptions): Promise<Found> {
    const { detector } = await this.#weights.get(options.which);
    const { width, height } = image;
    const pixels = pixelsOf(image);
    image.close();
    const started = performance.now();
    const { detections } = await this.#predictors.predict(detector, pixels, options);
    return { detections, width, height, milliseconds: performance.now() - started };
  }

  async detectPictures(ids: readonly number[], options: DetectOptions, onPicture: OnPicture) {
    const { detector } = await this.#weights.get(options.which);
    const { signal } = (this.#abort = new AbortController());
    return this.#detectEach(detector, ids, options, onPicture, signal);
  }

  async #detectEach(
    detector: Detector,
    ids: readonly number[],
    options: DetectOptions,
    onPicture: OnPicture,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const pictures = new Map((await listPictures(this.#project)).map((picture) => [picture.id, picture]));
    for (const [i, id] of ids.entries()) {
      const picture = pictures.get(id);
      if (signal?.aborted) return false;
      if (!picture) continue;
      const image = await decodeImage(await fileOf(picture), picture.path);
      const { detections } = await this.#predictors.predict(detector, image, options);
      await onPicture({ id, detections }, i + 1, ids.length);
      await pause();
    }
    return true;
  }

  async take(which: Which, format: TakenFormat, imgsz: number): Promise<TakenFile> {
    if (format === 'last') {
      const file = await this.#weights.file('last');
      return { name: 'last.safetensors', file };
    }
    const { detector } = await this.#weights.get(which);
    return take({ detector, name: which, imgsz, project: await this.#current() }, format);
  }

  async #current(): Promise<Project> {
    const project = await readProject(this.#project);
    if (!project) throw new PageError('PAGE_NO_PROJECT');
    return project;
  }
}

/** Lets messages in, so that what runs can be stopped. */
const pause = () => new Promise((resolve) => setTimeout(resolve));
