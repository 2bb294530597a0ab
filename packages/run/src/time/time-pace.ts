/** Leads a training by a wall time: what fits into it, and when to stop so that all is done in time. */
import type { Pace } from '@froyolo/yolo';

export interface TimePaceOptions {
  /** Seconds that the whole run may take. */
  readonly seconds: number;
  /** Seconds of it that have passed. */
  elapsed(): number;
  /** Seconds of a validation, as far as is known before the first. */
  readonly validation: number;
  /** When training began, in seconds of the time, where it was interrupted since. */
  readonly began?: number;
  /** Seconds that saving the results and the end of the process take. */
  readonly ending: number;
  /**
   * Stages of gradual unfreezing after the first: from which part of the time on each is due, ascending, and how many times
   * as long as a step of the first stage its steps take.
   */
  readonly stages?: readonly TimedStage[];
}

export interface TimedStage {
  readonly share: number;
  readonly cost: number;
}

/** A stage with fewer steps isn't worth the time it takes to start. */
const MIN_STAGE_STEPS = 60;
/** Earliest share of the time for the first validation. */
const FIRST_VALIDATION = 0.3;
/** Least share of the time between two validations, and the largest share that validation may take. */
const VALIDATION_GAP = 0.05;
const VALIDATION_SHARE = 0.1;
/** Seconds between two checkpoints at least: an epoch of few images takes no longer than writing one. */
const CHECKPOINT_GAP = 2;
/** Factor by which the longest batch time decays per batch: the first batch of a stage is long, but doesn't recur. */
const FORGETTING = 0.9;
/** Safety factor of the time reserved for the end, since durations vary. */
const CAUTION = 1.15;

export class TimePace implements Pace {
  readonly #options: TimePaceOptions;
  #began: number | undefined;
  #isOver = false;
  #validation: number;
  #validatedAt = 0;
  #savedAt = 0;
  /** Batches of the running stage: the longest one decides the end, the mean decides what fits. */
  #batches = { count: 0, seconds: 0, longest: 0 };
  #stage = 0;

  constructor(options: TimePaceOptions) {
    this.#options = options;
    this.#validation = options.validation;
    this.#began = options.began;
  }

  elapsed(): number {
    return this.#options.elapsed();
  }

  share(): number {
    const elapsed = this.#options.elapsed();
    this.#began ??= elapsed;
    const end = this.#options.seconds - this.#reserve;
    return end > this.#began ? Math.min((elapsed - this.#began) / (end - this.#began), 1) : 1;
  }

  /** Skips to the last stage that is due and has time for enough steps. */
  stage(): number {
    const { stages = [], seconds, elapsed } = this.#options;
    const share = this.share();
    const left = seconds - this.#reserve - elapsed();
    const due = stages.findLastIndex((stage) => share >= stage.share && this.#fits(stage, left)) + 1;
    if (due > this.#stage) {
      this.#stage = due;
      this.#batches = { count: 0, seconds: 0, longest: 0 };
    }
    return this.#stage;
  }

  isValidationDue(): boolean {
    const { seconds, elapsed } = this.#options;
    const now = elapsed();
    const gap = Math.max(VALIDATION_GAP * seconds, this.#validation / VALIDATION_SHARE);
    const isLate = now + 2 * this.#reserve > seconds;
    return this.share() >= FIRST_VALIDATION && now - this.#validatedAt >= gap && !isLate;
  }

  isCheckpointDue(): boolean {
    return this.#options.elapsed() - this.#savedAt >= CHECKPOINT_GAP;
  }

  isOver(): boolean {
    this.#isOver ||= this.#options.elapsed() + this.#reserve >= this.#options.seconds;
    return this.#isOver;
  }

  onValidated(seconds: number): void {
    this.#validation = Math.max(seconds, this.#validatedAt === 0 ? 0 : this.#validation);
    this.#validatedAt = this.#options.elapsed();
  }

  onSaved(): void {
    this.#savedAt = this.#options.elapsed();
  }

  onBatch(seconds: number): void {
    const { count, seconds: sum, longest } = this.#batches;
    const forgotten = FORGETTING * longest;
    this.#batches = { count: count + 1, seconds: sum + seconds, longest: Math.max(forgotten, seconds) };
  }

  /** Seconds that are kept for one more batch, the last validation and the end. */
  get #reserve(): number {
    return CAUTION * (this.#validation + this.#batches.longest) + this.#options.ending;
  }

  #fits({ cost }: TimedStage, left: number): boolean {
    const { count, seconds } = this.#batches;
    return count > 0 && left >= MIN_STAGE_STEPS * cost * (seconds / count);
  }
}
