/** Workers that make samples while the training step keeps its own worker busy. */
import type { Sample } from '../batch.js';
import { DataError } from '../errors.js';
import type { Sampler, SampleTask } from '../sampler.js';
import { createBlobSampler, type SamplerSetup } from './sampler.js';

type Request = { readonly setup: SamplerSetup } | { readonly id: number; readonly task: SampleTask };
type Reply = { readonly id: number } & ({ readonly sample: Sample } | { readonly error: string });

/** Something that makes samples. */
export interface SamplePool {
  run(task: SampleTask): Promise<Sample>;
  close(): void;
}

/** How many workers a pool starts, and how: the caller's bundler knows where the worker's file is. */
export interface PoolWorkers {
  readonly count: number;
  /** A worker whose entry calls {@link serveSamples}. */
  create(): Worker;
}

interface Job {
  resolve(sample: Sample): void;
  reject(error: Error): void;
}

/** Without `workers` samples are made on the calling thread. */
export function createPool(setup: SamplerSetup, workers?: PoolWorkers): SamplePool {
  if (!workers) return { run: createBlobSampler(setup), close() {} };
  const jobs = new Map<number, Job>();
  const fail = (reason: string) => {
    for (const { reject } of jobs.values()) reject(new DataError(reason));
    jobs.clear();
  };
  const threads = Array.from({ length: workers.count }, () => {
    const thread = workers.create();
    thread.onmessage = ({ data }: MessageEvent<Reply>) => settle(jobs, data);
    thread.onerror = ({ message }) => fail(`a worker that loads images stopped: ${message}`);
    thread.postMessage({ setup } satisfies Request);
    return thread;
  });
  let nextId = 0;
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        jobs.set(id, { resolve, reject });
        threads[id % threads.length]?.postMessage({ id, task } satisfies Request);
      }),
    close() {
      for (const thread of threads) thread.terminate();
      fail('the loader is closed');
    },
  };
}

function settle(jobs: Map<number, Job>, reply: Reply): void {
  const job = jobs.get(reply.id);
  if (!job) return;
  jobs.delete(reply.id);
  if ('sample' in reply) job.resolve(reply.sample);
  else job.reject(new DataError(reply.error));
}

/** The whole of a loader worker's entry: makes one sample after the other, its pixels handed over without a copy. */
export function serveSamples(): void {
  let sampler: Sampler;
  let queue = Promise.resolve();
  const answer = async (id: number, task: SampleTask) => {
    try {
      const sample = await sampler(task);
      postMessage({ id, sample } satisfies Reply, { transfer: [sample.planes.buffer] });
    } catch (error) {
      postMessage({ id, error: error instanceof Error ? error.message : String(error) } satisfies Reply);
    }
  };
  addEventListener('message', ({ data }: MessageEvent<Request>) => {
    if ('setup' in data) sampler = createBlobSampler(data.setup);
    else queue = queue.then(() => answer(data.id, data.task));
  });
}
