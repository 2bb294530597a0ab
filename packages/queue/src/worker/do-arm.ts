/** One run on a worker: from the store into a folder of its own, trained there, and back. */
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainOptions } from '@froyolo/run/settings';
import type { ArmEvents, ArmLauncher } from '@froyolo/study';
import { type ArmJob, type ArmNews, FILE_SETTINGS, type FileSetting } from '../protocol.js';
import type { RunStore } from '../run/run-store.js';
import type { Cache } from './cache.js';
import { CheckpointSaver } from './checkpoint-saver.js';

export interface ArmPlace {
  readonly cache: Cache;
  readonly runs: RunStore;
  readonly launch: ArmLauncher;
  /** Where to compute, if the worker says so and not the study. */
  readonly device: string | undefined;
}

/**
 * Does a run, or continues it where its last checkpoint in the store is; its end, or where it was stopped, is there when
 * this returns.
 * @param isLost whether another worker has the run by now
 * @throws StudyError, StoreError with what went wrong
 */
export async function doArm(
  job: ArmJob,
  { cache, runs, launch, device }: ArmPlace,
  signal: AbortSignal,
  tell: (news: ArmNews) => void,
  warn: (text: string) => void,
  isLost: () => boolean = () => false,
): Promise<'finished' | 'stopped'> {
  const folder = join(cache.runs, randomUUID());
  const name = folderName(job.name);
  const saver = new CheckpointSaver(runs, join(folder, name), warn);
  try {
    const before = await runs.load();
    if (before) await runs.restore(before, join(folder, name));
    const settings = await settingsHere(job, cache, device);
    const status = await launch({ folder, name, settings }, signal, eventsOf(saver, tell));
    // What another worker has is saved by that one.
    if (!isLost()) await saver.end();
    return status;
  } finally {
    await saver.settled();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The part of the run's name that every file system takes. */
const folderName = (name: string) =>
  name
    .replace(/[^\w.,%-]/g, '_')
    .replace(/^\./, '_')
    .slice(0, 100);

async function settingsHere(
  { settings, dataset, files }: ArmJob,
  cache: Cache,
  device: string | undefined,
): Promise<TrainOptions> {
  const paths: Partial<Record<FileSetting, string>> = {};
  for (const setting of FILE_SETTINGS) {
    const blob = files[setting];
    if (blob) paths[setting] = await cache.file(blob);
  }
  const data = await cache.dataset(dataset);
  return { ...settings, ...paths, data, ...(device === undefined ? {} : { device }) };
}

function eventsOf(saver: CheckpointSaver, tell: (news: ArmNews) => void): ArmEvents {
  return {
    onSetup: (event) => tell({ kind: 'setup', event }),
    onStart: (event) => tell({ kind: 'start', event }),
    onStage: (epoch, text) => tell({ kind: 'stage', epoch, text }),
    onBatch: (event) => {
      saver.onBatch();
      tell({ kind: 'batch', event });
    },
    onEpoch: (event) => {
      saver.onEpoch();
      tell({ kind: 'epoch', event });
    },
  };
}
