import { describe, expect, test } from 'vitest';
import { dealFolds } from './folds.js';
import { intervalOf } from './interval.js';

const image = (id: number, ...classes: number[]) => ({
  id,
  labels: classes.flatMap((cls) => [cls, 0.5, 0.5, 0.1, 0.1]),
});

describe('folds', () => {
  const common = Array.from({ length: 40 }, (_, i) => image(i, 0));
  const rare = Array.from({ length: 5 }, (_, i) => image(40 + i, 0, 1));
  const empty = [image(45), image(46)];
  const folds = dealFolds([...common, ...rare, ...empty], 5);

  test('every image is in one of them', () => {
    expect(
      folds
        .flat()
        .map(({ id }) => id)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 47 }, (_, i) => i));
    expect(folds.map(({ length }) => length)).toEqual([10, 10, 9, 9, 9]);
  });

  test('each has its share of a rare class', () => {
    expect(folds.map((fold) => fold.filter(({ id }) => id >= 40 && id < 45).length)).toEqual([1, 1, 1, 1, 1]);
  });

  test('they are the same each time, and not in the order of the files', () => {
    expect(dealFolds([...common, ...rare, ...empty], 5)).toEqual(folds);
    expect(folds[0]?.map(({ id }) => id)).not.toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
  });
});

/** Computed by Python's `statistics` with the quantiles 4.3027, 2.7764 and 2.0227 of a table. */
test.each([
  [[0.5], 0.5, 0.5],
  [[0.4, 0.5, 0.6], 0.2516, 0.7484],
  [[0.5, 0.52, 0.48, 0.51, 0.53], 0.4841, 0.5319],
  [Array.from({ length: 40 }, (_, i) => i / 40), 0.394, 0.581],
])('the 95%% interval of %j', (values, low, high) => {
  const interval = intervalOf(values);
  expect(interval.low).toBeCloseTo(low, 3);
  expect(interval.high).toBeCloseTo(high, 3);
});
