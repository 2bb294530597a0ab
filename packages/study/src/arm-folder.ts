/** Files of a study's run beside its results: its times, memory and utilization. */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { z } from 'zod';
import { checkIdentity, type ExpectedRun, identitySchema } from './arm-identity.js';
import { readJson, readText } from './own-files.js';
import { parseSamples, SAMPLES_HEADER, type Sample, sampleRow } from './samples.js';

export interface EpochTiming {
  /** Epoch, from 0. */
  readonly epoch: number;
  /** Seconds since the run began, start-up, validation and saving of earlier epochs included. */
  readonly elapsed: number;
  /** Seconds of its training steps, waiting for data included. */
  readonly training: number;
  /** Seconds of its validation. */
  readonly validation: number;
}

/** The part of an epoch that was done before a clean stop. */
export interface PartialEpoch {
  readonly epoch: number;
  readonly elapsed: number;
  readonly training: number;
}

const timingSchema = z.object({
  epoch: z.int().nonnegative(),
  elapsed: z.number().nonnegative(),
  training: z.number().nonnegative(),
  validation: z.number().nonnegative(),
});

/** `arm.json`. */
const stateSchema = z.object({
  /** The run that it is the state of. */
  run: identitySchema,
  status: z.enum(['running', 'finished']),
  /** What computed, in words. */
  device: z.string(),
  parameters: z.number().nonnegative(),
  trainableParameters: z.number().nonnegative(),
  /** Images of an epoch. */
  images: z.number().nonnegative(),
  /** The most resident memory of a process of this run, in bytes. */
  peakMemory: z.number().nonnegative(),
  timing: z.array(timingSchema).readonly(),
  partial: timingSchema.omit({ validation: true }).exactOptional(),
});

export type ArmState = Readonly<z.output<typeof stateSchema>>;

export class ArmFolder {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get last(): string {
    return join(this.path, 'weights', 'last.safetensors');
  }

  get results(): string {
    return join(this.path, 'results.csv');
  }

  get #state(): string {
    return join(this.path, 'arm.json');
  }

  get #samples(): string {
    return join(this.path, 'samples.csv');
  }

  /**
   * Nothing where the run has not begun.
   * @param run the one that the folder is for; without `settings`, these are not compared
   * @throws StudyError if `arm.json` is damaged, or of another run
   */
  async readState(run: ExpectedRun): Promise<ArmState | undefined> {
    if (!existsSync(this.#state)) return undefined;
    const state = await readJson(this.#state, stateSchema, `delete ${this.path} to do its run again`);
    checkIdentity(state.run, run, this.#state);
    return state;
  }

  writeState(state: ArmState): Promise<void> {
    return writeAtomic(this.#state, `${JSON.stringify(state, undefined, 2)}\n`);
  }

  async readSamples(): Promise<Sample[]> {
    return existsSync(this.#samples) ? parseSamples(await readText(this.#samples)) : [];
  }

  /** Prepares the file for more rows: removes an incomplete row of a killed process. */
  async prepareSamples(): Promise<Sample[]> {
    const kept = await this.readSamples();
    await writeAtomic(this.#samples, SAMPLES_HEADER + kept.map(sampleRow).join(''));
    return kept;
  }

  /** A sample is not worth ending a run for: one that can't be written is missing. */
  addSample(sample: Sample): void {
    try {
      appendFileSync(this.#samples, sampleRow(sample));
    } catch {
      // The disk is full: the checkpoint that can't be written says so.
    }
  }
}
