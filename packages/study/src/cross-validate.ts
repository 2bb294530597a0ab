/** Trains once per fold and says how well the accuracy is known. */
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { claimRunFolder, fillingFolder, type TrainFilesEvents, trainOnFiles } from '@froyolo/run/node';
import { resolveSettings, SETTINGS, type TrainOptions } from '@froyolo/run/settings';
import type { ValidationResult } from '@froyolo/yolo';
import { writeFolds } from './folds.js';
import { type Interval, intervalOf } from './interval.js';

export interface FoldResult {
  /** Its run's folder. */
  readonly folder: string;
  /** mAP50 of the best epoch, or of the detector as opened if that is better, on the images of the fold. */
  readonly mAP50: number;
  readonly mAP50_95: number;
  readonly images: number;
}

export interface CrossValidation {
  readonly status: 'finished' | 'stopped';
  readonly folder: string;
  readonly folds: readonly FoldResult[];
  readonly mAP50: Interval;
  readonly mAP50_95: Interval;
}

export interface CrossValidationEvents {
  /** Before the training of a fold, from 0; what it returns watches it. */
  onFold?(fold: number, count: number): TrainFilesEvents;
  readonly signal?: AbortSignal;
}

/**
 * Trains on all folds but one and validates on that one, for each. Writes `cross-validation.json` into the folder of the
 * runs after each.
 * @throws StudyError if there are fewer images than folds, and whatever a training throws
 */
export async function crossValidate(
  { folds: count, ...options }: TrainOptions & { readonly folds: number },
  { onFold, signal }: CrossValidationEvents = {},
): Promise<CrossValidation> {
  const { project, name, existOk, data } = resolveSettings(SETTINGS, 'train', options);
  const folder = claimRunFolder(project, name, existOk);
  const datasets = await fillingFolder(folder, () => writeFolds(data, count, join(folder, 'folds')));
  const done: FoldResult[] = [];
  for (const [fold, yaml] of datasets.entries()) {
    const own = { data: yaml, project: folder, name: `fold${fold + 1}`, existOk: true };
    const events = { ...onFold?.(fold, count), ...(signal ? { signal } : {}) };
    const result = await trainFold({ ...options, ...own }, events);
    if (!result) return summary('stopped', folder, done);
    done.push(result);
    await writeAtomic(
      join(folder, 'cross-validation.json'),
      `${JSON.stringify(summary('finished', folder, done), undefined, 1)}\n`,
    );
  }
  return summary('finished', folder, done);
}

function summary(
  status: CrossValidation['status'],
  folder: string,
  folds: readonly FoldResult[],
): CrossValidation {
  const of = (pick: (fold: FoldResult) => number) => intervalOf(folds.map(pick));
  return { status, folder, folds, mAP50: of((fold) => fold.mAP50), mAP50_95: of((fold) => fold.mAP50_95) };
}

const figuresOf = ({ mAP50, mAP50_95, images }: ValidationResult) => ({ mAP50, mAP50_95, images });

/** Nothing where it was stopped. */
async function trainFold(options: TrainOptions, events: TrainFilesEvents): Promise<FoldResult | undefined> {
  let best = { mAP50: 0, mAP50_95: 0, images: 0 };
  const { status, folder } = await trainOnFiles(options, {
    ...events,
    onOpened: async (figures) => {
      best = figuresOf(figures);
      await events.onOpened?.(figures);
    },
    onEpoch: async (event) => {
      const { validation } = event;
      if (event.best && validation) best = figuresOf(validation);
      await events.onEpoch?.(event);
    },
  });
  return status === 'stopped' ? undefined : { folder, ...best };
}
