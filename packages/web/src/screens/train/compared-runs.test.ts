import { recommend, summarize } from '@froyolo/study/figures';
import { expect, test } from 'vitest';
import type { Run } from '../../library/types.js';
import { armOf, lastCompared, secondsUntil } from './compared-runs.js';

const point = (epoch: number, mAP: number | undefined, training: number) => ({
  epoch,
  losses: { box: 0.1, obj: 0.2, cls: 0.3 },
  freeze: '10',
  ...(mAP === undefined ? {} : { mAP50: 2 * mAP, mAP50_95: mAP }),
  seconds: { training, validation: mAP === undefined ? 0 : 1 },
});

const run = (id: number, study: number | undefined, freeze: string, trainable: number, mAP: number): Run => ({
  project: 'p',
  id,
  started: 0,
  status: 'finished',
  pictures: { train: 10, val: 2, boxes: 30 },
  notes: [],
  freeze,
  imgsz: 320,
  points: [point(1, undefined, 4), point(2, mAP / 2, 4), point(3, mAP, 2)],
  bestEpoch: 3,
  ...(study === undefined
    ? {}
    : { compared: { study, trainable, parameters: 100, peakBytes: 1e6 * trainable } }),
});

test('the runs of the last comparison, the one that learns least first', () => {
  const runs = [
    run(1, 5, '0', 100, 0.4),
    run(2, 9, '0', 100, 0.5),
    run(3, 9, '10', 44, 0.3),
    run(4, undefined, '', 0, 1),
  ];
  expect(lastCompared(runs).map(({ id }) => id)).toEqual([3, 2]);
  expect(lastCompared([run(1, undefined, '', 0, 1)])).toEqual([]);
});

test('a study knows them: figures of the best epoch, time with validation, speed without', () => {
  const arm = armOf(run(2, 9, '10', 44, 0.5));
  expect(arm).toMatchObject({ status: 'finished', seconds: 12, imagesPerSecond: 3, peakMemory: 44e6 });
  expect(arm.best).toMatchObject({ epoch: 2, mAP50_95: 0.5, elapsed: 12 });
  expect(arm.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(secondsUntil(run(2, 9, '10', 44, 0.5), 1)).toBe(4);
});

test('what the study says of two of them', () => {
  const arms = [run(3, 9, '10', 44, 0.3), run(2, 9, '0', 100, 0.5)].map(armOf);
  const summary = summarize(arms);
  expect(summary.map(({ freeze, mAP50_95 }) => [freeze, mAP50_95.mean])).toEqual([
    ['10', 0.3],
    ['0', 0.5],
  ]);
  expect(recommend(summary, arms)[0]).toMatch(/^Recommended: freeze 0, the most accurate/);
});
