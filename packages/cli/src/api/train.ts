/** Trains a detector, or goes on with a run. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labelsChart, resultsChart } from '@froyolo/report';
import { resumeOnFiles, type TrainFilesEvents, type TrainFilesResult, trainOnFiles } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import { findLastCheckpoint } from './latest-run.js';
import { Pictures } from './pictures.js';

export type TrainEvents = TrainFilesEvents;
export type TrainResult = TrainFilesResult;

/** What a run goes on from: everything may be left out but `resume`. */
export type ResumeOptions = Partial<TrainOptions> & Required<Pick<TrainOptions, 'resume'>>;

/**
 * Trains a detector and writes the folder of the run: weights, figures, charts. With `resume`, goes on with a run that was
 * interrupted: `true` is the latest under `project`, text its folder or its `last.safetensors`.
 * @throws FroyoloError for settings, data, weights or a device that can't be used
 */
export async function train(
  options: TrainOptions | ResumeOptions,
  events: TrainEvents = {},
): Promise<TrainResult> {
  const drawing = options.noplots ? undefined : new RunPictures(events);
  const watched = drawing?.events ?? events;
  const result = await (isResuming(options) ? resumeRun(options, watched) : trainOnFiles(options, watched));
  // A run that was stopped is to end soon, and goes on later.
  if (result.status !== 'stopped') await drawing?.finish(result.folder);
  return result;
}

function isResuming(options: TrainOptions | ResumeOptions): options is ResumeOptions {
  return options.resume !== undefined;
}

async function resumeRun({ resume, ...given }: ResumeOptions, events: TrainEvents): Promise<TrainResult> {
  const checkpoint = resume === true ? await findLastCheckpoint(given.project) : String(resume);
  return resumeOnFiles(checkpoint, given, events);
}

/** Draws the labels and the first batches while a run goes on, and its figures at the end. */
class RunPictures {
  readonly #events: TrainEvents;
  #pictures: Pictures | undefined;

  constructor(events: TrainEvents) {
    this.#events = events;
  }

  /** The events, each drawn after it is passed on. */
  get events(): TrainEvents {
    let names: readonly string[] = [];
    return {
      ...this.#events,
      onSetup: async (event) => {
        await this.#events.onSetup?.(event);
        names = event.detector.names;
        this.#pictures = new Pictures(event.folder, (text) => this.#events.onWarning?.(text));
        this.#pictures.charts({ labels: labelsChart(event.labels, names) });
      },
      onTrainImages: (batch, index) => {
        this.#events.onTrainImages?.(batch, index);
        this.#pictures?.batch(`train_batch${index}`, batch, names);
      },
    };
  }

  async finish(folder: string): Promise<void> {
    const results = join(folder, 'results.csv');
    if (existsSync(results))
      this.#pictures?.charts({ results: resultsChart(await readFile(results, 'utf8')) });
    await this.#pictures?.finish();
  }
}
