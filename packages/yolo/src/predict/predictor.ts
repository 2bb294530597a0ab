/** Detection in single images. */

import { type Fit, fitInto } from '@froyolo/boxes';
import { type AsyncResource, disposable, type Executor, type Tensor } from '@froyolo/core';
import { checkImagePixels, letterbox, type RgbImage, toPlanes } from '@froyolo/data';
import { DETECTION_DEFAULTS } from '../defaults.js';
import type { Detector } from '../detector/detector.js';
import { fixedSizeOf, strideOf } from '../detector/image-size.js';
import { DetectorError } from '../errors.js';
import { imageFeed } from '../step/images.js';
import { compileAugmented } from './augmented-program.js';
import { type Detection, toDetections } from './detections.js';
import { compileInference } from './inference-graph.js';
import { ProgramCache } from './programs.js';

export interface PredictOptions {
  readonly executor: Executor;
  /**
   * Long side of the image that the network sees, or the height and width that it fits into, in pixels: multiples of
   * the largest stride. Default 640.
   */
  readonly imgsz?: number | readonly [height: number, width: number];
  /** Default 0.25. */
  readonly confThres?: number;
  /** Default 0.45. */
  readonly iouThres?: number;
  /** Detections of an image at most. Default 1000. */
  readonly maxDet?: number;
  /** Keep only these classes. */
  readonly classes?: readonly number[];
  /** Boxes of different classes suppress each other too. Default false. */
  readonly agnostic?: boolean;
  /** Look at several views of each image (test-time augmentation): slower, and finds a little more. Default false. */
  readonly augment?: boolean;
  /** Convolutions in half precision, on executors that have it. Default false. */
  readonly half?: boolean;
}

/** Milliseconds that the parts of a prediction took. */
export interface Speed {
  readonly preprocess: number;
  readonly inference: number;
  readonly nms: number;
}

export interface Prediction {
  /** The most confident first. */
  readonly detections: readonly Detection[];
  readonly speed: Speed;
  /** Height and width that the network saw. */
  readonly shape: readonly [height: number, width: number];
}

/** Frees its programs when it is disposed of. */
export interface Predictor extends AsyncResource {
  /** Detects objects in an RGB image; the first of each shape takes longer. Throws what `checkImagePixels` does. */
  predict(image: RgbImage): Promise<Prediction>;
}

/** @throws DetectorError when `imgsz` is not a multiple of the largest stride */
export function createPredictor(detector: Detector, options: PredictOptions): Predictor {
  const { executor, imgsz = DETECTION_DEFAULTS.imgsz, augment = false, half = false } = options;
  const compile = augment ? compileAugmented : compileInference;
  const stride = strideOf(detector);
  const [maxHeight, maxWidth] = typeof imgsz === 'number' ? [imgsz, imgsz] : imgsz;
  for (const size of [maxHeight, maxWidth])
    if (size % stride !== 0) throw new DetectorError(`imgsz ${size} is not a multiple of ${stride}`);
  const programs = new ProgramCache();
  return disposable({
    async predict(image: RgbImage): Promise<Prediction> {
      checkImagePixels(image);
      const started = performance.now();
      const fitted = letterbox(image, [maxHeight, maxWidth], { auto: !fixedSizeOf(detector), stride });
      const { width, height } = fitted.image;
      const planes = new Uint8Array(3 * width * height);
      toPlanes(fitted.image, planes);
      const program = await programs.get(`${height}x${width}`, () =>
        compile(detector, executor, [height, width], { batchSize: 1, half }),
      );
      const fed = performance.now();
      const { predictions } = await program.run({ images: imageFeed(planes, [1, 3, height, width]) });
      const inferred = performance.now();
      const detections = detectionsOf(predictions, fitInto(fitted.image, image), detector, options);
      const done = performance.now();
      const speed = { preprocess: fed - started, inference: inferred - fed, nms: done - inferred };
      return { detections, speed, shape: [height, width] };
    },
    dispose: () => programs.dispose(),
  });
}

function detectionsOf(
  predictions: Tensor,
  fit: Fit,
  { names, family }: Detector,
  given: PredictOptions,
): Detection[] {
  const { confThres, iouThres, maxDet } = DETECTION_DEFAULTS;
  const [rows] = family.suppress(predictions, {
    confThres: given.confThres ?? confThres,
    iouThres: given.iouThres ?? iouThres,
    maxDet: given.maxDet ?? maxDet,
    agnostic: given.agnostic ?? false,
    ...(given.classes ? { classes: given.classes } : {}),
  });
  return toDetections(rows, fit, names);
}
