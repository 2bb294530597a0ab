import { expect, test } from 'vitest';
import { imageWeights } from './image-weights.js';

const row = (cls: number) => [cls, 0.5, 0.5, 0.1, 0.1];

test('images with rare classes and with classes that are found badly weigh more', () => {
  const labels = [[...row(0), ...row(0), ...row(0)], row(1), []].map((rows) => Float32Array.from(rows));
  // Three objects of class 0, one of class 1, none of class 2: inverse frequencies 1/3, 1, 1.
  const total = 1 / 3 + 1 + 1;
  const [common, rare, empty] = imageWeights(labels, 3);
  expect([common, rare, empty].map((weight) => Number(weight).toFixed(9))).toEqual(
    [1 / total, 1 / total, 0].map((weight) => weight.toFixed(9)),
  );
  const [known, unknown] = imageWeights(labels, 3, [0.5, 0, 0]);
  expect(Number(known) / Number(unknown)).toBeCloseTo(0.25, 9);
});
