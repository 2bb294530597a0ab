import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Sample } from '../batch.js';
import { DataError } from '../errors.js';
import type { SampleTask } from '../sampler.js';
import { createDiskSampler, type SamplerSetup } from './sampler.js';

/** Main thread to worker. */
export interface WorkerRequest {
  id: number;
  task: SampleTask;
}

/** Worker to main thread: a sample or why there is none. */
export interface WorkerReply {
  id: number;
  sample?: Sample;
  error?: string;
}

/** A sample that could not be made; the message names the image. */
export class LoaderError extends DataError {
  override name = 'LoaderError';
  override readonly code = 'ERR_LOADER';
}

/** Something that makes samples. */
export interface SamplePool {
  run(task: SampleTask): Promise<Sample>;
  close(): Promise<void>;
}

/**
 * A pool of `workers` threads. With 0 workers, or when the package runs from sources that were not built (there is no
 * worker file then), samples are made on the calling thread.
 */
export function createPool(setup: SamplerSetup, workers: number, entry = workerEntry()): SamplePool {
  if (workers === 0 || !entry) return { run: createDiskSampler(setup), close: async () => {} };
  return new ThreadPool(setup, workers, entry);
}

/** The built worker file, beside the built package or in it when the sources run. */
export function workerEntry(): string | undefined {
  const places = ['./worker.js', '../../dist/worker.js'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return places.find((path) => existsSync(path));
}

interface Job {
  task: SampleTask;
  resolve(sample: Sample): void;
  reject(error: Error): void;
}

interface Thread {
  worker: Worker;
  jobs: Map<number, Job>;
}

// While a training step blocks the main thread, no task can be handed out: a thread holds enough to outlast it.
const JOBS_PER_THREAD = 16;

class ThreadPool implements SamplePool {
  private readonly threads: Thread[];
  private waiting: Job[] = [];
  private nextId = 0;
  private failure: Error | undefined;

  constructor(
    private readonly setup: SamplerSetup,
    count: number,
    entry: string,
  ) {
    this.threads = Array.from({ length: count }, () => this.start(entry));
  }

  run(task: SampleTask): Promise<Sample> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.fail(new LoaderError('the loader is closed'));
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private start(entry: string): Thread {
    const worker = new Worker(entry, { workerData: this.setup });
    const thread: Thread = { worker, jobs: new Map() };
    worker.on('message', (reply: WorkerReply) => this.receive(thread, reply));
    worker.on('error', (error) => this.crash(thread, error.message));
    worker.on('exit', (code) => this.crash(thread, `it exited with code ${code}`));
    // An idle pool doesn't keep the process alive.
    worker.unref();
    return thread;
  }

  private dispatch(): void {
    for (;;) {
      const thread = this.threads.reduce((least, other) =>
        other.jobs.size < least.jobs.size ? other : least,
      );
      if (thread.jobs.size >= JOBS_PER_THREAD) return;
      const job = this.waiting.shift();
      if (!job) return;
      const id = this.nextId++;
      thread.jobs.set(id, job);
      thread.worker.ref();
      const request: WorkerRequest = { id, task: job.task };
      thread.worker.postMessage(request);
    }
  }

  private receive(thread: Thread, { id, sample, error }: WorkerReply): void {
    const job = thread.jobs.get(id);
    if (!job) return;
    thread.jobs.delete(id);
    if (thread.jobs.size === 0) thread.worker.unref();
    if (sample) job.resolve(sample);
    else job.reject(new LoaderError(`${this.nameOf(job)}: no sample could be made: ${error}`));
    this.dispatch();
  }

  private crash(thread: Thread, reason: string): void {
    if (this.failure) return;
    const [job] = thread.jobs.values();
    const where = job ? `while it worked on ${this.nameOf(job)}` : 'while idle';
    this.fail(new LoaderError(`a loader worker stopped ${where}: ${reason}`));
  }

  private fail(error: Error): void {
    this.failure ??= error;
    const jobs = [...this.threads.flatMap(({ jobs }) => [...jobs.values()]), ...this.waiting];
    this.waiting = [];
    for (const { jobs } of this.threads) jobs.clear();
    for (const job of jobs) job.reject(this.failure);
  }

  private nameOf(job: Job): string {
    return this.setup.images[job.task.index]?.path ?? `image ${job.task.index}`;
  }
}
