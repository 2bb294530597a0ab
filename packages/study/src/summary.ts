/** Figures of the runs of one freeze, together: mean and deviation over the seeds. */
import type { ArmResult, FreezeSummary, Spread } from './result-types.js';

/** One summary per freeze that has a finished run, in the order of the runs. */
export function summarize(arms: readonly ArmResult[]): FreezeSummary[] {
  const freezes = [...new Set(arms.map(({ freeze }) => freeze))];
  return freezes.flatMap((freeze) => {
    const runs = arms.filter((arm) => arm.freeze === freeze).filter(isFinished);
    return runs.length === 0 ? [] : [summarizeFreeze(freeze, runs)];
  });
}

type FinishedArm = ArmResult & Required<Pick<ArmResult, 'best'>>;

const isFinished = (arm: ArmResult): arm is FinishedArm =>
  arm.status === 'finished' && arm.best !== undefined;

function summarizeFreeze(freeze: string, runs: readonly FinishedArm[]): FreezeSummary {
  const of = (pick: (run: FinishedArm) => number) => spread(runs.map(pick));
  return {
    freeze,
    runs: runs.length,
    parameters: runs[0].parameters,
    trainableParameters: runs[0].trainableParameters,
    mAP50: of(({ best }) => best.mAP50),
    mAP50_95: of(({ best }) => best.mAP50_95),
    bestEpoch: of(({ best }) => best.epoch + 1),
    seconds: of(({ seconds }) => seconds),
    imagesPerSecond: of(({ imagesPerSecond }) => imagesPerSecond),
    peakMemory: of(({ peakMemory }) => peakMemory),
    cpu: of(({ cpu }) => cpu),
    ...spreadOfAll('gpu', runs),
    ...spreadOfAll('peakGpuMemory', runs),
  };
}

/** The figure, where every run has it. */
function spreadOfAll<K extends 'gpu' | 'peakGpuMemory'>(
  name: K,
  runs: readonly ArmResult[],
): { readonly [name in K]?: Spread } {
  const values = runs.flatMap(({ [name]: value }) => (value === undefined ? [] : [value]));
  return values.length < runs.length ? {} : ({ [name]: spread(values) } as { [name in K]: Spread });
}

export function spread(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  if (values.length < 2) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / (values.length - 1)) };
}
