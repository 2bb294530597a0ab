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
import { createPredictor, type Detection, type Detector, detectorFromCheckpoint } from '@froyolo/yolo';
import demoHyp from '../../../shapes/embedded/demo-hyp.yaml?raw';
import type {
  DataInfo,
  Found,
  FreezeInfo,
  ModelInfo,
  OnProgress,
  Picture,
  PictureDetections,
  TrainEvent,
  TrainSettings,
  TrainSummary,
  Which,
  Worker as WorkerApi,
} from './api.js';
import { createDevice, type Device } from './executor.js';
import { renderShapes, shapesCheckpoint } from './shapes.js';
import { freezePolicy, Training } from './training.js';

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
  #device: Promise<Device> | undefined;
  #abort: AbortController | undefined;

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
    const { executor, ...device } = await this.#deviceFor(settings);
    onEvent({ type: 'device', device });
    status('Building and compiling the training step');
    this.#abort = new AbortController();
    return training.run({
      executor,
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
    const { executor } = await this.#deviceFor(settings);
    const stride = Math.max(...detector.model.strides);
    const predictor = createPredictor(detector, {
      executor,
      imgsz: Math.ceil(settings.imgsz / stride) * stride,
    });
    try {
      const found: (readonly Detection[])[] = [];
      for (const image of images) found.push((await predictor.predict(image)).detections);
      return found;
    } finally {
      await predictor.dispose();
    }
  }

  #deviceFor(_: TrainSettings): Promise<Device> {
    this.#device ??= createDevice();
    return this.#device;
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
  const labelled = images.filter(({ labels }) => labels.length > 0);
  const from = labelled.length >= PICTURES ? labelled : images;
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
