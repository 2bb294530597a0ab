/** Trains with several freezes and seeds and compares them in a report. */
import { claimRunFolder, fillingFolder } from '@froyolo/run/node';
import { type CompareOptions, recipeOf, resolveSettings, SETTINGS } from '@froyolo/run/settings';
import {
  type ArmEvent,
  type ArmEvents,
  compareFreezes,
  readStudy,
  type Study,
  type StudyResults,
  writeReport,
} from '@froyolo/study';
import { fetchMissing } from './dataset.js';
import type { CommonEvents } from './events.js';
import { findLastStudy } from './latest-run.js';
import { checkPlace, inQueue } from './queue.js';

export interface CompareEvents extends CommonEvents {
  /** Before the first run: where the study is, and what it does. */
  onStudy?(folder: string, study: Study): void;
  /** When a run begins; what it returns watches the run. */
  onArm?(event: ArmEvent): ArmEvents;
}

export interface CompareResult {
  readonly status: 'finished' | 'stopped';
  readonly results: StudyResults;
  readonly folder: string;
}

/** What a study goes on from; `freeze` and `seeds` may add runs, and `device` moves them. */
export type ResumeStudyOptions = Partial<CompareOptions> & Required<Pick<CompareOptions, 'resume'>>;

/**
 * Trains each freeze with each seed, one run after the other in its own process, and writes a report after each that is done. With
 * `queue` and `store` workers do the runs, all at the same time if there are as many. With
 * `resume`, continues a study: `true` is the latest under `project`, text its folder.
 * @throws FroyoloError for settings, data, weights or freezes that can't be used, before anything is trained
 */
export async function compare(
  options: CompareOptions | ResumeStudyOptions,
  events: CompareEvents = {},
): Promise<CompareResult> {
  if (!isResuming(options)) await fetchMissing(options.data, events);
  const { folder, study } = isResuming(options) ? await resumedStudy(options) : newStudy(options);
  checkPlace(options, study.recipe.device);
  events.onStudy?.(folder, study);
  const { status, results } = await fillingFolder(folder, () =>
    inQueue(options, folder, (launching) =>
      compareFreezes(
        folder,
        study,
        {
          ...(events.onDownload ? { onDownload: events.onDownload } : {}),
          ...(events.onArm ? { onArm: events.onArm } : {}),
          // A study that is stopped ends at once; its report is written when it goes on.
          onResults: (soFar) => (events.signal?.aborted ? undefined : writeReport(soFar, folder)),
        },
        { ...launching, ...(events.signal ? { signal: events.signal } : {}) },
      ),
    ),
  );
  return { status, results, folder };
}

function isResuming(options: CompareOptions | ResumeStudyOptions): options is ResumeStudyOptions {
  return options.resume !== undefined;
}

function newStudy(options: CompareOptions): { folder: string; study: Study } {
  const settings = resolveSettings(SETTINGS, 'compare', options);
  const { project, name, existOk, freeze, seeds, folds } = settings;
  // Every freeze trains once on each fold; more seeds go through the folds again.
  const runs = Math.max(seeds, folds ?? 1);
  const study = { recipe: recipeOf(settings), freezes: freeze, seeds: seedsUpTo(runs) };
  return { folder: claimRunFolder(project, name, existOk), study };
}

/** The study in a folder, with the freezes, the seeds and the device that are given. */
async function resumedStudy({ resume, project, freeze, seeds, device }: ResumeStudyOptions) {
  const folder = resume === true ? await findLastStudy(project) : String(resume);
  const study = await readStudy(folder);
  const freezes = freeze === undefined ? study.freezes : [freeze].flat().map(String);
  return {
    folder,
    study: {
      recipe: device === undefined ? study.recipe : { ...study.recipe, device },
      freezes,
      seeds: seeds === undefined ? study.seeds : seedsUpTo(seeds),
    },
  };
}

const seedsUpTo = (count: number) => Array.from({ length: count }, (_, seed) => seed);
