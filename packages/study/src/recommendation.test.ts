import { expect, test } from 'vitest';
import { isDifferent } from './conclusions.js';
import { recommend } from './recommendation.js';
import type { ArmResult, EpochResult } from './result-types.js';
import { spread, summarize } from './summary.js';

interface Figures {
  readonly freeze: string;
  /** Best mAP50-95 of each seed. */
  readonly mAP: readonly number[];
  readonly seconds: number;
  readonly memory: number;
  /** The best epoch, of 10. */
  readonly bestEpoch?: number;
}

const NO_LOSSES = { box: 0, obj: 0, cls: 0 };

/** A run that gets to its best in equal steps and stays there. */
function runs({ freeze, mAP, seconds, memory, bestEpoch = 5 }: Figures): ArmResult[] {
  return mAP.map((value, seed) => {
    const epochs = Array.from({ length: 10 }, (_, epoch): EpochResult => {
      const mAP50_95 = value * Math.min((epoch + 1) / bestEpoch, 1) - (epoch >= bestEpoch ? 0.001 : 0);
      const elapsed = (seconds / 10) * (epoch + 1);
      const time = { epoch, elapsed, training: seconds / 10, validation: 0 };
      return { ...time, trainLosses: NO_LOSSES, valLosses: NO_LOSSES, mAP50: mAP50_95, mAP50_95 };
    });
    return {
      ...{
        freeze,
        seed,
        folder: '',
        status: 'finished',
        device: 'cpu',
        parameters: 10,
        trainableParameters: 5,
      },
      epochs,
      best: epochs[bestEpoch - 1],
      seconds,
      imagesPerSecond: 1,
      peakMemory: memory,
      cpu: 1,
      samples: [],
    };
  });
}

function advice(...figures: Figures[]): string[] {
  const arms = figures.flatMap(runs);
  return recommend(summarize(arms), arms);
}

const full: Figures = { freeze: '0', mAP: [0.52, 0.53], seconds: 600, memory: 2e9 };

test('mean and sample deviation; one value has no deviation', () => {
  expect(spread([1, 2, 3])).toEqual({ mean: 2, deviation: 1 });
  expect(spread([4])).toEqual({ mean: 4 });
});

test('a freeze as accurate as the best one and faster is recommended, with the reason', () => {
  const [choice, other] = advice(full, { freeze: '5', mAP: [0.52, 0.528], seconds: 300, memory: 1e9 });
  expect(choice).toMatch(
    /^Recommended: freeze 5: mAP50-95 0\.524 .*deviation of the seeds explains.*2\.0 times/,
  );
  expect(other).toMatch(
    /^Freeze 0 takes 2\.0 times the time and 2\.0 times the memory .*can't be told apart/,
  );
});

test('the most accurate freeze is recommended when the difference is more than chance', () => {
  const [choice, other] = advice(full, { freeze: '10', mAP: [0.44, 0.444], seconds: 200, memory: 0.7e9 });
  expect(choice).toMatch(/^Recommended: freeze 0, the most accurate/);
  expect(other).toMatch(/33 % of the time and 35 % of the memory of freeze 0 and loses 0\.083 .*keeps 84 %/);
  // After 200 s of 600 freeze 0 had done 3 of the 5 epochs to its best.
  expect(other).toMatch(
    /where time or memory is short: in its .* freeze 0 had reached 0\.315, which is less\./,
  );
});

test('saved time is not worth it when the other freeze has more by then', () => {
  const [, other] = advice(full, { freeze: '10', mAP: [0.44, 0.444], seconds: 400, memory: 0.7e9 });
  expect(other).toMatch(/where memory is short; for time alone it is not: .* 0\.525, which is more\./);
});

test('what loses most of the accuracy, or saves nothing, is called so', () => {
  const [, weak] = advice(full, { freeze: '24', mAP: [0.14, 0.15], seconds: 100, memory: 0.3e9 });
  expect(weak).toMatch(/keeps 28 %, too little for what it saves/);
  const [, idle] = advice(full, { freeze: '1', mAP: [0.4, 0.401], seconds: 590, memory: 1.95e9 });
  expect(idle).toMatch(/It saves nothing/);
});

test('deviations decide what is a difference', () => {
  const pair = (a: number[], b: number[]) => {
    const arms = [
      { ...full, mAP: a },
      { ...full, freeze: '1', mAP: b },
    ].flatMap(runs);
    const [first, second] = summarize(arms);
    return isDifferent(first, second);
  };
  expect(pair([0.5, 0.51], [0.52, 0.53])).toBe(true);
  expect(pair([0.46, 0.55], [0.49, 0.56])).toBe(false);
  expect(pair([0.5], [0.503])).toBe(false);
  expect(pair([0.5], [0.52])).toBe(true);
});

test('what the figures can not say is said', () => {
  const late = { ...full, freeze: '10', mAP: [0.3], seconds: 100, bestEpoch: 10 };
  const lines = advice(full, late).slice(2);
  expect(lines).toEqual([
    expect.stringMatching(/^Freeze 10 ran only once/),
    expect.stringMatching(/^The best epoch of freeze 10 is at the very end/),
  ]);
  const arms = runs(full).map((arm, i) => (i === 0 ? arm : { ...arm, status: 'running' as const }));
  expect(recommend(summarize(arms), arms).at(-1)).toMatch(/^1 of 2 runs are not finished/);
  expect(recommend([], [])).toEqual([expect.stringMatching(/^No run is finished/)]);
});

test('where nothing was learned, nothing is recommended', () => {
  const none = { ...full, mAP: [0, 0.002] };
  expect(advice(none, { ...none, freeze: '10', seconds: 100 })).toEqual([
    expect.stringMatching(
      /^None of 2 freezes has learned anything \(mAP50-95 0\.001 at best\).*nothing to recommend/,
    ),
  ]);
  expect(advice(none)).toEqual([
    expect.stringMatching(/^The one freeze that is finished has learned nothing/),
  ]);
  const [choice] = advice(none, { ...full, freeze: '10' });
  expect(choice).toMatch(/^Recommended: freeze 10/);
});
