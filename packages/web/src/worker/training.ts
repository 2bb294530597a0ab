/** One training, which can stop and go on. */
import { describeLrScales, describeStage, describeUnfreezing } from '@froyolo/freeze';
import {
  type Host,
  MemoryStore,
  type PreparedRun,
  prepareResume,
  prepareRun,
  type RunEvents,
  type SavedRun,
  type SetupEvent,
  trainRun,
} from '@froyolo/run';
import type { TrainOptions } from '@froyolo/run/settings';
import { type Detector, describeHeadRows } from '@froyolo/yolo';
import type { TrainEvent, TrainSummary } from './api.js';

export interface TrainingRun {
  readonly signal: AbortSignal;
  onEvent(event: TrainEvent): void;
  /** After each epoch, with the averaged weights. Training goes on once it is done. */
  onDetector(detector: Detector): Promise<void>;
}

export class Training {
  readonly #host: Host;
  readonly #store = new MemoryStore();

  constructor(host: Host) {
    this.#host = host;
  }

  /** The averaged weights of the best or the last epoch. */
  detector(which: 'best' | 'last'): Detector | undefined {
    return this.#store.detector(which);
  }

  /** A checkpoint file: the best weights in float16, the last with all that training needs to go on, here or in Node. */
  save(which: 'best' | 'last'): Uint8Array | undefined {
    return this.#store.checkpoint(which);
  }

  get saved(): SavedRun | undefined {
    return this.#store.saved;
  }

  async start(options: TrainOptions, run: TrainingRun): Promise<TrainSummary> {
    const prepared = await prepareRun(this.#host, options, { signal: run.signal });
    await this.#store.start(prepared.settings, prepared.hyp);
    return this.#train(prepared, run);
  }

  /** Goes on where a training stopped, up to so many epochs. */
  async goOn(
    { settings, hyp, detector, state }: SavedRun,
    changes: Pick<TrainOptions, 'device'> & { readonly epochs: number },
    run: TrainingRun,
  ): Promise<TrainSummary> {
    const changed = { ...settings, device: changes.device ?? settings.device, epochs: changes.epochs };
    const prepared = await prepareResume(this.#host, { settings: changed, hyp, detector, state });
    this.#store.goOn({ settings: changed, hyp, detector, state });
    return this.#train(prepared, run);
  }

  async #train(prepared: PreparedRun, run: TrainingRun): Promise<TrainSummary> {
    const { status, bestEpoch, bestFitness, state } = await trainRun(
      this.#host,
      prepared,
      this.#store,
      eventsOf(prepared, run),
    );
    return { status, bestEpoch, bestFitness, epochs: state.progress.epoch };
  }
}

function eventsOf({ detector }: PreparedRun, { signal, onEvent, onDetector }: TrainingRun): RunEvents {
  return {
    signal,
    onSetup: (event) => onEvent(startOf(event)),
    onStage: (event) => onEvent({ type: 'note', text: describeStage(event, detector.model.parameters) }),
    onBatch: ({ lr: _, ...event }) => onEvent({ type: 'batch', ...event }),
    onEpoch: ({ lr: _, ...event }) => onEvent({ type: 'epoch', ...event }),
    onWarning: (text) => onEvent({ type: 'note', text }),
    onDetector,
  };
}

function startOf(event: SetupEvent): Extract<TrainEvent, { type: 'start' }> {
  const { detector, freeze, stages, lrScales, transferred, classes, anchors } = event;
  const { parameters } = detector.model;
  return {
    type: 'start',
    trained: freeze.trainable.length,
    notes: [
      ...(transferred
        ? [`${transferred.kept} of ${transferred.total} tensors are taken from the checkpoint`]
        : []),
      ...(classes ? [describeHeadRows(classes)] : []),
      ...anchors,
      ...(event.freezeReason ? [event.freezeReason] : []),
      ...(event.batchReason ?? []),
      ...describeUnfreezing(stages, parameters),
      ...describeLrScales(lrScales, parameters),
      ...event.warnings,
    ],
  };
}
