/** Runs of a comparison, as a study knows them. */
import type { ArmResult, EpochResult } from '@froyolo/study/figures';
import type { Run } from '../../library/types.js';

/** The runs that were compared last, by how much is frozen. */
export function lastCompared(runs: readonly Run[]): readonly Run[] {
  const study = runs.findLast(({ compared }) => compared)?.compared?.study;
  if (study === undefined) return [];
  const some = runs.filter(({ compared, points }) => compared?.study === study && points.length > 0);
  return some.sort((a, b) => (a.compared?.trainable ?? 0) - (b.compared?.trainable ?? 0));
}

export function armOf(run: Run): ArmResult {
  const epochs = epochsOf(run);
  const training = run.points.reduce((sum, { seconds }) => sum + (seconds?.training ?? 0), 0);
  const best = epochs.find(({ epoch }) => epoch + 1 === run.bestEpoch) ?? bestOf(epochs);
  const { trainable = 0, parameters = 0, peakBytes = 0 } = run.compared ?? {};
  return {
    freeze: run.freeze,
    seed: 0,
    folder: '',
    status: run.status === 'finished' || run.status === 'patience' ? 'finished' : 'running',
    device: '',
    parameters,
    trainableParameters: trainable,
    epochs,
    ...(best ? { best } : {}),
    seconds: secondsUntil(run, run.points.length),
    imagesPerSecond: training > 0 ? (run.pictures.train * run.points.length) / training : 0,
    peakMemory: peakBytes,
    cpu: 0,
    samples: [],
  };
}

/** Of a run in which no epoch was better than the detector that it started from. */
function bestOf(epochs: readonly EpochResult[]): EpochResult | undefined {
  return [...epochs].sort((a, b) => b.mAP50_95 - a.mAP50_95)[0];
}

/** Seconds that the first epochs took. */
export function secondsUntil({ points }: Run, count: number): number {
  return points
    .slice(0, count)
    .reduce((sum, { seconds }) => sum + (seconds ? seconds.training + seconds.validation : 0), 0);
}

/** Those that were validated. */
function epochsOf(run: Run): EpochResult[] {
  return run.points.flatMap(({ epoch, losses, mAP50, mAP50_95, seconds }, i) => {
    if (mAP50 === undefined || mAP50_95 === undefined) return [];
    return [
      {
        epoch: epoch - 1,
        elapsed: secondsUntil(run, i + 1),
        training: seconds?.training ?? 0,
        validation: seconds?.validation ?? 0,
        trainLosses: losses,
        valLosses: {},
        mAP50,
        mAP50_95,
      },
    ];
  });
}
