import { reasonOf } from '@froyolo/errors';
import type { RunStore } from '../run/run-store.js';

/** Brings each checkpoint of a run into the store while the run goes on. */
export class CheckpointSaver {
  readonly #runs: RunStore;
  readonly #folder: string;
  readonly #warn: (text: string) => void;
  #isDue = false;
  #saving: Promise<void> | undefined;

  constructor(runs: RunStore, folder: string, warn: (text: string) => void) {
    this.#runs = runs;
    this.#folder = folder;
    this.#warn = warn;
  }

  /** An epoch is validated: its checkpoint is written next. */
  onEpoch(): void {
    this.#isDue = true;
  }

  /** A batch is done, so the checkpoint of the epoch before it is there. One that is being saved is left to finish. */
  onBatch(): void {
    if (!this.#isDue || this.#saving) return;
    this.#isDue = false;
    this.#saving = this.#save().finally(() => {
      this.#saving = undefined;
    });
  }

  /**
   * Saves the final content of the folder.
   * @throws StoreError if that can't be done
   */
  async end(): Promise<void> {
    await this.settled();
    await this.#runs.save(this.#folder);
  }

  /** Until nothing is being saved. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  /** What fails is tried again after the next epoch. */
  async #save(): Promise<void> {
    try {
      await this.#runs.save(this.#folder);
    } catch (error) {
      this.#warn(`a checkpoint could not be saved: ${reasonOf(error)}`);
    }
  }
}
