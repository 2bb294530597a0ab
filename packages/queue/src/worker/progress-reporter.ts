import type { ArmNews, ArmProgress } from '../protocol.js';

/** Shortest time between reports of batches, in milliseconds. */
const BATCH_MS = 1000;

/** Tells how a run goes: one message after the other, of batches only the newest. */
export class ProgressReporter {
  readonly #send: (progress: ArmProgress) => Promise<void>;
  readonly #place: Pick<ArmProgress, 'worker' | 'device'>;
  #figures = { epoch: 0, epochs: 0, imagesPerSecond: 0, epochSeconds: 0 };
  #waiting: ArmNews[] = [];
  #sending: Promise<void> | undefined;
  #lastBatch = Number.NEGATIVE_INFINITY;

  /** @param send rejects where nobody listens, which doesn't matter */
  constructor(place: Pick<ArmProgress, 'worker' | 'device'>, send: (progress: ArmProgress) => Promise<void>) {
    this.#place = place;
    this.#send = send;
  }

  add(news: ArmNews): void {
    this.#note(news);
    if (news.kind === 'batch') {
      if (performance.now() - this.#lastBatch < BATCH_MS) return;
      this.#lastBatch = performance.now();
      this.#waiting = this.#waiting.filter(({ kind }) => kind !== 'batch');
    }
    this.#waiting.push(news);
    this.#sending ??= this.#sendAll();
  }

  /** Waits until everything is reported, or can't be. */
  async end(): Promise<void> {
    await this.#sending;
  }

  #note(news: ArmNews): void {
    if (news.kind === 'start') {
      const { epoch, epochs } = news.event;
      this.#figures = { ...this.#figures, epoch, epochs };
    } else if (news.kind === 'batch') {
      const { imagesPerSecond } = news.event;
      this.#figures = { ...this.#figures, imagesPerSecond };
    } else if (news.kind === 'epoch') {
      const { epoch, epochs, seconds } = news.event;
      const epochSeconds = seconds.training + seconds.validation;
      this.#figures = { ...this.#figures, epoch: epoch + 1, epochs, epochSeconds };
    }
  }

  async #sendAll(): Promise<void> {
    for (let event = this.#waiting.shift(); event; event = this.#waiting.shift())
      await this.#send({ ...this.#place, ...this.#figures, event }).catch(() => undefined);
    this.#sending = undefined;
  }
}
