/** The detector that a run starts from as its first result: training must not end with a worse one. */
import { fitness } from '@froyolo/boxes';
import { validate } from '@froyolo/yolo';
import type { RunEvents } from './events.js';
import type { RunLoader, RunStore } from './host.js';
import type { PreparedRun } from './prepare.js';
import type { TrainSettings } from './settings/index.js';

type OpenedRun = Pick<PreparedRun, 'detector' | 'device' | 'resume' | 'transferred' | 'classes'> & {
  readonly settings: Pick<TrainSettings, 'noval' | 'nosave'>;
};

/**
 * Validates that detector, and keeps it as the best one.
 * @returns its fitness; undefined if it doesn't count: nothing is validated or kept, or some of its classes start fresh
 */
export async function openedFitness(
  run: OpenedRun,
  val: RunLoader,
  store: Pick<RunStore, 'keepOpened'>,
  { signal, onOpened }: Pick<RunEvents, 'signal' | 'onOpened'>,
): Promise<number | undefined> {
  const { detector, device, resume, settings } = run;
  if (resume || settings.noval || settings.nosave || !isTaught(run)) return undefined;
  const watched = signal ? { signal } : {};
  const figures = await validate(detector, val.epoch(0), { executor: device.executor, ...watched });
  if (signal?.aborted) return undefined;
  await store.keepOpened(detector);
  await onOpened?.(figures);
  return fitness(figures);
}

/** Whether every tensor and every class starts from something that was learned. */
function isTaught({ transferred, classes }: OpenedRun): boolean {
  if (classes) return classes.every(({ from }) => from !== undefined);
  return transferred?.fresh.length === 0;
}
