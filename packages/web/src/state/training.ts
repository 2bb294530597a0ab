/** The training that runs, as it is watched. */
import { computed, signal } from '@preact/signals';
import { proxy } from 'comlink';
import type { Run, TrainingChoice } from '../library/types.js';
import type { PictureDetections, TrainEvent, Validation, Which } from '../worker/api.js';
import { busy, during, progress } from './busy.js';
import { showDevice } from './device.js';
import { show } from './messages.js';
import { changeProject, kept, opened, project, readKept, runs, withRun } from './project.js';
import { forgetSuggestions } from './suggestions.js';
import { trainer } from './workers.js';

export interface Live {
  /** What is done before the first batch: `device`, `compiling`, or `caching` of so many pictures. */
  readonly stage: string;
  readonly epoch: number;
  readonly epochs: number;
  readonly batch: number;
  readonly batches: number;
  readonly loss: number;
  readonly imagesPerSecond: number;
}

const NOTHING: Live = {
  stage: 'reading',
  epoch: 0,
  epochs: 0,
  batch: 0,
  batches: 0,
  loss: 0,
  imagesPerSecond: 0,
};

export const live = signal<Live>(NOTHING);
export const stopping = signal(false);
/** Whether a new training is not yet among the runs. */
export const starting = signal(false);
/** What the averaged weights find in some validation pictures. */
export const shown = signal<readonly PictureDetections[]>([]);
export const validation = signal<(Validation & { readonly which: Which }) | undefined>(undefined);
export const lastRun = computed<Run | undefined>(() => runs.value.at(-1));

/** Part of the training that is done, 0 to 1; undefined before it began. */
export const share = computed(() => {
  const { epoch, epochs, batch, batches } = live.value;
  const seconds = timeOf(project.value?.training);
  if (busy.value?.work !== 'training' || batches === 0) return undefined;
  const byEpochs = (epoch + batch / batches) / epochs;
  return seconds ? Math.min(1, (now.value - began.value) / 1000 / seconds) : byEpochs;
});
/** When the training began that is under way: of several that are compared, the one that runs. */
export const began = signal(0);
/** A clock that runs while a training is under way. */
const now = signal(performance.now());

const timeOf = (choice: TrainingChoice | undefined) =>
  choice?.length.by === 'time' ? choice.length.seconds : undefined;

export function choose(changes: Partial<TrainingChoice>): Promise<void> {
  return changeProject({ training: { ...opened().training, ...changes } });
}

export async function train(): Promise<void> {
  const { training } = opened();
  const from = training.from === 'best' && !kept.value.includes('best') ? 'opened' : training.from;
  starting.value = true;
  await watched((onEvent) => trainer().train({ ...training, from }, onEvent));
}

/** Trains once with each freeze, from the opened checkpoint; the most accurate training is the project's last one afterwards. */
export async function compare(freezes: readonly string[]): Promise<void> {
  starting.value = true;
  await watched(async (onEvent) => {
    const choice = { ...opened().training, from: 'opened' as const };
    const compared = await trainer().compare(choice, freezes, onEvent);
    return [...runs.value.filter(({ id }) => compared.every((one) => one.id !== id)), ...compared];
  });
}

export async function goOn(more: boolean): Promise<void> {
  await watched((onEvent) => trainer().goOn(opened().training, more, onEvent));
}

/** @param work gives what is to be the list of runs, or the one run that it was */
async function watched(
  work: (onEvent: (event: TrainEvent) => void) => Promise<Run | readonly Run[]>,
): Promise<void> {
  const { id } = opened();
  // Leaving a project stops its training; its last events must not reach the next project.
  const isHere = () => project.value?.id === id;
  const clock = setInterval(() => {
    now.value = performance.now();
  }, 500);
  await during('training', async () => {
    stopping.value = false;
    begin();
    validation.value = undefined;
    const made = await work(
      proxy((event) => {
        if (isHere()) onEvent(event);
      }),
    );
    if (!isHere()) return;
    if ('id' in made) withRun(made);
    else runs.value = made;
    // Old suggestions came from other weights.
    forgetSuggestions();
  });
  clearInterval(clock);
  starting.value = false;
  if (isHere()) await readKept();
}

function begin(): void {
  began.value = performance.now();
  live.value = NOTHING;
  shown.value = [];
}

function onEvent(event: TrainEvent): void {
  if (event.type === 'status') live.value = { ...live.value, stage: event.text };
  else if (event.type === 'device') showDevice(event.device);
  else if (event.type === 'run') {
    starting.value = false;
    // Of several that are compared, the next one begins.
    if (lastRun.value?.status !== 'running' && lastRun.value?.id !== event.run.id) begin();
    withRun(event.run);
  } else if (event.type === 'pictures') shown.value = event.detections;
  else live.value = liveOf(event);
}

function liveOf({ batch, epochs }: Extract<TrainEvent, { type: 'batch' }>): Live {
  const { epoch, batches, losses, imagesPerSecond } = batch;
  const loss = Object.values(losses).reduce((sum, one) => sum + one, 0);
  return { stage: '', epoch, epochs, batch: batch.batch, batches, loss, imagesPerSecond };
}

export async function stop(): Promise<void> {
  stopping.value = true;
  await trainer().stop();
}

export async function validate(which: Which): Promise<void> {
  await during('validating', async () => {
    const found = await trainer().validate(which, opened().training, proxy(progress));
    validation.value = { ...found, which };
    for (const line of [...(found.classNote ? [found.classNote] : []), ...found.warnings])
      show({ kind: 'warning', text: line });
  });
}
