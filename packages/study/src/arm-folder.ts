/** What a run of a study writes beside its results: how long it took, and what it used. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSamples, SAMPLES_HEADER, type Sample, sampleRow } from './samples.js';

export interface EpochTiming {
  /** From 0. */
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

/** `arm.json`. */
export interface ArmState {
  readonly status: 'running' | 'finished';
  /** What computed, in words. */
  readonly device: string;
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Images of an epoch. */
  readonly images: number;
  /** The most resident memory of a process of this run, in bytes. */
  readonly peakMemory: number;
  readonly timing: readonly EpochTiming[];
  readonly partial?: PartialEpoch;
}

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

  /** Nothing where the run has not begun. */
  readState(): ArmState | undefined {
    return existsSync(this.#state) ? JSON.parse(readFileSync(this.#state, 'utf8')) : undefined;
  }

  /** Written before this returns, so that it is there before the checkpoint that comes after it. */
  writeState(state: ArmState): void {
    writeWhole(this.#state, `${JSON.stringify(state, undefined, 2)}\n`);
  }

  readSamples(): Sample[] {
    return existsSync(this.#samples) ? parseSamples(readFileSync(this.#samples, 'utf8')) : [];
  }

  /** Makes the file ready for more rows: what a killed process left of a row goes away, whole ones stay. */
  prepareSamples(): Sample[] {
    const kept = this.readSamples();
    mkdirSync(this.path, { recursive: true });
    writeWhole(this.#samples, SAMPLES_HEADER + kept.map(sampleRow).join(''));
    return kept;
  }

  addSample(sample: Sample): void {
    appendFileSync(this.#samples, sampleRow(sample));
  }
}

function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}
