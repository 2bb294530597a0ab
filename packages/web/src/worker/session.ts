/** What the worker holds: the opened checkpoint and images, the device, and the training. */
import { hypPresets, parseHyp, type RgbImage } from '@froyolo/data';
import {
  type BrowserDataset,
  decodeImage,
  filesOfZip,
  type OpenedDatasets,
  openDatasets,
  type SourceFile,
} from '@froyolo/data/browser';
import { type Checkpoint, loadCheckpoint } from '@froyolo/weights';
import {
  createPredictor,
  type Detection,
  type Detector,
  detectorFromCheckpoint,
  roundedImgsz,
  validate,
} from '@froyolo/yolo';
import demoHyp from '../../../shapes/embedded/demo-hyp.yaml?raw';
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
  type TrainEvent,
  type TrainSettings,
  type TrainSummary,
  type Validation,
  type Which,
  type Worker as WorkerApi,
} from './api.js';
import { deviceChoices, type OpenDevice, open } from './device.js';
import { renderShapes, shapesCheckpoint } from './shapes.js';
import { freezePolicy, openValLoader, Training, yielding } from './training.js';

/** Validation images that are shown. */
const PICTURES = 8;

interface OpenedModel {
  readonly checkpoint: Checkpoint;
  readonly detector: Detector;
}

export class Session implements WorkerApi {
  #model: OpenedModel | undefined;
  #data: OpenedDatasets | undefined;
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
    this.#model = { checkpoint, detector };
    this.#training = undefined;
    const { layers } = detector.model;
    const parameters = layers.reduce((sum, { parameterCount }) => sum + parameterCount, 0);
    return { name, classes: detector.names, layers: layers.length, parameters };
  }

  async openFiles(files: readonly SourceFile[], name: string, onProgress: OnProgress): Promise<DataInfo> {
    const datasets = await openDatasets(files, { onProgress });
    this.#data = datasets;
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
    const { frozen, layers } = freezePolicy(detector, selector);
    const count = { trainable: 0, frozen: 0 };
    for (const { name, shape } of detector.model.parameters)
      count[frozen.has(name) ? 'frozen' : 'trainable'] += shape.reduce((product, size) => product * size, 1);
    return { ...count, layers };
  }

  async pictures(): Promise<readonly Picture[]> {
    const { val } = this.#datasets();
    return chosen(val).map(({ path, width, height, labels }) => ({
      path,
      blob: val.files.get(path)!,
      width,
      height,
      labels: labelBoxes(labels, width, height, val.names),
    }));
  }

  async train(
    settings: TrainSettings,
    goOn: boolean,
    onEvent: (event: TrainEvent) => void,
  ): Promise<TrainSummary> {
    const status = (text: string) => onEvent({ type: 'status', text });
    const { checkpoint } = this.#opened();
    const datasets = this.#datasets();
    const hyp = settings.recipe === 'demo' ? parseHyp(demoHyp, 'demo-hyp.yaml') : presetOf(settings.recipe);
    if (!goOn || !this.#training) this.#training = new Training({ checkpoint, datasets, hyp, settings });
    const training = this.#training;
    status('Starting the device');
    const { opened, ...device } = await this.#deviceFor(settings.device);
    onEvent({ type: 'device', device });
    status('Building and compiling the training step');
    this.#abort = new AbortController();
    return training.run({
      executor: opened.executor,
      epochs: settings.epochs,
      signal: this.#abort.signal,
      onEvent,
      onDetector: async (detector) => {
        status('Detecting in the pictures');
        onEvent({ type: 'pictures', detections: await this.#detectPictures(detector, settings) });
      },
    });
  }

  async stop(): Promise<void> {
    this.#abort?.abort();
  }

  async validate(which: Which, settings: TrainSettings, onProgress: OnProgress): Promise<Validation> {
    const detector = this.#detector(which);
    const { val } = this.#datasets();
    checkNames(detector.names, val.names);
    const { executor } = (await this.#deviceFor(settings.device)).opened;
    this.#abort = new AbortController();
    const loader = openValLoader(val, detector, settings);
    try {
      const { details: _, ...result } = await validate(detector, yielding(loader).epoch(0), {
        executor,
        signal: this.#abort.signal,
        onBatch: ({ images }) => onProgress(images, val.images.length),
      });
      return result;
    } finally {
      loader.close();
    }
  }

  async detect(image: Blob, name: string, which: Which, settings: TrainSettings): Promise<Found> {
    const pixels = await decodeImage(image, name);
    const started = performance.now();
    const [detections] = await this.#predict(this.#detector(which), [pixels], settings);
    const { width, height } = pixels;
    return { detections: detections!, width, height, milliseconds: performance.now() - started };
  }

  detectPictures(which: Which, settings: TrainSettings): Promise<PictureDetections> {
    return this.#detectPictures(this.#detector(which), settings);
  }

  async save(which: 'best' | 'last'): Promise<Uint8Array> {
    if (!this.#training) throw new Error('there is nothing to save yet: train first');
    return this.#training.save(which);
  }

  async #detectPictures(detector: Detector, settings: TrainSettings): Promise<PictureDetections> {
    const { val } = this.#datasets();
    const images = chosen(val).map(({ path }) => decodeImage(val.files.get(path)!, path));
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
    if (!this.#training) throw new Error('nothing has been trained yet');
    return this.#training.detector(which);
  }

  #opened(): OpenedModel {
    if (!this.#model) throw new Error('open a checkpoint first');
    return this.#model;
  }

  #datasets(): OpenedDatasets {
    if (!this.#data) throw new Error('open images with labels first');
    return this.#data;
  }
}

/** @throws Error where detections and labels don't mean the same classes */
function checkNames(known: readonly string[], labeled: readonly string[]): void {
  if (known.length === labeled.length && known.every((name, i) => name === labeled[i])) return;
  const some = (names: readonly string[]) =>
    `${names.length} (${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''})`;
  throw new Error(
    `the checkpoint's classes are ${some(known)} and those of the images are ${some(labeled)}, so there is nothing to compare; train first, then validate`,
  );
}

function presetOf(name: string) {
  const preset = Object.entries(hypPresets).find(([key]) => key === name);
  if (!preset) throw new Error(`there is no recipe "${name}"`);
  return preset[1];
}

function splitInfo({ images }: BrowserDataset) {
  return { images: images.length, objects: images.reduce((sum, { labels }) => sum + labels.length / 5, 0) };
}

/** A few images from all over the set, those with labels first. */
function chosen({ images }: BrowserDataset): BrowserDataset['images'] {
  const labeled = images.filter(({ labels }) => labels.length > 0);
  const from = labeled.length >= PICTURES ? labeled : images;
  const step = Math.max(1, from.length / PICTURES);
  return Array.from({ length: Math.min(PICTURES, from.length) }, (_, i) => from[Math.floor(i * step)]!);
}

function labelBoxes(
  labels: Float32Array,
  width: number,
  height: number,
  names: readonly string[],
): Detection[] {
  return Array.from({ length: labels.length / 5 }, (_, i) => {
    const [classId, cx, cy, w, h] = Array.from(labels.subarray(5 * i, 5 * i + 5)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const box = [
      (cx - w / 2) * width,
      (cy - h / 2) * height,
      (cx + w / 2) * width,
      (cy + h / 2) * height,
    ] as const;
    return { classId, name: names[classId]!, confidence: 1, box };
  });
}
