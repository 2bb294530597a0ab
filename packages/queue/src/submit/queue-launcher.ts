/** Lets workers do the runs of a study. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArmEvents, type ArmLauncher, type ArmOrder, StudyError } from '@froyolo/study';
import { Queue, QueueEvents } from 'bullmq';
import type { Redis } from 'ioredis';
import { parseQueueAddress } from '../address.js';
import { connect } from '../connect.js';
import { type ArmJob, type ArmNews, jobId, PREFIX, QUEUE } from '../protocol.js';
import { RunStore } from '../run/run-store.js';
import { openStore } from '../store/open-store.js';
import type { Store } from '../store/store.js';
import { VERSION } from '../version.js';
import { collect } from './collect.js';
import { InputPacker } from './inputs.js';
import { JobWatch } from './job-watch.js';
import { studyFile, studyId } from './study-id.js';

export interface QueuePlaces {
  /** `redis://HOST:6379`, see `parseQueueAddress`. */
  readonly queue: string;
  /** A folder that all machines see, or `s3://BUCKET/PREFIX`. */
  readonly store: string;
}

export interface LauncherOptions extends QueuePlaces {
  /** How often a run that failed is tried in all. */
  readonly attempts?: number;
}

/** The first pause before a run that failed is tried again; each further one is twice as long. */
const RETRY_MS = 5000;
/** Seconds for which Redis remembers runs that ended. */
const REMEMBERED = 7 * 24 * 3600;
const STACK_LINES = 5;

/**
 * Opens a queue to send runs to. Any number may be under way at the same time; `launch` returns when the run's folder is in
 * the study's folder, as if it had been done here. A run that is aborted is left to the workers, and waited for again when
 * the study goes on.
 * @throws QueueError, StoreError if the queue or the store can't be used
 */
export async function openLauncher(options: LauncherOptions): Promise<QueueLauncher> {
  const store = await openStore(options.store);
  // A store that can't be tidied serves all the same.
  await store.tidy().catch(() => undefined);
  const connection = await connect(parseQueueAddress(options.queue));
  return new QueueLauncher(connection, store, options.attempts ?? 3);
}

/** Sends runs of studies to workers through a queue, and collects what they did. Made by `openLauncher`. */
export class QueueLauncher {
  readonly #connection: Redis;
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #events: QueueEvents;
  readonly #watch: JobWatch;
  readonly #packer: InputPacker;
  readonly #studies = new Map<string, Promise<string>>();
  /** Jobs are added one after the other, in the order of the study. */
  #adding: Promise<void> = Promise.resolve();

  constructor(connection: Redis, store: Store, attempts: number) {
    this.#connection = connection;
    this.#store = store;
    this.#queue = new Queue(QUEUE, {
      connection,
      prefix: PREFIX,
      defaultJobOptions: {
        attempts,
        backoff: { type: 'exponential', delay: RETRY_MS },
        removeOnComplete: { age: REMEMBERED },
        removeOnFail: { age: REMEMBERED },
        stackTraceLimit: STACK_LINES,
      },
    });
    this.#events = new QueueEvents(QUEUE, { connection, prefix: PREFIX });
    // The connection tells the same, and connects again.
    this.#queue.on('error', () => undefined);
    this.#events.on('error', () => undefined);
    this.#watch = new JobWatch(this.#queue, this.#events);
    this.#packer = new InputPacker(store);
  }

  /** @throws StudyError with what the worker said where all tries failed */
  readonly launch: ArmLauncher = async (order, signal, events) => {
    const study = await this.#studyIn(order.folder);
    const id = jobId(study, order.name);
    const runs = new RunStore(this.#store, id);
    try {
      for (;;) {
        // Watched before it is there, so that no news is missed.
        const ended = this.#watch.wait(id, signal, ({ worker, event }) => tell(worker, event, events));
        const [end] = await Promise.all([ended, this.#inTurn(() => this.#submit(study, id, order, runs))]);
        if (end.kind === 'failed') throw new StudyError(failure(order.name, end.reason));
        if (end.kind === 'completed' && (await this.#collected(id, runs, order))) return 'finished';
      }
    } catch (error) {
      if (signal.aborted) return 'stopped';
      throw error;
    }
  };

  /** Forgets what a study is called in the queue, once all of its runs are finished. */
  async finish(folder: string): Promise<void> {
    await rm(studyFile(folder), { force: true });
  }

  async close(): Promise<void> {
    this.#watch.close();
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    this.#connection.disconnect();
    this.#store.close();
  }

  #studyIn(folder: string): Promise<string> {
    const study = this.#studies.get(folder) ?? studyId(folder);
    this.#studies.set(folder, study);
    return study;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#adding.then(work);
    this.#adding = done.catch(() => undefined);
    return done;
  }

  /** Adds the job; one that already exists is waited for, unless it failed. */
  async #submit(study: string, id: string, order: ArmOrder, runs: RunStore): Promise<void> {
    const state = await this.#queue.getJobState(id);
    if (state === 'failed') await this.#queue.remove(id);
    else if (state !== 'unknown') return;
    await this.#saveBegun(order, runs);
    const { project: _, name: _name, existOk: _ok, cacheDir: _dir, ...settings } = order.settings;
    const inputs = await this.#packer.pack(order.settings);
    const job: ArmJob = { version: VERSION, study, name: order.name, settings, ...inputs };
    await this.#queue.add('arm', job, { jobId: id });
  }

  /** A run that began here goes on there. */
  async #saveBegun({ folder, name }: ArmOrder, runs: RunStore): Promise<void> {
    const own = join(folder, name);
    if (existsSync(join(own, 'weights')) && !(await runs.load())) await runs.save(own);
  }

  /** False if what the job left is gone: it was collected before, and its folder deleted to do it again. */
  async #collected(id: string, runs: RunStore, order: ArmOrder): Promise<boolean> {
    const state = await runs.load();
    if (state) {
      await collect(runs, state, order);
      await runs.remove();
      return true;
    }
    await this.#queue.remove(id);
    return false;
  }
}

const failure = (name: string, reason: string) =>
  reason.startsWith(`${name}: `) ? reason : `${name}: ${reason}`;

function tell(worker: string, news: ArmNews, events: ArmEvents): void {
  if (news.kind === 'place') events.onPlace?.(worker);
  if (news.kind === 'setup') events.onSetup?.(news.event);
  if (news.kind === 'start') events.onStart?.(news.event);
  if (news.kind === 'stage') events.onStage?.(news.epoch, news.text);
  if (news.kind === 'batch') events.onBatch?.(news.event);
  if (news.kind === 'epoch') events.onEpoch?.(news.event);
}
