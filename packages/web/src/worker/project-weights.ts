/** Detectors of a project: of the checkpoint that was opened, and of its last training. */

import { type Checkpoint, loadCheckpoint } from '@froyolo/weights';
import { type Detector, detectorFromCheckpoint } from '@froyolo/yolo';
import { PageError } from '../errors/page-error.js';
import { readProject } from '../library/projects.js';
import { readCheckpoint } from '../library/runs.js';
import type { Project } from '../library/types.js';
import { readWeights } from '../library/weights.js';
import type { Which } from './api.js';

export interface LoadedWeights {
  readonly name: string;
  readonly checkpoint: Checkpoint;
  readonly detector: Detector;
}

export class ProjectWeights {
  readonly #project: string;
  readonly #loaded = new Map<string, Promise<LoadedWeights>>();

  constructor(project: string) {
    this.#project = project;
  }

  /** Forgets what was loaded of a training that has continued since. */
  forgetTrained(): void {
    for (const key of ['best', 'last']) this.#loaded.delete(key);
  }

  /** @throws Error where there are none */
  async get(which: Which): Promise<LoadedWeights> {
    const key = which === 'opened' ? ((await this.#current()).weights ?? '') : which;
    const loaded = this.#loaded.get(key) ?? this.#load(which, key);
    this.#loaded.set(key, loaded);
    loaded.catch(() => this.#loaded.delete(key));
    return loaded;
  }

  async #current(): Promise<Project> {
    const project = await readProject(this.#project);
    if (!project) throw new PageError('PAGE_NO_PROJECT');
    return project;
  }

  async #load(which: Which, key: string): Promise<LoadedWeights> {
    const { file, name } = await this.#file(which, key);
    const checkpoint = loadCheckpoint(new Uint8Array(await file.arrayBuffer()), name);
    return { name, checkpoint, detector: detectorFromCheckpoint(checkpoint) };
  }

  /** The file itself. @throws Error where there is none */
  async file(which: Which): Promise<Blob> {
    const key = which === 'opened' ? ((await this.#current()).weights ?? '') : which;
    return (await this.#file(which, key)).file;
  }

  async #file(which: Which, key: string): Promise<{ file: Blob; name: string }> {
    if (which === 'opened') {
      const opened = await readWeights(key);
      if (!opened) throw new PageError('PAGE_NO_CHECKPOINT');
      return opened;
    }
    const file = await readCheckpoint(this.#project, which);
    if (!file) throw new PageError('PAGE_NO_TRAINING');
    return { file, name: `${which}.safetensors` };
  }
}
