/** Keeps `results.json` up to date while runs end. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import type { StudyResults } from './result-types.js';
import { readResults } from './results.js';
import type { Study } from './study.js';

/** If runs end faster than results are written, writing takes at most one part in this many of the time. */
const SHARE = 10;

export class ResultsWriter {
  readonly #folder: string;
  readonly #study: Study;
  readonly #onResults: (results: StudyResults) => void | Promise<void>;
  #isWriting = false;
  /** Whether a run ended while results were being written. */
  #isCrowded = false;
  #notBefore = 0;

  constructor(folder: string, study: Study, onResults: (results: StudyResults) => void | Promise<void>) {
    this.#folder = folder;
    this.#study = study;
    this.#onResults = onResults;
  }

  /** After a run. Left to a later one, or to the end, while results are being written or were just written. */
  async update(): Promise<void> {
    this.#isCrowded = this.#isWriting;
    const started = performance.now();
    if (this.#isWriting || started < this.#notBefore) return;
    this.#isWriting = true;
    try {
      await this.write();
    } finally {
      this.#isWriting = false;
      const now = performance.now();
      this.#notBefore = this.#isCrowded ? now + (SHARE - 1) * (now - started) : 0;
    }
  }

  /** Writes all that there is. */
  async write(): Promise<StudyResults> {
    const results = await readResults(this.#folder, this.#study);
    await writeAtomic(join(this.#folder, 'results.json'), `${JSON.stringify(results)}\n`);
    await this.#onResults(results);
    return results;
  }
}
