/** Trainings of a project, with the weights of the last one. */
import { keysOf, library } from './database.js';
import type { Kept, Run } from './types.js';

/** All runs, the oldest first. */
export async function listRuns(project: string): Promise<Run[]> {
  return (await library()).getAll('runs', keysOf(project));
}

export async function saveRun(run: Run): Promise<void> {
  await (await library()).put('runs', run);
}

/** Keeps a run with its checkpoints as one step: after a crash they belong together. */
export async function saveTogether(run: Run, kept: Partial<Record<Kept, Uint8Array>>): Promise<void> {
  const tx = (await library()).transaction(['runs', 'checkpoints'], 'readwrite');
  void tx.objectStore('runs').put(run);
  for (const which of ['best', 'last'] as const) {
    const bytes = kept[which];
    if (bytes) void tx.objectStore('checkpoints').put(new Blob([bytes.slice()]), [run.project, which]);
  }
  await tx.done;
}

export async function readCheckpoint(project: string, which: Kept): Promise<Blob | undefined> {
  return (await library()).get('checkpoints', [project, which]);
}

/** Which weights are saved. */
export async function keptOf(project: string): Promise<Kept[]> {
  const keys = await (await library()).getAllKeys('checkpoints', keysOf(project));
  return keys.map(([, which]) => which);
}
