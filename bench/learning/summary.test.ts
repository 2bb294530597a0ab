import { describe, expect, test } from 'vitest';
import { type ArmResult, armFile, armsOf, recipeNamed, shareOf } from './arms.js';
import { nestedSubset } from './subset.js';
import { bestBy, curveOf, imagesNeeded, spreadAt } from './summary.js';

const run = (seed: number, points: readonly (readonly [number, number])[]): ArmResult => ({
  ...{
    dataset: 'cells',
    images: 20,
    trainImages: 20,
    recipe: 'auto',
    machine: 'm',
    steps: 0,
    seconds: 60,
    seed,
  },
  points: points.map(([seconds, mAP50_95]) => ({ seconds, mAP50: 0.9, mAP50_95 })),
});

const runs = [
  run(0, [
    [10, 0.2],
    [20, 0.1],
    [30, 0.4],
  ]),
  run(1, [
    [12, 0.3],
    [28, 0.5],
  ]),
];

describe('over time', () => {
  test('the best so far counts', () => {
    expect([5, 10, 25, 30].map((seconds) => bestBy(runs[0]?.points ?? [], seconds))).toEqual([
      0, 0.2, 0.2, 0.4,
    ]);
  });

  test('mean and range of runs', () => {
    expect(spreadAt(runs, 9)).toBeUndefined();
    expect(spreadAt(runs, 15)).toEqual({ mean: 0.25, low: 0.2, high: 0.3, runs: 2 });
    expect(curveOf(runs).map(({ seconds, high }) => [seconds, high])).toEqual([
      [10, 0.2],
      [12, 0.3],
      [20, 0.3],
      [28, 0.5],
      [30, 0.5],
    ]);
  });

  test('images needed', () => {
    const sizes = [
      { images: 80, mean: 0.5 },
      { images: 20, mean: 0.3 },
    ];
    expect([0.2, 0.4, 0.5, 0.6].map((wanted) => imagesNeeded(sizes, wanted))).toEqual([
      20,
      40,
      80,
      undefined,
    ]);
  });
});

describe('what is measured', () => {
  test('recipes by name', () => {
    expect(recipeNamed('yolov5-10@15').settings).toEqual({ epochs: 15, freeze: ['10'] });
    expect(recipeNamed('auto').settings).toEqual({ recipe: 'auto' });
    expect(recipeNamed('time-60').settings).toEqual({ time: 60 });
    expect(recipeNamed('time-24@30').settings).toEqual({ time: 30, freeze: ['24'] });
    expect(recipeNamed('reference-0')).toMatchObject({
      by: 'reference',
      settings: { epochs: 30, freeze: ['0'] },
    });
    expect(() => recipeNamed('time')).toThrow('"time" is no recipe');
  });

  test('arms go seed by seed, and machines share them', () => {
    const datasets = [{ name: 'cells', data: 'cells.yaml' }];
    const arms = armsOf({ datasets, sizes: [20, 0], recipes: ['auto', 'time-60'], seeds: 2 });
    expect(arms.map(armFile).slice(0, 4)).toEqual([
      'cells-20-auto-0.json',
      'cells-20-time-60-0.json',
      'cells-all-auto-0.json',
      'cells-all-time-60-0.json',
    ]);
    const shares = [1, 2, 3].map((machine) => shareOf(arms, machine, 3));
    expect(new Set(shares.flat())).toEqual(new Set(arms));
    expect(shares.map(({ length }) => length)).toEqual([3, 3, 2]);
  });

  test('subsets are nested', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const [small, large] = [nestedSubset(items, 10), nestedSubset(items, 30)];
    expect(large.slice(0, 10)).toEqual(small);
    expect(new Set(large).size).toBe(30);
    expect(small).not.toEqual(items.slice(0, 10));
  });
});
