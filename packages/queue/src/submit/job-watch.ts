/** Waits for jobs: by the events of the queue, and by looking now and then, since Redis may forget its last second. */
import { setMaxListeners } from 'node:events';
import type { Queue, QueueEvents } from 'bullmq';
import { type ArmProgress, parseProgress } from '../protocol.js';

/** How a job ended; `lost` where Redis doesn't know it any more. */
export type JobEnd =
  | { readonly kind: 'completed' | 'lost' }
  | { readonly kind: 'failed'; readonly reason: string };

interface Waiting {
  readonly end: (end: JobEnd) => void;
  readonly onProgress: (progress: ArmProgress) => void;
}

/** Jobs that are looked at every time. */
const LOOKED_AT = 250;
const LOOK_MS = 5000;

export class JobWatch {
  readonly #queue: Queue;
  /** In the order in which they were looked at. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #timer: NodeJS.Timeout;

  constructor(queue: Queue, events: QueueEvents) {
    this.#queue = queue;
    events.on('completed', ({ jobId }) => this.#end(jobId, { kind: 'completed' }));
    events.on('failed', ({ jobId, failedReason }) =>
      this.#end(jobId, { kind: 'failed', reason: failedReason }),
    );
    events.on('progress', ({ jobId, data }) => {
      const progress = parseProgress(data);
      if (progress) this.#waiting.get(jobId)?.onProgress(progress);
    });
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  /** Waits for the end of a job; rejects with the signal's reason where that comes first. */
  wait(id: string, signal: AbortSignal, onProgress: Waiting['onProgress']): Promise<JobEnd> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(id);
        reject(signal.reason);
      };
      const end = (how: JobEnd) => {
        signal.removeEventListener('abort', leave);
        resolve(how);
      };
      if (signal.aborted) return leave();
      // All runs of a study have one.
      setMaxListeners(0, signal);
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.set(id, { end, onProgress });
    });
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #end(id: string, how: JobEnd): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.end(how);
  }

  /** A look that fails, because Redis is away, is made again next time. */
  async #look(): Promise<void> {
    const ids = [...this.#waiting.keys()].slice(0, LOOKED_AT);
    await Promise.all(ids.map((id) => this.#lookAt(id))).catch(() => undefined);
  }

  async #lookAt(id: string): Promise<void> {
    const state = await this.#queue.getJobState(id);
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    if (state === 'completed') return this.#end(id, { kind: 'completed' });
    if (state === 'unknown') return this.#end(id, { kind: 'lost' });
    if (state === 'failed') {
      const job = await this.#queue.getJob(id);
      return this.#end(id, { kind: 'failed', reason: job?.failedReason ?? 'no reason is known' });
    }
    // Moves to the end of the list to check.
    this.#waiting.delete(id);
    this.#waiting.set(id, waiting);
  }
}
