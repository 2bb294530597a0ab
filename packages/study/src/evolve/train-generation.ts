/** One generation: an ordinary training of which only the last epoch's figures count. */
import type { Hyperparameters } from '@froyolo/data';
import { type TrainFilesEvents, trainOnFiles } from '@froyolo/run/node';
import type { TrainOptions } from '@froyolo/run/settings';
import { StudyError } from '../errors.js';
import type { GenerationResult } from './evolve-csv.js';

/** A generation to train, as plain JSON: it may be sent to another process or machine. */
export interface GenerationOrder {
  /** Folder of the evolution; the training's own is `folder/train`. */
  readonly folder: string;
  /** Counted from 0. */
  readonly generation: number;
  readonly options: TrainOptions;
  readonly hyp: Hyperparameters;
}

/**
 * Trains a generation, or lets another process or machine do it. The order is plain JSON, and so is what comes back; nothing
 * where it was stopped.
 */
export type GenerationLauncher = (
  order: GenerationOrder,
  signal: AbortSignal,
  events: TrainFilesEvents,
) => Promise<GenerationResult | undefined>;

/** Trains in this process. Each generation replaces the folder of the one before. */
export const trainGeneration: GenerationLauncher = async ({ folder, options, hyp }, signal, events) => {
  let last: GenerationResult | undefined;
  const own = { hyp, project: folder, name: 'train', existOk: true, noval: true, nosave: true };
  const { status } = await trainOnFiles(
    { ...options, ...own },
    {
      ...events,
      signal,
      onEpoch: async (event) => {
        const { validation } = event;
        if (validation) {
          const { precision, recall, mAP50, mAP50_95, losses = {} } = validation;
          last = { precision, recall, mAP50, mAP50_95, losses: { ...losses } };
        }
        await events.onEpoch?.(event);
      },
    },
  );
  if (status === 'stopped') return undefined;
  if (!last) throw new StudyError(`${folder}: a generation ended without a validation`);
  return last;
};
