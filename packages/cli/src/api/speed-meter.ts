import type { Speed } from '@froyolo/yolo';

/** Adds up how long images took, part by part and in all. */
export class SpeedMeter {
  readonly #started = performance.now();
  readonly #sum = { preprocess: 0, inference: 0, nms: 0 };
  #images = 0;

  add({ preprocess, inference, nms }: Speed): void {
    this.#sum.preprocess += preprocess;
    this.#sum.inference += inference;
    this.#sum.nms += nms;
    this.#images++;
  }

  /** Means in milliseconds, and images per second of wall time. */
  get result(): { readonly perSecond: number; readonly speed?: Speed } {
    const seconds = (performance.now() - this.#started) / 1000;
    if (this.#images === 0) return { perSecond: 0 };
    const mean = (sum: number) => sum / this.#images;
    const { preprocess, inference, nms } = this.#sum;
    return {
      perSecond: this.#images / seconds,
      speed: { preprocess: mean(preprocess), inference: mean(inference), nms: mean(nms) },
    };
  }
}
