/** A worker: takes runs from the queue, one on each of its devices, until it is stopped. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { reasonOf } from '@froyolo/errors';
import { type ArmLauncher, processLauncher } from '@froyolo/study';
import { cacheDir } from '@froyolo/weights/node';
import { Worker as BullWorker, type Job, UnrecoverableError, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import { parseQueueAddress } from '../address.js';
import { connect } from '../connect.js';
import { QueueError } from '../errors.js';
import { type ArmProgress, PREFIX, parseJob, QUEUE } from '../protocol.js';
import { RunStore } from '../run/run-store.js';
import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import type { QueuePlaces } from '../submit/queue-launcher.js';
import { VERSION } from '../version.js';
import { Cache } from './cache.js';
import { doArm } from './do-arm.js';
import { ProgressReporter } from './progress-reporter.js';
import { Registration } from './registry.js';

export interface WorkerOptions extends QueuePlaces {
  /** A name that no other worker has; by default host and process. */
  readonly name?: string;
  /** Where to compute, a run on each at the same time; by default one, where the study says. */
  readonly devices?: readonly string[];
  /** Folder for what was fetched, which workers may share; by default in the user's cache. */
  readonly cache?: string;
  /** Milliseconds after which the run of a worker that is silent is given to another one. */
  readonly silence?: number;
  /** Does a run; by default in its own process. */
  readonly launch?: ArmLauncher;
}

export interface WorkerEvents {
  onReady?(name: string): void;
  onRun?(run: string, device: string): void;
  onEnd?(run: string, how: 'finished' | 'handed back' | 'lost' | 'failed', reason?: string): void;
  onWarning?(text: string): void;
}

/** A stopped worker ends within two seconds: a step of training that takes longer than this is abandoned. */
const GRACE_MS = 1200;
const SILENCE_MS = 30_000;
/** How often a run may lose its worker. */
const LOSSES = 20;
const STUDYS_DEVICE = 'auto';

/**
 * Works until the signal is aborted: then each run ends its step, and goes back to the queue with its checkpoint.
 * @throws QueueError, StoreError if the queue or the store can't be used, or the queue holds runs of another version
 */
export async function runWorker(
  options: WorkerOptions,
  signal: AbortSignal,
  events: WorkerEvents = {},
): Promise<void> {
  const store = await openStore(options.store);
  try {
    const redis = await connect(parseQueueAddress(options.queue));
    try {
      await new FroyoloWorker(redis, store, options, events).work(signal);
    } finally {
      redis.disconnect();
    }
  } finally {
    store.close();
  }
}

class FroyoloWorker {
  readonly #redis: Redis;
  readonly #store: Store;
  readonly #options: WorkerOptions;
  readonly #events: WorkerEvents;
  readonly #name: string;
  readonly #devices: readonly (string | undefined)[];
  readonly #cache: Cache;
  readonly #launch: ArmLauncher;
  readonly #stop = new AbortController();
  /** Runs under way, by their jobs. */
  readonly #running = new Map<string, RunningArm>();
  #registration: Registration | undefined;
  #failure: QueueError | undefined;

  constructor(redis: Redis, store: Store, options: WorkerOptions, events: WorkerEvents) {
    this.#redis = redis;
    this.#store = store;
    this.#options = options;
    this.#events = events;
    this.#name = options.name ?? `${hostname()}-${process.pid}`;
    this.#devices = options.devices && options.devices.length > 0 ? options.devices : [undefined];
    this.#cache = new Cache(store, options.cache ?? join(cacheDir(), 'queue'));
    this.#launch = options.launch ?? processLauncher(GRACE_MS);
  }

  async work(signal: AbortSignal): Promise<void> {
    const devices = this.#devices.map((device) => device ?? STUDYS_DEVICE);
    await this.#cache.tidy();
    this.#registration = await Registration.take(this.#redis, this.#name, devices);
    const stop = () => this.#stop.abort();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const workers = this.#devices.map((device) => this.#startDevice(device));
    this.#events.onReady?.(this.#name);
    try {
      await aborted(this.#stop.signal);
      // Each waits for its run, which was told to stop.
      await Promise.all(workers.map((worker) => worker.close()));
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#registration.leave().catch(() => undefined);
    }
    if (this.#failure) throw this.#failure;
  }

  #startDevice(device: string | undefined): BullWorker {
    const silence = this.#options.silence ?? SILENCE_MS;
    const worker: BullWorker = new BullWorker(
      QUEUE,
      (job: Job<unknown>, token) => this.#process(job, token ?? '', device, worker),
      {
        connection: this.#redis,
        prefix: PREFIX,
        name: this.#name,
        concurrency: 1,
        lockDuration: silence,
        stalledInterval: silence / 2,
        maxStalledCount: LOSSES,
      },
    );
    // The connection reconnects by itself, and errors of a run are reported with the run.
    worker.on('error', () => undefined);
    worker.on('lockRenewalFailed', (ids: string[]) => {
      for (const id of ids) this.#running.get(id)?.lose();
    });
    return worker;
  }

  async #process(
    job: Job<unknown>,
    token: string,
    device: string | undefined,
    worker: BullWorker,
  ): Promise<object> {
    const id = job.id ?? '';
    if (versionOf(job.data) !== VERSION) {
      this.#refuse(versionOf(job.data));
      return this.#handBack(job, token, worker);
    }
    const arm = parseJob(job.data);
    const running = new RunningArm(this.#stop.signal);
    this.#running.set(id, running);
    const place = { worker: this.#name, device: device ?? arm.settings.device ?? STUDYS_DEVICE };
    const reporter = new ProgressReporter(place, (progress: ArmProgress) =>
      job.updateProgress({ ...progress }),
    );
    this.#events.onRun?.(arm.name, place.device);
    reporter.add({ kind: 'place' });
    try {
      const status = await doArm(
        arm,
        { cache: this.#cache, runs: new RunStore(this.#store, id), launch: this.#launch, device },
        running.signal,
        (news) => reporter.add(news),
        (text) => this.#events.onWarning?.(`${arm.name}: ${text}`),
        () => running.isLost,
      );
      if (running.isLost) throw new UnrecoverableError('another worker has it');
      if (status === 'stopped') {
        this.#events.onEnd?.(arm.name, 'handed back');
        return await this.#handBack(job, token, worker);
      }
      await reporter.end();
      this.#events.onEnd?.(arm.name, 'finished');
      this.#registration?.countDone();
      return { worker: this.#name };
    } catch (error) {
      if (error instanceof WaitingError) throw error;
      if (running.isLost) this.#events.onEnd?.(arm.name, 'lost');
      else this.#events.onEnd?.(arm.name, 'failed', reasonOf(error));
      throw error;
    } finally {
      running.end();
      this.#running.delete(id);
    }
  }

  /** Puts a job back as it was; this worker takes no other one. */
  async #handBack(job: Job, token: string, worker: BullWorker): Promise<never> {
    void worker.close();
    await job.moveToWait(token);
    throw new WaitingError();
  }

  #refuse(version: string): void {
    this.#failure ??= new QueueError(
      `this worker is froyolo ${VERSION}, and the queue holds a run of froyolo ${version}: install froyolo@${version} here, or start the study with ${VERSION}`,
    );
    this.#stop.abort();
  }
}

/** Jobs of other versions may have another form. */
function versionOf(data: unknown): string {
  const isNamed = typeof data === 'object' && data !== null && 'version' in data;
  return isNamed && typeof data.version === 'string' ? data.version : 'an unknown version';
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Tells a run to stop: with its worker, or because another worker has it. */
class RunningArm {
  readonly #controller = new AbortController();
  readonly #stopping: AbortSignal;
  readonly #stop = () => this.#controller.abort();
  isLost = false;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener('abort', this.#stop, { once: true });
    if (stopping.aborted) this.#stop();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  lose(): void {
    this.isLost = true;
    this.#stop();
  }

  end(): void {
    this.#stopping.removeEventListener('abort', this.#stop);
  }
}
