/** What the worker holds: the opened checkpoint and images, the device, and the training. */
import { numel } from '@froyolo/common';
import { type RgbImage, withClasses } from '@froyolo/data';
import {
  createValLoader,
  decodeImage,
  filesOfZip,
  type OpenedDatasets,
  openDatasets,
  type SourceFile,
} from '@froyolo/data/browser';
import { type Host, planFreeze, recordOf, type SavedRun } from '@froyolo/run';
import { createPageHost } from '@froyolo/run/browser';
import { type Checkpoint, loadCheckpoint } from '@froyolo/weights';
import {
  createPredictor,
  type Detection,
  type Detector,
  detectorFromCheckpoint,
  freezeFor,
  matchClasses,
  roundedImgsz,
  strideOf,
  trainingStateOf,
  validate,
} from '@froyolo/yolo';
import {
  type DataInfo,
  type DeviceChoice,
  type DeviceInfo,
  type Found,
  type FreezeInfo,
  LOWEST_CONFIDENCE,
  type ModelInfo,
  type OnProgress,
  type Picture,
  type PictureDetections,
  type PlanRow,
  type TrainEvent,
  type TrainSettings,
  type TrainSummary,
  type Validation,
  type Which,
  type Worker as WorkerApi,
} from './api.js';
import { chosen, fileOf, labelBoxes, splitInfo } from './datasets.js';
import { deviceChoices, type OpenDevice, open } from './device.js';
import { createLoaderWorker, yielding } from './loading.js';
import { DEMO_HYP, pageSettings, recipeOf } from './settings.js';
import { renderShapes, shapesCheckpoint } from './shapes.js';
import { Training } from './training.js';

/** Images of a batch when the largest that fits is not known yet. */
const PLANNED_BATCH = 16;
/** Images of a batch that is validated. */
const VALIDATED_BATCH = 32;
interface OpenedModel {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly detector: Detector;
}

export class Session implements WorkerApi {
  #model: OpenedModel | undefined;
  #data: (OpenedDatasets & { readonly name: string }) | undefined;
  #training: Training | undefined;
  #device: { readonly request: string; readonly opened: Promise<OpenDevice> } | undefined;
  #abort: AbortController | undefined;

  async devices(): Promise<readonly DeviceChoice[]> {
    return deviceChoices();
  }

  async device(request: string): Promise<DeviceInfo> {
    const { opened: _, ...info } = await this.#deviceFor(request);
    return info;
  }

  async openModel(file: Blob, name: string): Promise<ModelInfo> {
    const checkpoint = loadCheckpoint(new Uint8Array(await file.arrayBuffer()), name);
    const detector = detectorFromCheckpoint(checkpoint);
    this.#model = { checkpoint, detector, name };
    this.#training = undefined;
    const saved = this.#resumable();
    const { layers } = detector.model;
    const parameters = layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
    const info = { name, classes: detector.names, layers: layers.length, parameters };
    if (!saved) return info;
    const { settings, state } = saved;
    return { ...info, resumable: { done: state.progress.epoch, epochs: settings.epochs } };
  }

  async openFiles(files: readonly SourceFile[], name: string, onProgress: OnProgress): Promise<DataInfo> {
    const datasets = await openDatasets(files, { onProgress });
    this.#data = { ...datasets, name };
    this.#training = undefined;
    const { train, val, notes } = datasets;
    const warnings = [...new Set([...train.warnings, ...val.warnings])];
    return { name, classes: train.names, train: splitInfo(train), val: splitInfo(val), notes, warnings };
  }

  async openZip(file: Blob, name: string, onProgress: OnProgress): Promise<DataInfo> {
    return this.openFiles(await filesOfZip(file, name), name, onProgress);
  }

  async openShapes(onProgress: OnProgress): Promise<{ model: ModelInfo; data: DataInfo }> {
    const model = await this.openModel(await shapesCheckpoint(), 'shapes.safetensors');
    const data = await this.openFiles(await renderShapes(onProgress), 'rendered shapes', () => {});
    return { model, data };
  }

  async freeze(selector: string): Promise<FreezeInfo> {
    const { detector } = this.#opened();
    const { frozen, layers } = freezeFor(detector, selector.trim().split(/\s+/));
    const count = { trainable: 0, frozen: 0 };
    for (const { name, shape } of detector.model.parameters)
      count[frozen.has(name) ? 'frozen' : 'trainable'] += numel(shape);
    return { ...count, layers };
  }

  async pictures(): Promise<readonly Picture[]> {
    const { val } = this.#datasets();
    return chosen(val).map(({ path, width, height, labels }) => ({
      path,
      blob: fileOf(val, path),
      width,
      height,
      labels: labelBoxes(labels, width, height, val.names),
    }));
  }

  async plan(settings: TrainSettings): Promise<readonly PlanRow[]> {
    const { detector } = this.#opened();
    const { imgsz, batchSize, optimizer, freezeBn } = pageSettings(settings);
    const rows = planFreeze(detector, {
      hyp: recipeOf(settings),
      imgsz: roundedImgsz(detector, imgsz),
      batchSize: batchSize === -1 ? PLANNED_BATCH : batchSize,
      ...{ optimizer, freezeBn },
    });
    return rows.map(({ depth, trainableParameters, peakBytes, relativeTime }) => ({
      ...{ freeze: depth, trainableParameters, peakBytes, time: relativeTime },
    }));
  }

  async train(
    settings: TrainSettings,
    goOn: boolean,
    onEvent: (event: TrainEvent) => void,
  ): Promise<TrainSummary> {
    const status = (text: string) => onEvent({ type: 'status', text });
    const before = goOn ? (this.#training?.saved ?? this.#resumable()) : undefined;
    const training = (before && this.#training) ?? new Training(this.#host(onEvent));
    this.#training = training;
    this.#abort = new AbortController();
    const run = {
      signal: this.#abort.signal,
      onEvent,
      onDetector: async (detector: Detector) => {
        status('Detecting in the pictures');
        onEvent({ type: 'pictures', detections: await this.#detectPictures(detector, settings) });
      },
    };
    const { device, epochs } = settings;
    if (before) return training.goOn(before, { device, epochs }, run);
    return training.start(
      { ...pageSettings(settings), data: this.#data?.name ?? '', weights: 'opened' },
      run,
    );
  }

  /** What a training needs of this page. */
  #host(onEvent: (event: TrainEvent) => void): Host {
    return createPageHost({
      checkpoint: this.#opened().checkpoint,
      datasets: this.#datasets(),
      recipes: { demo: DEMO_HYP },
      openDevice: async (request) => {
        onEvent({ type: 'status', text: 'Starting the device' });
        const { opened, ...device } = await this.#deviceFor(request);
        onEvent({ type: 'device', device });
        onEvent({ type: 'status', text: 'Building and compiling the training step' });
        return opened;
      },
      createLoaderWorker,
    });
  }

  /** The run in the checkpoint that was opened. */
  #resumable(): SavedRun | undefined {
    const { checkpoint, name } = this.#opened();
    const record = recordOf(checkpoint, name);
    return record && checkpoint.groups ? { ...record, ...trainingStateOf(checkpoint, name) } : undefined;
  }

  async stop(): Promise<void> {
    this.#abort?.abort();
  }

  async validate(which: Which, settings: TrainSettings, onProgress: OnProgress): Promise<Validation> {
    const detector = this.#detector(which);
    const { val, name: data } = this.#datasets();
    const { toDetector, note } = matchClasses(detector.names, val.names, data);
    const labeled = toDetector ? withClasses(val, (from) => toDetector[from], detector.names) : val;
    const { executor } = (await this.#deviceFor(settings.device)).opened;
    this.#abort = new AbortController();
    const loader = createValLoader(labeled, {
      imgsz: roundedImgsz(detector, settings.imgsz),
      batchSize: VALIDATED_BATCH,
      stride: strideOf(detector),
      workers: { count: 1, create: createLoaderWorker },
    });
    try {
      const { details: _, ...result } = await validate(detector, yielding(loader.epoch(0)), {
        executor,
        signal: this.#abort.signal,
        onBatch: ({ images }) => onProgress(images, val.images.length),
      });
      return { ...result, ...(note === undefined ? {} : { classNote: note }) };
    } finally {
      loader.close();
    }
  }

  async detect(image: Blob, name: string, which: Which, settings: TrainSettings): Promise<Found> {
    const pixels = await decodeImage(image, name);
    const started = performance.now();
    const [detections] = await this.#predict(this.#detector(which), [pixels], settings);
    const { width, height } = pixels;
    return { detections: detections, width, height, milliseconds: performance.now() - started };
  }

  detectPictures(which: Which, settings: TrainSettings): Promise<PictureDetections> {
    return this.#detectPictures(this.#detector(which), settings);
  }

  async save(which: 'best' | 'last'): Promise<Uint8Array> {
    const bytes = this.#training?.save(which);
    if (!bytes) throw new Error('there is nothing to save yet: train first');
    return bytes;
  }

  async #detectPictures(detector: Detector, settings: TrainSettings): Promise<PictureDetections> {
    const { val } = this.#datasets();
    const images = chosen(val).map(({ path }) => decodeImage(fileOf(val, path), path));
    return this.#predict(detector, await Promise.all(images), settings);
  }

  async #predict(detector: Detector, images: readonly RgbImage[], settings: TrainSettings) {
    const { executor } = (await this.#deviceFor(settings.device)).opened;
    const predictor = createPredictor(detector, {
      executor,
      imgsz: roundedImgsz(detector, settings.imgsz),
      confThres: LOWEST_CONFIDENCE,
    });
    try {
      const found: (readonly Detection[])[] = [];
      for (const image of images) found.push((await predictor.predict(image)).detections);
      return found;
    } finally {
      await predictor.dispose();
    }
  }

  /** One device is open at a time; one that failed to open is tried again. */
  async #deviceFor(request: string): Promise<OpenDevice> {
    if (this.#device?.request !== request) {
      const before = this.#device;
      this.#device = { request, opened: open(request) };
      await before?.opened.then(({ opened }) => opened.executor.dispose()).catch(() => {});
    }
    try {
      return await this.#device.opened;
    } catch (error) {
      this.#device = undefined;
      throw error;
    }
  }

  #detector(which: Which): Detector {
    if (which === 'opened') return this.#opened().detector;
    const detector = this.#training?.detector(which);
    if (!detector) throw new Error('nothing has been trained yet');
    return detector;
  }

  #opened(): OpenedModel {
    if (!this.#model) throw new Error('open a checkpoint first');
    return this.#model;
  }

  #datasets(): OpenedDatasets & { readonly name: string } {
    if (!this.#data) throw new Error('open images with labels first');
    return this.#data;
  }
}
