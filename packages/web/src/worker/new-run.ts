/** A run before its first epoch. */
import type { OpenedDatasets } from '@froyolo/data/browser';
import { bestPoint } from '../library/best-point.js';
import type { Run, TrainingChoice } from '../library/types.js';
import type { PlanInfo } from './api.js';

export interface NewRun {
  readonly project: string;
  readonly choice: TrainingChoice;
  readonly datasets: OpenedDatasets;
  /** The project's last one. */
  readonly last: Run | undefined;
  /** What its freeze costs, where it is one of several that are compared. */
  readonly compared?: { readonly study: number; readonly plan: PlanInfo };
}

export function newRun({ project, choice, datasets, last, compared }: NewRun): Run {
  const { train, val } = datasets;
  const boxes = [...train.images, ...val.images].reduce((sum, { labels }) => sum + labels.length / 5, 0);
  const before = choice.from === 'best' ? figuresOf(last) : undefined;
  return {
    ...(before ? { before } : {}),
    ...(compared ? { compared: { study: compared.study, ...costsOf(compared.plan) } } : {}),
    project,
    id: (last?.id ?? 0) + 1,
    started: Date.now(),
    status: 'running',
    pictures: { train: train.images.length, val: val.images.length, boxes },
    notes: val.images === train.images ? [{ code: 'none held out' }] : [],
    freeze: choice.freeze ?? '',
    imgsz: choice.imgsz,
    points: [],
    bestEpoch: 0,
  };
}

function figuresOf(last: Run | undefined): Run['before'] {
  const { mAP50, mAP50_95 } = (last && bestPoint(last)) ?? {};
  return mAP50 === undefined || mAP50_95 === undefined ? undefined : { mAP50, mAP50_95 };
}

const costsOf = ({ trainable, frozen, peakBytes }: PlanInfo) => ({
  trainable,
  parameters: trainable + frozen,
  peakBytes,
});
