/** After a comparison, the better training becomes the project's own. */
import { bestPoint } from './best-point.js';
import { library } from './database.js';
import { readCheckpoint } from './runs.js';
import type { Kept, Run } from './types.js';

export interface TrainedRun {
  readonly run: Run;
  readonly files: Readonly<Partial<Record<Kept, Blob>>>;
}

/** A run whose weights are the project's now. */
export async function trainedRun(run: Run): Promise<TrainedRun> {
  const [best, last] = await Promise.all([
    readCheckpoint(run.project, 'best'),
    readCheckpoint(run.project, 'last'),
  ]);
  return { run, files: { ...(best ? { best } : {}), ...(last ? { last } : {}) } };
}

const accuracy = ({ run }: TrainedRun) => bestPoint(run)?.mAP50_95 ?? -1;

/**
 * Makes the most accurate run the last one, with its weights, in one step: later trainings continue from the last run.
 * @param trained in the order in which they were trained
 * @returns all of them in their new order
 */
export async function keepBetter(trained: readonly TrainedRun[]): Promise<readonly Run[]> {
  const last = trained.at(-1);
  const best = [...trained].sort((a, b) => accuracy(b) - accuracy(a))[0];
  if (!best || !last || accuracy(best) <= accuracy(last)) return trained.map(({ run }) => run);
  const order = [...trained.filter((one) => one !== best), best];
  const runs = order.map(({ run }, i) => ({ ...run, id: trained[i].run.id }));
  const tx = (await library()).transaction(['runs', 'checkpoints'], 'readwrite');
  for (const run of runs) void tx.objectStore('runs').put(run);
  for (const which of ['best', 'last'] as const) {
    const file = best.files[which];
    if (file) void tx.objectStore('checkpoints').put(file, [best.run.project, which]);
  }
  await tx.done;
  return runs;
}
