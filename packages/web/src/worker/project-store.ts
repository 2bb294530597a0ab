/** Where a run of a project goes: into the browser's database, each epoch with its checkpoints as one step. */
import { MemoryStore, type RunStore, type SavedRun } from '@froyolo/run';
import type { CheckpointEvent, Detector, EpochEvent } from '@froyolo/yolo';
import { saveRun, saveTogether } from '../library/runs.js';
import type { Run, RunPoint } from '../library/types.js';

type Settings = Parameters<RunStore['start']>;

/**
 * Milliseconds between two saves at least, and how many times as long as a save: a crash loses an epoch, or as much as
 * this of shorter ones.
 */
const SAVED_EVERY = 5000;
const SAVED_REST = 10;

export class ProjectStore implements RunStore {
  readonly folder = '';
  readonly #memory = new MemoryStore();
  readonly #onRun: (run: Run) => void;
  #run: Run;
  /** When the next save is due. */
  #due = Number.NEGATIVE_INFINITY;
  #isSaved = true;

  constructor(run: Run, onRun: (run: Run) => void) {
    this.#run = run;
    this.#onRun = onRun;
  }

  get run(): Run {
    return this.#run;
  }

  async start(...settings: Settings): Promise<void> {
    await this.#memory.start(...settings);
    await this.update({});
  }

  goOn(saved: SavedRun): void {
    this.#memory.goOn(saved);
  }

  /** Changes what is kept of the run, and says so. */
  async update(changes: Partial<Run>): Promise<void> {
    this.#run = { ...this.#run, ...changes };
    await saveRun(this.#run);
    this.#onRun(this.#run);
  }

  async addResults(event: EpochEvent): Promise<void> {
    await this.#memory.addResults(event);
    const points = this.#run.points.filter(({ epoch }) => epoch <= event.epoch);
    this.#run = {
      ...this.#run,
      points: [...points, pointOf(event, this.#run.pictures.train)],
      ...(event.best ? { bestEpoch: event.epoch + 1 } : {}),
      ...(event.best && event.validation ? { classes: event.validation.classes } : {}),
    };
  }

  async keepOpened(detector: Detector): Promise<void> {
    await this.#memory.keepOpened(detector);
    const best = this.#memory.checkpoint('best');
    await saveTogether(this.#run, best ? { best } : {});
  }

  async save(event: CheckpointEvent): Promise<void> {
    await this.#memory.save(event);
    this.#isSaved = false;
    if (performance.now() > this.#due || event.best || event.failed) await this.#keep(event.best);
    this.#onRun(this.#run);
  }

  /** What training needs is kept: more epochs may be asked for. */
  async finish(): Promise<void> {}

  /** Saves what isn't yet. */
  async flush(): Promise<void> {
    if (!this.#isSaved) await this.#keep(false);
  }

  async #keep(best: boolean): Promise<void> {
    const began = performance.now();
    const last = this.#memory.checkpoint('last');
    this.#isSaved = true;
    const bestBytes = best ? this.#memory.checkpoint('best') : undefined;
    await saveTogether(this.#run, {
      ...(last ? { last } : {}),
      ...(bestBytes ? { best: bestBytes } : {}),
    });
    const ended = performance.now();
    this.#due = ended + Math.max(SAVED_EVERY, SAVED_REST * (ended - began));
  }
}

function pointOf({ epoch, losses, freeze, validation, seconds }: EpochEvent, images: number): RunPoint {
  const figures = validation ? { mAP50: validation.mAP50, mAP50_95: validation.mAP50_95 } : {};
  const imagesPerSecond = images / seconds.training;
  const { training, validation: validating } = seconds;
  return {
    epoch: epoch + 1,
    losses: { ...losses },
    freeze,
    imagesPerSecond,
    ...figures,
    seconds: { training, validation: validating },
  };
}
