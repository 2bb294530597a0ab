/** How the runs in a queue go. */
import { type Job, type JobType, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseQueueAddress } from '../address.js';
import { connect } from '../connect.js';
import { type ArmProgress, PREFIX, parseProgress, QUEUE } from '../protocol.js';
import { readWorkers, type WorkerInfo } from '../worker/registry.js';

type RunState = 'waiting' | 'running' | 'finished' | 'failed';

export interface RunStatus {
  readonly study: string;
  readonly name: string;
  readonly state: RunState;
  /** Epochs done, and all. */
  readonly epoch: number;
  readonly epochs: number;
  /** While it runs, and while its worker tells. */
  readonly worker?: string;
  readonly device?: string;
  readonly imagesPerSecond?: number;
  /** Seconds until its end, by its last epoch. */
  readonly left?: number;
  /** How often it was begun. */
  readonly begun: number;
  readonly reason?: string;
}

export interface QueueStatus {
  readonly counts: Readonly<Record<RunState, number>>;
  readonly workers: readonly WorkerInfo[];
  /** Those under way first, then those that wait, failed and finished. */
  readonly runs: readonly RunStatus[];
  /** Images per second of all runs under way. */
  readonly imagesPerSecond: number;
  /** Seconds until the end of all runs, if workers stay as many as they are; unknown before the first epoch is done. */
  readonly left?: number;
}

const STATES: Readonly<Record<RunState, readonly JobType[]>> = {
  running: ['active'],
  waiting: ['waiting', 'delayed', 'prioritized'],
  failed: ['failed'],
  finished: ['completed'],
};

/** What a job says whatever its version. */
const jobSchema = z.looseObject({
  study: z.string(),
  name: z.string(),
  settings: z.looseObject({ epochs: z.number().optional() }),
});

/**
 * Reads how the runs in a queue go.
 * @throws QueueError if it can't be reached
 */
export async function queueStatus(address: string): Promise<QueueStatus> {
  const redis = await connect(parseQueueAddress(address));
  const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
  try {
    return await read(queue, redis);
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

async function read(queue: Queue, redis: Redis): Promise<QueueStatus> {
  const workers = await readWorkers(redis);
  const runs: RunStatus[] = [];
  const counts = { waiting: 0, running: 0, finished: 0, failed: 0 };
  for (const state of STATE_ORDER) {
    const jobs: (Job<unknown> | undefined)[] = await queue.getJobs([...STATES[state]]);
    const found = jobs.flatMap((job) => (job ? (statusOf(job, state) ?? []) : []));
    counts[state] = found.length;
    runs.push(...found.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })));
  }
  const imagesPerSecond = runs.reduce((sum, run) => sum + (run.imagesPerSecond ?? 0), 0);
  const left = timeLeft(runs);
  return { counts, workers, runs, imagesPerSecond, ...(left === undefined ? {} : { left }) };
}

const STATE_ORDER = ['running', 'waiting', 'failed', 'finished'] as const;

function statusOf(job: Job<unknown>, state: RunState): RunStatus | undefined {
  const { data } = jobSchema.safeParse(job.data);
  if (!data) return undefined;
  const progress = parseProgress(job.progress);
  const { study, name, settings } = data;
  const epochs = progress?.epochs || settings.epochs || 0;
  return {
    study,
    name,
    state,
    epochs,
    epoch: state === 'finished' ? epochs : (progress?.epoch ?? 0),
    begun: job.attemptsStarted,
    ...(state === 'running' && progress ? figures(progress) : {}),
    ...(state === 'failed' ? { reason: job.failedReason } : {}),
  };
}

function figures({ worker, device, imagesPerSecond, epoch, epochs, epochSeconds }: ArmProgress) {
  const left = epochSeconds > 0 ? { left: (epochs - epoch) * epochSeconds } : {};
  return { worker, device, imagesPerSecond, ...left };
}

/** Assumes that active runs keep their speed, and that waiting runs are done by as many at the same time. */
function timeLeft(runs: readonly RunStatus[]): number | undefined {
  const running = runs.filter(({ left }) => left !== undefined);
  if (running.length === 0) return undefined;
  const paces = running.flatMap(({ left = 0, epoch, epochs }) =>
    epochs > epoch ? left / (epochs - epoch) : [],
  );
  const pace = paces.reduce((a, b) => a + b, 0) / Math.max(paces.length, 1);
  const waiting = runs.filter(({ state }) => state === 'waiting');
  const own = running.reduce((sum, { left = 0 }) => sum + left, 0);
  const theirs = waiting.reduce((sum, { epoch, epochs }) => sum + (epochs - epoch) * pace, 0);
  const longest = Math.max(...running.map(({ left = 0 }) => left));
  return Math.max((own + theirs) / running.length, longest);
}
