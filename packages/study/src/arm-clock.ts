/** How long a run took, over all the sessions that it took. */
import type { StartEvent } from '@froyolo/yolo';
import type { ArmState, EpochTiming, PartialEpoch } from './arm-folder.js';

export class ArmClock {
  readonly #now: () => number;
  /** Seconds of work before `#started`. */
  #before = 0;
  #started: number;
  #timing: readonly EpochTiming[];
  /** Epoch that a clean stop interrupted. */
  #partial: PartialEpoch | undefined;
  #epochStarted: number;

  /**
   * @param before figures of earlier sessions, if any
   * @param now in milliseconds
   */
  constructor(before: ArmState | undefined, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#timing = before?.timing ?? [];
    this.#partial = before?.partial;
    this.#started = this.#epochStarted = now();
  }

  get timing(): readonly EpochTiming[] {
    return this.#timing;
  }

  get #elapsed(): number {
    return this.#before + (this.#now() - this.#started) / 1000;
  }

  /** Epochs that a resumed run does again are forgotten; its second start-up doesn't count. */
  start({ epoch, batch }: Pick<StartEvent, 'epoch' | 'batch'>): void {
    this.#epochStarted = this.#now();
    if (epoch === 0 && batch === 0) {
      this.#timing = [];
      this.#partial = undefined;
      return;
    }
    this.#timing = this.#timing.filter((row) => row.epoch < epoch);
    if (batch === 0 || this.#partial?.epoch !== epoch) this.#partial = undefined;
    this.#before = this.#partial?.elapsed ?? this.#timing.at(-1)?.elapsed ?? 0;
    this.#started = this.#epochStarted;
  }

  endEpoch(epoch: number, seconds: { readonly training: number; readonly validation: number }): void {
    const before = this.#partial?.epoch === epoch ? this.#partial.training : 0;
    const { training, validation } = seconds;
    this.#timing = [
      ...this.#timing,
      { epoch, elapsed: this.#elapsed, training: before + training, validation },
    ];
    this.#partial = undefined;
    this.#epochStarted = this.#now();
  }

  /** The finished part of an epoch that is interrupted now. */
  stopIn(epoch: number): PartialEpoch {
    const before = this.#partial?.training ?? 0;
    const training = before + (this.#now() - this.#epochStarted) / 1000;
    return { epoch, elapsed: this.#elapsed, training };
  }
}
