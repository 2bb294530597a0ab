import { interpret, param, type Tensor } from '@froyolo/core';
import { type GoldenArray, goldensTitle, noGoldens, sharedArrays } from '@froyolo/testing';
import { describe, expect, test } from 'vitest';
import { decodeHeads } from './decode.js';

const ANCHORS = [
  [
    [10, 13],
    [16, 30],
    [33, 23],
  ],
  [
    [30, 61],
    [62, 45],
    [59, 119],
  ],
  [
    [116, 90],
    [156, 198],
    [373, 326],
  ],
];

function toHead({ data, shape }: GoldenArray): Tensor {
  const [n, anchors, height, width, values] = shape;
  const cells = height * width;
  const head = Float32Array.from(data, (_, i) => {
    const [plane, v, cell] = [Math.floor(i / (values * cells)), Math.floor(i / cells) % values, i % cells];
    return data[(plane * cells + cell) * values + v];
  });
  return { dtype: 'float32', shape: [n, anchors * values, height, width], data: head };
}

describe.skipIf(noGoldens)(`decoding${goldensTitle}`, () => {
  test('the decoded prediction of bus.jpg, row by row', () => {
    const arrays = sharedArrays('forward_bus320');
    const values = ['p3', 'p4', 'p5'].map((level) => toHead(arrays(`raw_${level}`)));
    const heads = values.map((value, i) => param(`h${i}`, value.shape));
    const model = { numClasses: 80, anchors: ANCHORS, strides: [8, 16, 32] };
    const feeds = Object.fromEntries(values.map((value, i) => [`h${i}`, value]));
    const { pred } = interpret({ pred: decodeHeads(heads, model) }, feeds);
    const expected = arrays('pred');
    expect(pred.shape).toEqual(expected.shape);
    let worst = 0;
    for (let i = 0; i < pred.data.length; i++)
      worst = Math.max(worst, Math.abs(pred.data[i] - expected.data[i]) / Math.max(1, expected.data[i]));
    expect(worst).toBeLessThan(1e-4);
  });
});
