/** Keeps the results of a run in memory, without a folder: in a page, or in a test. */
import { writeCheckpoint } from '@froyolo/weights';
import {
  type CheckpointEvent,
  checkpointOf,
  type Detector,
  type EpochEvent,
  type TrainingState,
} from '@froyolo/yolo';
import type { DataRecord } from './data-record.js';
import type { RunStore } from './host.js';
import type { SavedRun } from './prepare.js';
import { resultsHeader, resultsRow } from './results-csv.js';
import { type RunRecord, withRecord } from './saved-run.js';
import { trainingCheckpoint } from './training-state.js';

/** Keeps the last and the best checkpoint and the rows of results in memory. */
export class MemoryStore implements RunStore {
  readonly folder = '';
  #record: RunRecord | undefined;
  #state: TrainingState | undefined;
  #last: Detector | undefined;
  #best: Detector | undefined;
  #header = '';
  readonly #rows = new Map<number, string>();

  async start(settings: RunRecord['settings'], hyp: RunRecord['hyp'], data?: DataRecord): Promise<void> {
    this.#record = { settings, hyp, ...(data ? { data } : {}) };
    this.#state = this.#last = this.#best = undefined;
    this.#rows.clear();
  }

  /** Begins with a run that was saved; its best epoch before is known by the last alone. */
  goOn({ detector, state, ...record }: SavedRun): void {
    this.#record = record;
    this.#state = state;
    this.#last = detector;
  }

  async addResults(event: EpochEvent): Promise<void> {
    for (const epoch of this.#rows.keys()) if (epoch >= event.epoch) this.#rows.delete(epoch);
    this.#header = resultsHeader(Object.keys(event.losses));
    this.#rows.set(event.epoch, resultsRow(event));
  }

  async keepOpened(detector: Detector): Promise<void> {
    this.#best = detector;
  }

  async save({ detector, state, best }: CheckpointEvent): Promise<void> {
    this.#state = state;
    this.#last = detector;
    if (best) this.#best = detector;
  }

  /** Unlike a folder, it keeps the training state: the user may ask for more epochs. */
  async finish(detector: Detector): Promise<void> {
    this.#last = detector;
  }

  /** What was started, and where it is: all that is needed to go on. */
  get saved(): SavedRun | undefined {
    if (!this.#record || !this.#state || !this.#last) return undefined;
    return { ...this.#record, detector: this.#last, state: this.#state };
  }

  /** The averaged weights of the best or the last epoch; of the last where no epoch was the best yet. */
  detector(which: 'best' | 'last'): Detector | undefined {
    return (which === 'best' ? this.#best : undefined) ?? this.#last;
  }

  /** `results.csv`. */
  get results(): string {
    return this.#header + [...this.#rows.values()].join('');
  }

  /**
   * A checkpoint file: the best weights in float16, the last in float32 with all that the run needs to go on elsewhere;
   * undefined if nothing has been trained.
   */
  checkpoint(which: 'best' | 'last'): Uint8Array | undefined {
    const { saved } = this;
    if (which === 'last' && saved)
      return writeCheckpoint(withRecord(trainingCheckpoint(saved.detector, saved.state), saved));
    const detector = this.detector(which);
    return detector && writeCheckpoint(checkpointOf(detector));
  }
}
