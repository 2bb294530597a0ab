/** A process with many workers whose trainings are only waits. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { runWorker } from '@froyolo/queue';
import { fakeTrainer } from '@froyolo/queue/testing';

export interface WorkersOrder {
  readonly queue: string;
  readonly store: string;
  readonly cache: string;
  /** Folder for lines that say which epochs were done. */
  readonly log: string;
  readonly workers: number;
  readonly epochMs: number;
  readonly process: number;
  /** From 1, one more each time that the process was killed. */
  readonly life: number;
}

const SILENCE_MS = 20_000;
const CHECKPOINT_BYTES = 10_000;

const order: WorkersOrder = JSON.parse(process.argv[2] ?? '');
const { queue, store, cache, log, epochMs } = order;
const file = join(log, `${order.process}-${order.life}`);
const launch = fakeTrainer({
  epoch: epochMs,
  batches: 2,
  bytes: CHECKPOINT_BYTES,
  onEpoch: (name, epoch) => appendFileSync(file, `${name} ${epoch}\n`),
});
await Promise.all(
  Array.from({ length: order.workers }, (_, i) =>
    runWorker(
      { queue, store, cache, launch, silence: SILENCE_MS, name: `${order.process}.${order.life}.${i}` },
      new AbortController().signal,
    ),
  ),
);
