/** Mean average precision of a detector over batches with known boxes. */
import {
  type ClassMetrics,
  type ClassResult,
  DETECTION_ROW,
  type Fit,
  fitInto,
  type KnownBox,
  Statistics,
  type ValidationDetails,
} from '@froyolo/boxes';
import type { Executor, Program, Tensor } from '@froyolo/core';
import { type Batch, TARGET_ROW } from '@froyolo/data';
import { VALIDATION_DEFAULTS } from '../defaults.js';
import type { Detector } from '../detector/detector.js';
import type { LossSettings } from '../family.js';
import { type Losses, lossesIn, noLosses, runningMean } from '../loss/losses.js';
import { compileAugmented } from '../predict/augmented-program.js';
import { type Detection, toDetections } from '../predict/detections.js';
import { compileInference } from '../predict/inference-graph.js';
import type { Speed } from '../predict/predictor.js';
import { ProgramCache } from '../predict/programs.js';
import { imageFeed } from '../step/images.js';

export interface ValidateOptions {
  readonly executor: Executor;
  /** Default 0.001. */
  readonly confThres?: number;
  /** Default 0.6. */
  readonly iouThres?: number;
  /** Detections of an image at most. Default 300. */
  readonly maxDet?: number;
  /** Count every detection as class 0, as the labels of a dataset opened with `singleCls` are. Default false. */
  readonly singleCls?: boolean;
  /** Compute the losses too, with these hyperparameters and the training's image size. */
  readonly loss?: LossSettings;
  /** Look at several views of each image (test-time augmentation). Not with `loss`. Default false. */
  readonly augment?: boolean;
  /** Convolutions in half precision, on executors that have it. Default false. */
  readonly half?: boolean;
  /** Add the labels to what the network predicts, as boxes of confidence 1 (automatic labeling). Default false. */
  readonly hybrid?: boolean;
  /** Aborting ends validation after the batch that runs; the figures are those of the batches done. */
  readonly signal?: AbortSignal;
  onBatch?(event: ValidationBatchEvent): void;
  /** The images of a batch and what was found in each, in the batch's pixels. */
  onPredictions?(batch: Batch, detections: readonly (readonly Detection[])[]): void;
  /** After each image; validation goes on once it is done. */
  onImage?(event: ImageDetections): void | Promise<void>;
}

/** What was found in an image. */
export interface ImageDetections {
  readonly path: string;
  /** Size of the original image in pixels. */
  readonly width: number;
  readonly height: number;
  /** The most confident first. */
  readonly detections: readonly Detection[];
}

export interface ValidationBatchEvent {
  /** Batches and images done. */
  readonly batch: number;
  readonly images: number;
}

/** Means over the classes that occur, and each of them. */
export interface ValidationResult extends ClassMetrics {
  readonly images: number;
  readonly instances: number;
  readonly classes: readonly ClassResult[];
  readonly details: ValidationDetails;
  readonly losses?: Losses;
  /** Milliseconds per image. */
  readonly speed: Speed;
}

/**
 * Validates over batches, in whatever shapes they come; weights are constants in the graphs, boxes are decoded in them.
 * Matching and averages as in COCO's evaluation at ten IoU thresholds from 0.5 to 0.95, interpolated at 101 points.
 */
export async function validate(
  detector: Detector,
  batches: AsyncIterable<Batch>,
  options: ValidateOptions,
): Promise<ValidationResult> {
  const validation = new Validation(detector, options);
  try {
    for await (const batch of batches) {
      await validation.add(batch);
      if (options.signal?.aborted) break;
    }
    return validation.result();
  } finally {
    await validation.dispose();
  }
}

/** The fit of images that are the files themselves. */
const unscaled = ({ shape: [, , height, width] }: Batch): Fit =>
  fitInto({ width, height }, { width, height });

/** Labels per image: class, center, width and height in the batch's pixels. */
function boxesOf({ targets, shape: [count, , height, width] }: Batch): KnownBox[][] {
  const boxes: KnownBox[][] = Array.from({ length: count }, () => []);
  const { at, width: columns } = TARGET_ROW;
  for (let row = 0; row < targets.length; row += columns) {
    const value = (column: keyof typeof at) => targets[row + at[column]];
    boxes[value('image')].push({
      cls: value('cls'),
      xywh: [value('cx') * width, value('cy') * height, value('w') * width, value('h') * height],
    });
  }
  return boxes;
}

class Validation {
  readonly #detector: Detector;
  readonly #options: ValidateOptions;
  readonly #programs: ProgramCache;
  /** Milliseconds in all. */
  readonly #time = { preprocess: 0, inference: 0, nms: 0 };
  readonly #statistics: Statistics;
  #losses: Losses | undefined;
  #images = 0;
  #batches = 0;

  constructor(detector: Detector, options: ValidateOptions) {
    this.#detector = detector;
    this.#options = options;
    this.#programs = new ProgramCache();
    this.#statistics = new Statistics(this.#names.length, detector.family.labelRow);
  }

  get #names(): readonly string[] {
    return this.#options.singleCls ? ['item'] : this.#detector.names;
  }

  async add(batch: Batch): Promise<void> {
    const started = performance.now();
    const [count, , height, width] = batch.shape;
    const program = await this.#programs.get(`${height}x${width}`, () => this.#compile([height, width]));
    const feeds = this.#feeds(batch);
    const fed = performance.now();
    const outputs = await program.run(feeds);
    const inferred = performance.now();
    await this.#match(batch, outputs.predictions);
    this.#addLosses(outputs);
    this.#time.preprocess += fed - started;
    this.#time.inference += inferred - fed;
    this.#time.nms += performance.now() - inferred;
    this.#images += count;
    this.#batches++;
    this.#options.onBatch?.({ batch: this.#batches, images: this.#images });
  }

  #compile(shape: readonly [number, number]): Promise<Program> {
    const { executor, loss, augment = false, half = false } = this.#options;
    const compile = augment ? compileAugmented : compileInference;
    return compile(this.#detector, executor, shape, { loss, half });
  }

  #feeds(batch: Batch): Record<string, Tensor> {
    const images = imageFeed(batch.images, batch.shape);
    const { loss } = this.#options;
    const { family, model } = this.#detector;
    return loss ? { images, ...family.assign(batch, model, loss) } : { images };
  }

  #addLosses(outputs: Record<string, Tensor>): void {
    if (!this.#options.loss) return;
    const { lossTerms } = this.#detector.family;
    const losses = lossesIn(outputs, lossTerms);
    this.#losses = runningMean(this.#losses ?? noLosses(lossTerms), losses, this.#batches);
  }

  /** Boxes that are left after NMS, compared with the labels image by image. */
  async #match(batch: Batch, predictions: Tensor): Promise<void> {
    const {
      confThres = VALIDATION_DEFAULTS.confThres,
      iouThres = VALIDATION_DEFAULTS.iouThres,
      maxDet = VALIDATION_DEFAULTS.maxDet,
      singleCls = false,
      hybrid,
    } = this.#options;
    const known = hybrid ? { known: boxesOf(batch) } : {};
    const options = { confThres, iouThres, maxDet, multiLabel: true, agnostic: singleCls, ...known };
    const detections = this.#detector.family.suppress(predictions, options);
    if (singleCls)
      for (const rows of detections)
        for (let i = DETECTION_ROW.at.cls; i < rows.length; i += DETECTION_ROW.width) rows[i] = 0;
    this.#options.onPredictions?.(
      batch,
      detections.map((rows) => toDetections(rows, unscaled(batch), this.#names)),
    );
    for (const [image, rows] of detections.entries()) {
      this.#statistics.add(rows, batch, image);
      await this.#options.onImage?.(this.#imageDetections(rows, batch, image));
    }
  }

  #imageDetections(rows: Float32Array, batch: Batch, image: number): ImageDetections {
    const [height, width] = batch.meta[image].originalShape;
    const detections = toDetections(rows, batch.meta[image], this.#names);
    return { path: batch.paths[image], width, height, detections };
  }

  result(): ValidationResult {
    const perImage = (milliseconds: number) => milliseconds / Math.max(this.#images, 1);
    const { preprocess, inference, nms } = this.#time;
    return {
      ...this.#statistics.result(this.#names),
      images: this.#images,
      ...(this.#losses ? { losses: this.#losses } : {}),
      speed: { preprocess: perImage(preprocess), inference: perImage(inference), nms: perImage(nms) },
    };
  }

  dispose(): Promise<void> {
    return this.#programs.dispose();
  }
}
