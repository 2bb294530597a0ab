/** Trains a detector, or continues a run. */
import { resumeOnFiles, type TrainFilesEvents, type TrainFilesResult, trainOnFiles } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import { Loggers } from '../loggers/logger.js';
import { openLoggers } from '../loggers/open-loggers.js';
import { type DatasetEvents, fetchMissing } from './dataset.js';
import { findLastCheckpoint } from './latest-run.js';
import { RunPictures } from './run-pictures.js';

export type TrainEvents = TrainFilesEvents & DatasetEvents;
export type TrainResult = TrainFilesResult;

/** What a run goes on from: everything may be left out but `resume`. */
export type ResumeOptions = Partial<TrainOptions> & Required<Pick<TrainOptions, 'resume'>>;

/**
 * Trains a detector and writes the folder of the run: weights, figures, charts, and the pictures that `validate` draws, of
 * the best weights. With `resume`, continues a run that was interrupted: `true` is the latest under `project`, text its
 * folder or its `last.safetensors`.
 * @throws FroyoloError for settings, data, weights or a device that can't be used
 */
export async function train(
  options: TrainOptions | ResumeOptions,
  events: TrainEvents = {},
): Promise<TrainResult> {
  if (!isResuming(options)) await fetchMissing(options.data, events);
  // Never from the file of a run that goes on: a module is code, and runs only where it is named.
  const { logger = ['tensorboard'] } = options;
  const loggers = new Loggers(await openLoggers([logger].flat()), events);
  const drawing = options.noplots ? undefined : new RunPictures(loggers.events, options);
  const watched = drawing?.events ?? loggers.events;
  const result = await (isResuming(options) ? resumeRun(options, watched) : trainOnFiles(options, watched));
  // A stopped run must end soon, and continues later.
  if (result.status !== 'stopped') await drawing?.finish(result);
  await loggers.end(result);
  return result;
}

function isResuming(options: TrainOptions | ResumeOptions): options is ResumeOptions {
  return options.resume !== undefined;
}

async function resumeRun({ resume, ...given }: ResumeOptions, events: TrainEvents): Promise<TrainResult> {
  const checkpoint = resume === true ? await findLastCheckpoint(given.project) : String(resume);
  return resumeOnFiles(checkpoint, given, events);
}
