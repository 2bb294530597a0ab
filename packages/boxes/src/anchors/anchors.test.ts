import { Rng } from '@froyolo/data';
import { expect, test } from 'vitest';
import { fitAnchors } from './fit-anchors.js';
import { type AnchorSize, checkAnchors } from './recall.js';

/** Three kinds of boxes: small squares, wide ones, tall ones. */
function boxSizes(count: number): Float32Array {
  const rng = new Rng(5);
  const kinds = [
    [8, 8],
    [80, 20],
    [60, 200],
  ];
  const rows = Array.from({ length: count }, (_, i) =>
    kinds[i % 3].map((side) => side * rng.uniform(0.8, 1.25)),
  );
  return Float32Array.from(rows.flat());
}

test('recall counts boxes that an anchor can be matched to, as the assignment does', () => {
  const sizes = [10, 10, 39, 10, 40, 10, 2.6, 10];
  expect(checkAnchors(sizes, [[10, 10]])).toEqual({ bestPossibleRecall: 0.75, anchorsPerTarget: 0.75 });
  const two: AnchorSize[] = [
    [10, 10],
    [20, 10],
  ];
  expect(checkAnchors(sizes, two)).toEqual({ bestPossibleRecall: 1, anchorsPerTarget: 1.5 });
  expect(checkAnchors([], two)).toEqual({ bestPossibleRecall: 0, anchorsPerTarget: 0 });
});

test('fitted anchors find the kinds of boxes that there are', () => {
  const sizes = boxSizes(300);
  const fitted = fitAnchors(sizes, { numLevels: 3, numAnchors: 1, generations: 300 }) ?? [];
  expect(fitted.map((level) => level.length)).toEqual([1, 1, 1]);
  fitted.flat().forEach(([w, h], i) => {
    const [width, height] = [
      [8, 8],
      [80, 20],
      [60, 200],
    ][i];
    expect(Math.abs(Math.log(w / width))).toBeLessThan(0.1);
    expect(Math.abs(Math.log(h / height))).toBeLessThan(0.1);
  });
  expect(checkAnchors(sizes, fitted.flat()).bestPossibleRecall).toBe(1);
});

test('evolution makes the fit better, and the same seed gives the same anchors', () => {
  const sizes = boxSizes(200);
  const settings = { numLevels: 2, numAnchors: 2, threshold: 1.5, seed: 3 };
  const start = fitAnchors(sizes, { ...settings, generations: 0 }) ?? [];
  const end = fitAnchors(sizes, settings) ?? [];
  const recall = (anchors: AnchorSize[][]) => checkAnchors(sizes, anchors.flat(), 1.5).bestPossibleRecall;
  expect(recall(end)).toBeGreaterThanOrEqual(recall(start));
  expect(end).not.toEqual(start);
  expect(fitAnchors(sizes, settings)).toEqual(end);
});

test('fewer sizes than anchors give none', () => {
  expect(fitAnchors([10, 10, 10, 10, 20, 20], { numLevels: 3, numAnchors: 1 })).toBeUndefined();
});
