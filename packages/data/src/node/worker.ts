import { parentPort, workerData } from 'node:worker_threads';
import { must } from '@froyolo/errors';
import { reasonOf } from './files.js';
import type { WorkerReply, WorkerRequest } from './pool.js';
import { createDiskSampler, type SamplerSetup } from './sampler.js';

/** Where the loader listens: this file runs in a thread only. */
const port = must(parentPort, 'the port to the loader');
// Entry of a loader worker: one sample after the other, its pixels handed over without a copy.
const setup: SamplerSetup = workerData;
const sample = createDiskSampler(setup);
let queue: Promise<void> = Promise.resolve();

async function answer({ id, task }: WorkerRequest): Promise<void> {
  const reply = await sample(task).then(
    (made): WorkerReply => ({ id, sample: made }),
    (error: unknown): WorkerReply => ({ id, error: reasonOf(error) }),
  );
  port.postMessage(reply, reply.sample ? [reply.sample.planes.buffer as ArrayBuffer] : []);
}

port.on('message', (request: WorkerRequest) => {
  queue = queue.then(() => answer(request));
});
