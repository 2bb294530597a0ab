import { gradients, interpret, ops, param, type Tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { type Hyperparameters, hypPresets } from '@froyolo/data';
import {
  type GoldenArray,
  goldensTitle,
  noGoldens,
  readArrays,
  readJson,
  relativeError,
  sharedArrays,
  sharedJson,
} from '@froyolo/testing';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { withTotal } from '../../loss/total.js';
import { assignTargets } from './assign.js';
import { yoloLoss } from './loss.js';
import { lossInputs } from './loss-inputs.js';

/** Gains scale with levels, classes and image size: these are 0.05, 1 and 0.5 for the network at hand. */
const hypFor = (numLevels: number, numClasses: number): Hyperparameters => ({
  ...hypPresets['scratch-low'],
  box: (0.05 * numLevels) / 3,
  obj: numLevels / 3,
  cls: (0.5 * numLevels * 80) / (3 * numClasses),
});
const GRIDS = [
  [20, 20],
  [10, 10],
  [5, 5],
] as const;

interface LossCase {
  readonly nc: number;
  readonly hyp: { label_smoothing?: number; fl_gamma?: number; cls_pw?: number; obj_pw?: number };
  readonly loss: number;
  readonly box: number;
  readonly obj: number;
  readonly cls: number;
  readonly anchors_grid: number[][];
}

/** `[N, anchors, y, x, values]` as the raw head has it, `[N, anchors · values, y, x]`. */
function toHead({ data, shape }: GoldenArray): Tensor {
  const [n, anchors, height, width, values] = shape;
  const cells = height * width;
  const head = new Float32Array(data.length);
  for (let plane = 0; plane < n * anchors; plane++)
    for (let cell = 0; cell < cells; cell++)
      for (let v = 0; v < values; v++)
        head[(plane * values + v) * cells + cell] = data[(plane * cells + cell) * values + v];
  return { dtype: 'float32', shape: [n, anchors * values, height, width], data: head };
}

function setUp(name: string, golden: LossCase, arrays: (name: string) => GoldenArray) {
  const { hyp: changed, nc } = golden;
  const values = GRIDS.map((_, i) => toHead(arrays(`${name}_p${i}`)));
  const heads = values.map((value, i) => param(`p${i}`, value.shape));
  const { label_smoothing: _, ...weights } = changed;
  const hyp = { ...hypFor(3, nc), ...weights };
  const terms = yoloLoss(heads, { numClasses: nc, numAnchors: 3, hyp, imgsz: 640 });
  const losses = withTotal(terms, heads);
  const dp = gradients(losses.loss, heads);
  const assignment = assignTargets(Float32Array.from(arrays(`${name}_targets`).data), {
    anchors: golden.anchors_grid,
    gridSizes: GRIDS,
    anchorThreshold: 4,
  });
  const feeds = lossInputs(assignment, {
    numClasses: nc,
    numAnchors: 3,
    gridSizes: GRIDS,
    labelSmoothing: changed.label_smoothing ?? 0,
  });
  return {
    golden,
    feeds,
    outputs: { ...losses, ...Object.fromEntries(dp.map((node, i) => [`dp${i}`, node!])) },
    expected: GRIDS.map((_, i) => toHead(arrays(`${name}_dp${i}`))),
    params: Object.fromEntries(values.map((value, i) => [`p${i}`, value])),
  };
}

type SetUp = ReturnType<typeof setUp>;

function check(results: Record<string, Tensor>, { golden, expected }: SetUp) {
  for (const part of ['box', 'obj', 'cls', 'loss'] as const)
    expect(Math.abs(results[part].data[0] - golden[part]), part).toBeLessThanOrEqual(1e-4 * golden[part]);
  expected.forEach((dp, i) => {
    expect(relativeError(results[`dp${i}`].data, dp.data), `gradient of level ${i}`).toBeLessThan(1e-4);
  });
}

const byInterpreter = (setup: SetUp) => interpret(setup.outputs, { ...setup.feeds, ...setup.params });

async function byOnnxruntime(setup: SetUp) {
  const executor = createOnnxExecutor(ort);
  const program = await executor.compile({ outputs: setup.outputs });
  const store = await executor.createStore(new Map(Object.entries(setup.params)));
  return program.run(setup.feeds, store);
}

test('one class: losses and gradients', async () => {
  const { one_class: golden } = readJson(
    new URL('../../fixtures/loss-one-class.json', import.meta.url),
  ) as Record<string, LossCase>;
  const setup = setUp(
    'one_class',
    golden,
    readArrays(new URL('../../fixtures/loss-one-class.safetensors', import.meta.url)),
  );
  check(byInterpreter(setup), setup);
  check(await byOnnxruntime(setup), setup);
});

describe.skipIf(noGoldens)(`losses and gradients of the five goldens${goldensTitle}`, () => {
  const cases = noGoldens ? {} : (sharedJson('loss') as Record<string, LossCase>);
  test.each(Object.keys(cases))('%s', async (name) => {
    const setup = setUp(name, cases[name], sharedArrays('loss'));
    check(byInterpreter(setup), setup);
    check(await byOnnxruntime(setup), setup);
  });
});

test('an image without targets has an objectness loss and no other', () => {
  const head = param('p', [1, 7, 2, 2]);
  const terms = yoloLoss([head], { numClasses: 2, numAnchors: 1, hyp: hypFor(1, 2), imgsz: 640 });
  const { loss, box, obj, cls } = withTotal(terms, [head]);
  const gridSizes = [[2, 2]] as const;
  const assignment = assignTargets(new Float32Array(0), {
    anchors: [[1.25, 1.625]],
    gridSizes,
    anchorThreshold: 4,
  });
  const feeds = lossInputs(assignment, { numClasses: 2, numAnchors: 1, gridSizes });
  const p: Tensor = { dtype: 'float32', shape: [1, 7, 2, 2], data: new Float32Array(28) };
  const sum = ops.reduceSum(gradients(loss, [head])[0]!);
  const result = interpret({ box, obj, cls, sum }, { ...feeds, p });
  expect(result.box.data[0]).toBe(0);
  expect(result.cls.data[0]).toBe(0);
  expect(result.obj.data[0]).toBeCloseTo(4 * Math.log(2), 5);
  expect(result.sum.data[0]).toBeCloseTo(4 * 0.5, 5);
});

test('a single class learns where it is given a gain', () => {
  const head = param('p', [1, 6, 2, 2]);
  const network = { numClasses: 1, numAnchors: 1, imgsz: 640 };
  const gridSizes = [[2, 2]] as const;
  const assignment = assignTargets(Float32Array.of(0, 0, 0.5, 0.5, 0.9, 0.9), {
    anchors: [[1.25, 1.625]],
    gridSizes,
    anchorThreshold: 4,
  });
  const p: Tensor = { dtype: 'float32', shape: [1, 6, 2, 2], data: new Float32Array(24) };
  const learned = (cls_one?: number) => {
    const hyp = { ...hypFor(1, 1), ...(cls_one === undefined ? {} : { cls_one }) };
    const { loss, cls } = withTotal(yoloLoss([head], { ...network, hyp }), [head]);
    const feeds = lossInputs(assignment, { ...network, gridSizes, learnsOne: Boolean(cls_one) });
    const classes = ops.slice(gradients(loss, [head])[0]!, 1, 5, 6);
    const result = interpret({ cls, classes }, { ...feeds, p });
    return { loss: result.cls.data[0], most: Math.min(...result.classes.data) };
  };
  expect(learned()).toEqual({ loss: 0, most: 0 });
  const { loss, most } = learned(0.5);
  expect(loss).toBeCloseTo((0.5 * 3 * Math.LN2) / 80, 6);
  expect(most).toBeLessThan(0);
});
