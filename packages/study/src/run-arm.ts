/** One run of a study: an ordinary training whose time, memory and utilization are written down. */

import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { numel } from '@froyolo/common';
import { peakMemory } from '@froyolo/common/node';
import { describeFreeze, describeStage, type SizedParameter } from '@froyolo/freeze';
import type { RunEvents, SetupEvent } from '@froyolo/run';
import { resumeOnFiles, type TrainFilesResult, trainOnFiles, untilUnlocked } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import { readCheckpointFile } from '@froyolo/weights/node';
import type { EpochEvent } from '@froyolo/yolo';
import { ArmClock } from './arm-clock.js';
import { ArmFolder, type ArmState } from './arm-folder.js';
import { type ArmIdentity, identityOf } from './arm-identity.js';
import { StudyError } from './errors.js';
import { writeFolds } from './folds.js';
import { gpuIn } from './gpu.js';
import type { ArmEpoch, ArmEvents, ArmOrder } from './launcher.js';
import { startSampling } from './sampler.js';

/** Longest step of a run whose study was killed: it notices when the step is over, and has the folder until then. */
const ORPHAN_MS = 20_000;

/**
 * Does a run in this process, or goes on where an interrupted one stopped. Progress goes to `events`, as plain JSON; figures
 * go to the run's folder.
 */
export function runArm(
  order: ArmOrder,
  signal: AbortSignal,
  events: ArmEvents = {},
): Promise<'finished' | 'stopped'> {
  let parameters: readonly SizedParameter[] = [];
  return trainArm(order, signal, {
    onSetup: ({ images, warnings, device, freeze, detector }) => {
      ({ parameters } = detector.model);
      events.onSetup?.({ images, warnings, device, freeze: describeFreeze(freeze, parameters) });
    },
    onStart: (event) => events.onStart?.(event),
    onStage: (event) => events.onStage?.(event.epoch, describeStage(event, parameters)),
    onBatch: (event) => events.onBatch?.({ ...event, memory: process.memoryUsage.rss() }),
    onEpoch: (event) => events.onEpoch?.(figuresOf(event)),
  });
}

function figuresOf({ epoch, epochs, losses, best, seconds, validation }: EpochEvent): ArmEpoch {
  const figures = { epoch, epochs, losses, best, seconds };
  if (!validation) return figures;
  const { images, precision, recall, mAP50, mAP50_95 } = validation;
  return { ...figures, validation: { images, precision, recall, mAP50, mAP50_95 } };
}

async function trainArm(
  order: ArmOrder,
  signal: AbortSignal,
  events: RunEvents,
): Promise<'finished' | 'stopped'> {
  const folder = new ArmFolder(join(order.folder, order.name));
  await untilUnlocked(folder.path, ORPHAN_MS);
  const run = identityOf(order.settings);
  const before = existsSync(folder.last) ? await stateBefore(folder, run) : undefined;
  if (before && (await isDone(folder))) {
    await folder.writeState({ ...before, status: 'finished' });
    return 'finished';
  }
  const record = new ArmRecord(folder, run, before);
  const offset = (await folder.prepareSamples()).at(-1)?.time ?? 0;
  const sampling = await startSampling(
    (sample) => folder.addSample({ ...sample, time: offset + sample.time }),
    gpuIn(order.settings.device),
  );
  const watched = record.watch({
    ...events,
    onEpoch: async (event) => {
      await events.onEpoch?.(event);
      // What comes after the last epoch is not training, and its memory falls.
      if (event.epoch + 1 === event.epochs) void sampling.stop();
    },
  });
  try {
    const result = await train(order, folder, before !== undefined, signal, watched);
    await record.end(result);
    return result.status === 'stopped' ? 'stopped' : 'finished';
  } finally {
    await sampling.stop();
  }
}

/** A run that was killed before it could say that it is finished: its last checkpoint has no training state any more. */
async function isDone({ last }: ArmFolder): Promise<boolean> {
  return (await readCheckpointFile(last)).groups === undefined;
}

async function train(
  order: ArmOrder,
  folder: ArmFolder,
  resumes: boolean,
  signal: AbortSignal,
  events: RunEvents,
): Promise<TrainFilesResult> {
  const { folder: project, name } = order;
  const { folds: _, ...settings } = order.settings;
  const data = await dataOfArm(order);
  if (resumes) return resumeOnFiles(folder.last, elsewhere({ ...settings, data }), { ...events, signal });
  return trainOnFiles({ ...settings, data, project, name, existOk: true }, { ...events, signal });
}

/** The dataset of a run; with `folds` the one whose fold its seed validates on, which is written into the study's folder. */
export async function dataOfArm({ folder, settings }: ArmOrder): Promise<string> {
  const { data, seed = 0, folds } = settings;
  if (folds === undefined) return data;
  const yamls = await writeFolds(data, folds, join(folder, 'folds'));
  return yamls[seed % yamls.length] ?? data;
}

/** Settings that may differ on the machine where a run resumes; relative paths start from where the run began. */
function elsewhere({ data, device }: TrainOptions): Partial<TrainOptions> {
  return { ...(isAbsolute(data) ? { data } : {}), ...(device === undefined ? {} : { device }) };
}

async function stateBefore(folder: ArmFolder, run: ArmIdentity): Promise<ArmState> {
  const state = await folder.readState(run);
  if (!state)
    throw new StudyError(
      `${folder.path} has weights but no arm.json: it isn't a run of this study; move it away`,
    );
  return state;
}

/** Keeps `arm.json` up to date. */
class ArmRecord {
  readonly #folder: ArmFolder;
  readonly #clock: ArmClock;
  #state: ArmState;

  constructor(folder: ArmFolder, run: ArmIdentity, before: ArmState | undefined) {
    this.#folder = folder;
    this.#clock = new ArmClock(before);
    const fresh = {
      run,
      device: '',
      parameters: 0,
      trainableParameters: 0,
      images: 0,
      peakMemory: 0,
      timing: [],
    };
    this.#state = { ...(before ?? fresh), status: 'running' };
  }

  /** The events, each noted before it is passed on. */
  watch(events: RunEvents): RunEvents {
    return {
      ...events,
      onSetup: async (event) => {
        const { device, images } = event;
        await this.#update({ ...parameterCounts(event), device, images: images.train });
        await events.onSetup?.(event);
      },
      onStart: (event) => {
        this.#clock.start(event);
        events.onStart?.(event);
      },
      onEpoch: async (event) => {
        this.#clock.endEpoch(event.epoch, event.seconds);
        await this.#update({ timing: this.#clock.timing });
        await events.onEpoch?.(event);
      },
    };
  }

  end({ status, state: { progress } }: TrainFilesResult): Promise<void> {
    const { timing } = this.#clock;
    if (status !== 'stopped') return this.#update({ status: 'finished', timing });
    if (progress.batch === 0) return this.#update({ timing });
    return this.#update({ timing, partial: this.#clock.stopIn(progress.epoch) });
  }

  #update(change: Partial<ArmState>): Promise<void> {
    const { partial: _, ...state } = this.#state;
    const peak = Math.max(state.peakMemory, peakMemory());
    this.#state = { ...state, peakMemory: peak, ...change };
    return this.#folder.writeState(this.#state);
  }
}

/** Trainable ones are those of the last stage, when most are. */
function parameterCounts({ detector, stages, freeze }: SetupEvent) {
  const { frozen } = stages.at(-1)?.policy ?? freeze;
  const sizes = detector.model.parameters.map(({ name, shape }) => ({
    size: numel(shape),
    isFrozen: frozen.has(name),
  }));
  const sum = (list: typeof sizes) => list.reduce((total, { size }) => total + size, 0);
  return { parameters: sum(sizes), trainableParameters: sum(sizes.filter(({ isFrozen }) => !isFrozen)) };
}
