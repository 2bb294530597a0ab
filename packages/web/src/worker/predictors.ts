/** The predictor that was used last: its compiled programs serve the next picture of the same weights. */
import type { Executor } from '@froyolo/core';
import type { RgbImage } from '@froyolo/data';
import { createPredictor, type Detector, type Prediction, type Predictor, roundedImgsz } from '@froyolo/yolo';
import { type DetectOptions, LOWEST_CONFIDENCE } from './api.js';
import type { Devices } from './devices.js';

export class Predictors {
  readonly #devices: Devices;
  #kept:
    | {
        readonly detector: Detector;
        readonly executor: Executor;
        readonly key: string;
        readonly predictor: Predictor;
      }
    | undefined;

  constructor(devices: Devices) {
    this.#devices = devices;
  }

  async predict(
    detector: Detector,
    image: RgbImage,
    { imgsz, device, iouThres }: DetectOptions,
  ): Promise<Prediction> {
    const { executor } = (await this.#devices.get(device)).opened;
    const key = `${imgsz} ${iouThres}`;
    const kept = this.#kept;
    if (kept?.detector !== detector || kept.executor !== executor || kept.key !== key) {
      await this.dispose();
      const predictor = createPredictor(detector, {
        executor,
        imgsz: roundedImgsz(detector, imgsz),
        confThres: LOWEST_CONFIDENCE,
        iouThres,
      });
      this.#kept = { detector, executor, key, predictor };
      return predictor.predict(image);
    }
    return kept.predictor.predict(image);
  }

  async dispose(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    await kept?.predictor.dispose();
  }
}
