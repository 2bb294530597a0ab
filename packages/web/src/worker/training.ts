/** One training of a project: started anew, or gone on with. */
import {
  type Host,
  type PreparedRun,
  prepareResume,
  prepareRun,
  type RunEvents,
  recordData,
  type SavedRun,
  trainRun,
} from '@froyolo/run';
import type { TrainOptions } from '@froyolo/run/settings';
import type { Detector } from '@froyolo/yolo';
import type { RunNote } from '../library/run-note.js';
import type { Run, TrainingChoice, TrainingLength } from '../library/types.js';
import type { TrainEvent } from './api.js';
import { ProjectStore } from './project-store.js';
import { featureNotes, setupNotes, stageNote } from './run-notes.js';

export interface TrainingEvents {
  readonly signal: AbortSignal;
  onEvent(event: TrainEvent): void;
  /** After each epoch, with the averaged weights. Training goes on once it is done. */
  onDetector(detector: Detector): Promise<void>;
}

export async function startTraining(
  host: Host,
  run: Run,
  choice: TrainingChoice,
  events: TrainingEvents,
): Promise<Run> {
  const store = storeOf(run, events);
  return recorded(store, async () => {
    const prepared = await prepareRun(host, optionsOf(choice), { signal: events.signal });
    await store.start(prepared.settings, prepared.hyp, recordData(prepared.data));
    return trainPrepared(host, prepared, store, events);
  });
}

/** @param more whether beyond the planned end: for as long as the choice says */
export async function goOnTraining(
  host: Host,
  run: Run,
  saved: SavedRun,
  choice: TrainingChoice,
  more: boolean,
  events: TrainingEvents,
): Promise<Run> {
  const store = storeOf({ ...run, status: 'running' }, events);
  return recorded(store, async () => {
    const settings = {
      ...saved.settings,
      device: choice.device,
      ...(more ? longer(saved, choice.length) : {}),
    };
    const going = { ...saved, settings };
    const prepared = await prepareResume(host, going);
    store.goOn(going);
    await store.update({});
    return trainPrepared(host, prepared, store, events);
  });
}

const storeOf = (run: Run, { onEvent }: TrainingEvents) =>
  new ProjectStore(run, (changed) => onEvent({ type: 'run', run: changed }));

/** What goes wrong is kept with the run. */
async function recorded(store: ProjectStore, work: () => Promise<Run>): Promise<Run> {
  try {
    return await work();
  } catch (error) {
    await store.update({ status: 'failed' });
    throw error;
  }
}

async function trainPrepared(
  host: Host,
  prepared: PreparedRun,
  store: ProjectStore,
  events: TrainingEvents,
): Promise<Run> {
  const { status, bestFitness, bestEpoch } = await trainRun(
    host,
    prepared,
    store,
    runEventsOf(prepared, store, events),
  );
  await store.flush();
  await store.update({ status, bestEpoch: bestFitness > 0 ? bestEpoch + 1 : 0 });
  return store.run;
}

function runEventsOf(
  { detector, settings }: PreparedRun,
  store: ProjectStore,
  { signal, onEvent, onDetector }: TrainingEvents,
): RunEvents {
  const tell = (...notes: RunNote[]) => store.update({ notes: [...store.run.notes, ...notes] });
  return {
    signal,
    onSetup: (event) => tell(...setupNotes(event)),
    onOpened: ({ mAP50, mAP50_95 }) => store.update({ before: { mAP50, mAP50_95 } }),
    onStage: (event) => void tell(stageNote(event, detector)),
    onBatch: ({ lr: _, ...batch }) => onEvent({ type: 'batch', batch, epochs: settings.epochs }),
    onFeatures: (event) => void tell(...featureNotes(event)),
    onFill: ({ done, total }) => onEvent({ type: 'status', text: `caching ${done} ${total}` }),
    onWarning: (warning) => void tell(warning),
    onDetector,
  };
}

/** Only what was chosen: the rest is for the recipe to decide. */
function optionsOf(choice: TrainingChoice): TrainOptions {
  const { length, freeze, cacheFeatures, imgsz, batchSize, seed, device, more } = choice;
  const given = freeze === undefined ? {} : { freeze: freeze.trim().split(/\s+/) };
  return {
    ...more,
    ...given,
    ...(freeze !== undefined && cacheFeatures ? { cache: 'features' as const } : {}),
    ...lengthOf(length),
    recipe: 'auto',
    data: 'project',
    weights: 'opened',
    imgsz,
    batchSize,
    seed,
    device,
  };
}

function lengthOf(length: TrainingLength): Partial<TrainOptions> {
  if (length.by === 'time') return { time: length.seconds };
  return length.by === 'epochs' ? { epochs: length.epochs } : {};
}

/** A run in a given time gets that much more; another one gets that many more epochs. */
function longer({ settings, state }: SavedRun, length: TrainingLength) {
  const { epoch, seconds = 0 } = state.progress;
  if (settings.time !== undefined)
    return { time: seconds + (length.by === 'time' ? length.seconds : settings.time) };
  return { epochs: epoch + (length.by === 'epochs' ? length.epochs : settings.epochs) };
}
