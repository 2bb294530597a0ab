import { gradients, input, interpret, type Node, type Tensor, tensor } from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { relativeError } from '@froyolo/testing';
import { expect, test } from 'vitest';
import { withTotal } from '../../loss/total.js';
import { assignTargets } from './assign.js';
import { yoloLoss } from './loss.js';
import { type LossInputOptions, lossInputs } from './loss-inputs.js';

const OPTIONS: LossInputOptions = { numClasses: 2, numAnchors: 1, gridSizes: [[4, 4]] };
const assign = (...rows: number[][]) =>
  assignTargets(Float32Array.from(rows.flat()), { anchors: [[1, 1]], gridSizes: [[4, 4]] });

/** In the middle of the cell in row 1, column 2 of image 0, and a larger one at the same place. */
const ONE = [0, 1, 0.625, 0.375, 0.25, 0.25];
const LARGER = [0, 0, 0.625, 0.375, 0.5, 0.5];

test('indices point at every value of the matched prediction', () => {
  const index = lossInputs(assign(ONE), OPTIONS)['loss.index'];
  expect(index.shape).toEqual([1, 1, 7]);
  expect(Array.from(index.data)).toEqual([0, 1, 2, 3, 4, 5, 6].map((value) => value * 16 + 1 * 4 + 2));
});

test('the last of several matches of a cell owns it', () => {
  const feeds = lossInputs(assign(ONE, LARGER), OPTIONS);
  expect(Array.from(feeds['loss.owner'].data)).toEqual([0, 1]);
  expect(Array.from(feeds['loss.weight'].data)).toEqual([0.5, 0.5]);
});

test('label smoothing moves both sides of the one-hot class', () => {
  const { data } = lossInputs(assign(ONE), { ...OPTIONS, labelSmoothing: 0.5 })['loss.classes'];
  expect(Array.from(data)).toEqual([0.25, 0.75]);
});

test('without matches there is one row without weight', () => {
  const feeds = lossInputs(assign(), OPTIONS);
  expect(feeds['loss.box'].shape).toEqual([1, 1, 4]);
  expect([...feeds['loss.weight'].data, ...feeds['loss.owner'].data]).toEqual([0, 0]);
});

test('levels have as many rows as the one with most matches; the rest have no weight', () => {
  const anchors = [
    [1, 1],
    [7, 7],
  ];
  const gridSizes = [
    [4, 4],
    [4, 4],
  ] as const;
  const matches = assignTargets(Float32Array.from([...ONE, ...LARGER]), { anchors, gridSizes });
  expect(matches.map(({ numMatches }) => numMatches)).toEqual([2, 1]);
  const feeds = lossInputs(matches, { ...OPTIONS, gridSizes });
  expect(feeds['loss.box'].shape).toEqual([2, 2, 4]);
  expect([...feeds['loss.weight'].data]).toEqual([0.5, 0.5, 1, 0]);
  expect([...feeds['loss.owner'].data]).toEqual([0, 1, 1, 0]);
});

interface Run {
  readonly values: Float32Array;
  readonly feeds: Record<string, Tensor>;
  readonly flGamma?: number;
}

function lossAndGradient({ values, feeds, flGamma = 0 }: Run) {
  const head = input('head', ['batch', 7, 4, 4]);
  const hyp = { ...hypPresets['scratch-low'], box: 0.05, obj: 1, cls: 0.5, fl_gamma: flGamma };
  const terms = yoloLoss([head], { numClasses: 2, numAnchors: 1, hyp, imgsz: 640 });
  const { loss } = withTotal(terms, [head]);
  const [gradient] = gradients(loss, [head]) as [Node];
  const result = interpret({ loss, gradient }, { ...feeds, head: tensor(values, [1, 7, 4, 4]) });
  return { loss: result.loss.data[0], gradient: result.gradient.data };
}

const values = Float32Array.from({ length: 112 }, (_, i) => Math.sin(7.1 * i));

/** The same feeds with rows that match nothing behind those of each level. */
function padded(feeds: Record<string, Tensor>, rows: number): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(
      ([
        name,
        {
          data,
          shape: [levels, own, columns],
        },
      ]) => {
        const filler = name === 'loss.box' || name === 'loss.anchor' ? 1 : 0;
        const longer = data.constructor as new (length: number) => Float32Array | Int32Array;
        const values = new longer(levels * rows * columns).fill(filler);
        for (let level = 0; level < levels; level++)
          values.set(
            data.subarray(level * own * columns, (level + 1) * own * columns),
            level * rows * columns,
          );
        return [name, tensor(values, [levels, rows, columns])];
      },
    ),
  );
}

test('rows without weight change neither the loss nor its gradient', () => {
  const feeds = lossInputs(assign(ONE, LARGER), OPTIONS);
  const exact = lossAndGradient({ values, feeds });
  const more = lossAndGradient({ values, feeds: padded(feeds, 8) });
  expect(more.loss).toBeCloseTo(exact.loss, 6);
  expect(relativeError(more.gradient, exact.gradient)).toBeLessThan(1e-6);
});

test.each([0, 1.5])('far-out predictions leave everything finite, focal γ = %d', (flGamma) => {
  for (const scale of [-200, 200]) {
    const feeds = lossInputs(assign(ONE, LARGER), OPTIONS);
    const { loss, gradient } = lossAndGradient({ values: values.map((v) => scale * v), feeds, flGamma });
    expect(Number.isFinite(loss)).toBe(true);
    expect(gradient.every(Number.isFinite)).toBe(true);
  }
});
