/**
 * Every rule of the gradient table against central differences in float64. Longer than other files on purpose: a table with
 * cases for each op is one piece.
 */
import { mulberry32, numel } from '@froyolo/common';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../executors/interpreter/interpret.js';
import { GraphError, input, type Node, type Shape, scalar, topologicalOrder } from '../graph/node.js';
import { batchNorm } from '../nn/batch-norm.js';
import { apply } from '../ops/apply.js';
import * as ops from '../ops/build.js';
import { sizeOf } from '../ops/shapes.js';
import type { OpName } from '../ops/table.js';
import { Unsupported } from '../ops/unsupported.js';
import { GRADIENTS, gradients } from './gradients.js';

interface Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Step of the differences: the error of a central difference is about step² + 1e-16 / step. */
const STEP = 1e-5;
const BATCH = 2;

/** Ops that have a rule, and those that `gradients` refuses. */
const [RULES, REFUSED] = [
  Object.entries(GRADIENTS).flatMap(([op, rule]) => (typeof rule === 'function' ? [op] : [])),
  Object.entries(GRADIENTS).flatMap(([op, rule]) => (rule instanceof Unsupported ? [op] : [])),
];

interface Case {
  readonly op: OpName;
  /** Float inputs; every one is differentiated. */
  readonly shapes: readonly Shape[];
  readonly build: (...xs: Node[]) => Node;
  readonly range?: readonly [number, number];
  /** Values of the input `index`, for ops that take one. */
  readonly index?: readonly number[];
}

function randomValues(shape: Shape, random: () => number, [low, high] = [-2, 2]): Value {
  const sizes = shape.map((d) => sizeOf(d, { batch: BATCH }));
  const length = numel(sizes);
  return { shape: sizes, data: Float64Array.from({ length }, () => low + (high - low) * random()) };
}

/** A weighted sum, so that every element of y counts differently. */
function weightedSum(y: Node): Node {
  return ops.reduceSum(ops.mul(y, input('weights', y.shape)));
}

function differences(loss: Node, feeds: Record<string, Value>, { data }: Value): number[] {
  const at = (i: number, value: number) => {
    const kept = data[i];
    data[i] = value;
    const result = evaluate([loss], feeds)[0].data[0];
    data[i] = kept;
    return result;
  };
  return Array.from(data, (v, i) => (at(i, v + STEP) - at(i, v - STEP)) / (2 * STEP));
}

function checkGradients(loss: Node, wrt: readonly Node[], feeds: Record<string, Value>): void {
  const found = gradients(loss, wrt) as Node[];
  found.forEach((gradient, i) => {
    expect(gradient, `gradient of input ${i}`).toBeDefined();
    expect(gradient.shape).toEqual(wrt[i].shape);
  });
  // The loss is evaluated as well since a gradient may need no feed that tells the batch size.
  evaluate([...found, loss], feeds)
    .slice(0, -1)
    .forEach(({ data }, i) => {
      const expected = differences(loss, feeds, feeds[wrt[i].name!]);
      const scale = Math.max(...expected.map(Math.abs));
      const error = Math.max(...expected.map((e, k) => Math.abs(e - data[k])));
      expect(scale, `input ${i} matters`).toBeGreaterThan(0);
      expect(error / scale, `relative error of the gradient of input ${i}`).toBeLessThan(1e-6);
    });
}

function checkCase({ shapes, build, range, index }: Case): void {
  const random = mulberry32(1);
  const xs = shapes.map((shape, i) => input(`x${i}`, shape));
  const y = index ? build(...xs, input('index', [index.length], 'int32')) : build(...xs);
  const feeds: Record<string, Value> = { weights: randomValues(y.shape, random) };
  for (const x of xs) feeds[x.name!] = randomValues(x.shape, random, range as [number, number] | undefined);
  if (index) feeds.index = { shape: [index.length], data: Float64Array.from(index) };
  checkGradients(weightedSum(y), xs, feeds);
}

const elementwise = (op: OpName, build: (x: Node) => Node, range?: [number, number]): Case[] =>
  [[2, 3], ['batch', 2, 2], []].map((shape) => ({ op, shapes: [shape], build, range }));

const BROADCASTS: Shape[][] = [
  [
    [2, 3],
    [2, 3],
  ],
  [
    ['batch', 3, 2],
    [3, 1],
  ],
  [[3], ['batch', 2, 3]],
  [
    [2, 1, 3],
    [1, 4, 1],
  ],
  [[], ['batch', 8]],
];

const broadcasting = (op: OpName, build: (a: Node, b: Node) => Node, range?: [number, number]): Case[] =>
  BROADCASTS.map((shapes) => ({ op, shapes, build, range }));

const conv = (x: Shape, weight: Shape, options: ops.ConvOptions, bias?: Shape): Case => ({
  op: 'conv2d',
  shapes: bias ? [x, weight, bias] : [x, weight],
  build: (image, w, b) => ops.conv2d(image, w, b, options),
});

const transposed = (x: Shape, weight: Shape, options: ops.ConvTransposeOptions): Case => ({
  op: 'conv2dBackwardInput',
  shapes: [x, weight],
  build: (image, w) => ops.convTranspose2d(image, w, undefined, options),
});

const pool = (x: Shape, options: ops.PoolOptions): Case => ({
  op: 'maxPool2d',
  shapes: [x],
  build: (image) => ops.maxPool2d(image, options),
});

const one = (
  op: OpName,
  shapes: readonly Shape[],
  build: Case['build'],
  index?: readonly number[],
): Case => ({
  op,
  shapes,
  build,
  index,
});

const CASES: readonly Case[] = [
  ...elementwise('neg', ops.neg),
  ...elementwise('exp', ops.exp),
  ...elementwise('log', ops.log, [0.5, 3]),
  ...elementwise('sqrt', ops.sqrt, [0.5, 3]),
  ...elementwise('reciprocal', ops.reciprocal, [0.5, 3]),
  ...elementwise('abs', ops.abs),
  ...elementwise('atan', ops.atan),
  ...elementwise('tanh', ops.tanh),
  ...elementwise('sigmoid', ops.sigmoid),
  ...elementwise('silu', ops.silu),
  ...elementwise('softplus', ops.softplus),
  ...elementwise('leakyRelu', (x) => ops.leakyRelu(x, 0.1)),

  ...broadcasting('add', ops.add),
  ...broadcasting('sub', ops.sub),
  ...broadcasting('mul', ops.mul),
  ...broadcasting('div', ops.div, [0.5, 3]),
  ...broadcasting('maximum', ops.maximum),
  ...broadcasting('minimum', ops.minimum),
  one('mul', [[2, 3]], (x) => ops.mul(x, x)),
  ...BROADCASTS.map((shapes) => one('where', shapes, (a, b) => ops.where(ops.mul(a, b), a, b))),

  ...[['batch', 3, 2, 2] as Shape, [2, 3], [1, 2, 5]].flatMap((shape) => [
    one('channelAffine', [shape, [shape[1]], [shape[1]]], ops.channelAffine),
    one('channelSum', [shape], ops.channelSum),
    one('channelDot', [shape, shape], ops.channelDot),
    one('channelDot', [shape], (x) => ops.channelDot(x, x)),
  ]),

  ...[[0], [1], [0, 2], [0, 1, 2]].flatMap((axes) =>
    [true, false].flatMap((keepDims) => [
      one('reduceSum', [['batch', 3, 2]], (x) => ops.reduceSum(x, axes, keepDims)),
      one('reduceMax', [['batch', 3, 2]], (x) => ops.reduceMax(x, axes, keepDims)),
    ]),
  ),
  one('reduceSum', [['batch', 3]], (x) => ops.reduceMean(x, [0])),

  transposed(['batch', 4, 3, 2], [4, 3, 3, 3], { stride: 2, pad: 1, outputPad: 1 }),
  transposed(['batch', 4, 3, 2], [4, 2, 2, 2], { groups: 2, dilation: 2 }),
  conv(['batch', 3, 4, 5], [4, 3, 1, 1], {}),
  conv(['batch', 2, 5, 4], [3, 2, 3, 3], { pad: 1 }, [3]),
  conv([1, 2, 6, 6], [2, 2, 3, 3], { stride: 2, pad: 1 }, [2]),
  conv([1, 2, 7, 6], [2, 2, 3, 3], { stride: 2 }),
  conv([2, 3, 8, 8], [2, 3, 6, 6], { stride: 2, pad: 2 }),
  conv([1, 2, 7, 7], [2, 2, 3, 3], { dilation: 2, pad: 1 }),
  conv([1, 2, 8, 7], [2, 2, 3, 3], { dilation: 2, stride: 2, pad: 2 }, [2]),
  conv(['batch', 4, 4, 4], [6, 2, 3, 3], { groups: 2, pad: 1 }, [6]),
  conv([1, 4, 5, 5], [4, 1, 3, 3], { groups: 4, stride: 2, pad: 1 }),
  conv([1, 4, 5, 5], [8, 1, 3, 3], { groups: 4, dilation: 2, pad: 2 }),
  conv([1, 2, 5, 6], [2, 2, 1, 3], {}),

  conv([1, 2, 6, 7], [2, 2, 3, 2], { stride: [2, 1], pad: [1, 0], dilation: [1, 2] }, [2]),
  conv([1, 4, 7, 6], [4, 2, 2, 4], { stride: [1, 2], pad: [0, 1], groups: 2 }),
  conv([2, 2, 8, 6], [3, 2, 4, 2], { stride: [2, 1], pad: [1, 0] }),

  pool(['batch', 2, 4, 4], { kernel: 2 }),
  pool([1, 2, 6, 7], { kernel: [2, 3], stride: [2, 1], pad: [0, 1] }),
  pool([1, 2, 5, 5], { kernel: 5, stride: 1, pad: 2 }),
  pool([1, 2, 7, 6], { kernel: 3, stride: 2, pad: 1 }),
  one('upsampleNearest2d', [['batch', 2, 2, 3]], (x) => ops.upsampleNearest2d(x, 2)),
  one('upsampleNearest2d', [[1, 1, 2, 2]], (x) => ops.upsampleNearest2d(x, 3)),

  one(
    'matmul',
    [
      [3, 4],
      [4, 2],
    ],
    ops.matmul,
  ),
  one(
    'matmul',
    [
      ['batch', 3, 4],
      [4, 2],
    ],
    ops.matmul,
  ),
  one(
    'matmul',
    [
      [3, 1, 2, 4],
      ['batch', 4, 2],
    ],
    ops.matmul,
  ),

  one('reshape', [['batch', 3, 4]], (x) => ops.reshape(x, ['batch', 12])),
  one('reshape', [['batch', 3, 4]], (x) => ops.reshape(x, [-1, 4])),
  one('transpose', [['batch', 3, 4]], (x) => ops.transpose(x, [2, 0, 1])),
  one(
    'concat',
    [
      ['batch', 3],
      ['batch', 1],
      ['batch', 2],
    ],
    (...xs) => ops.concat(xs, 1),
  ),
  one('concat', [[2, 3]], (x) => ops.concat([x, ops.exp(x), x], 0)),
  one('slice', [['batch', 5]], (x) => ops.slice(x, 1, 1, 4)),
  one('pad', [['batch', 3]], (x) => ops.pad(x, 1, 2, 1)),
  one('broadcastTo', [[1, 3, 1]], (x) => ops.broadcastTo(x, ['batch', 3, 4])),
  one('broadcastTo', [[3]], (x) => ops.broadcastTo(x, [2, 3])),
  one('gatherRows', [[4, 3]], ops.gatherRows, [3, 0, 3, 1, 2]),
  one('gatherRows', [['batch', 2, 3]], (x, i) => ops.gatherRows(ops.reshape(x, [-1, 3]), i), [3, 0, 3, 1, 2]),
  one('scatterAddRows', [[5, 2]], (x, i) => ops.scatterAddRows(x, i, 4), [3, 0, 3, 1, 1]),
];

describe('rules', () => {
  test.each(CASES.map((c) => [`${c.op} ${c.shapes.map((s) => `[${s}]`).join(' ')}`, c] as const))(
    '%s',
    (_name, testCase) => {
      const uses = testCase.build(
        ...testCase.shapes.map((shape, i) => input(`x${i}`, shape)),
        ...(testCase.index ? [input('index', [testCase.index.length], 'int32')] : []),
      );
      expect(topologicalOrder([uses]).map((node) => node.op)).toContain(testCase.op);
      checkCase(testCase);
    },
  );

  test.each(RULES)('%s has a case', (op) => {
    expect(CASES.some((c) => c.op === op)).toBe(true);
  });
});

describe('gradients', () => {
  test('through batch normalization with the statistics of the batch', () => {
    const x = input('x0', ['batch', 3, 2, 2]);
    const [weight, bias, runningMean, runningVar] = [1, 2, 3, 4].map((i) => input(`x${i}`, [3]));
    const { y } = batchNorm(x, { weight, bias, runningMean, runningVar }, 1e-3, 'batch');
    const random = mulberry32(2);
    const wrt = [x, weight, bias];
    const feeds: Record<string, Value> = { weights: randomValues(y.shape, random) };
    for (const node of wrt) feeds[node.name!] = randomValues(node.shape, random);
    checkGradients(weightedSum(ops.silu(y)), wrt, feeds);
  });

  test('of what the output does not depend on is undefined', () => {
    const [a, b] = [input('a', [2]), input('b', [2])];
    expect(gradients(ops.reduceSum(ops.exp(a)), [b])).toEqual([undefined]);
    expect(gradients(ops.reduceSum(ops.stopGradient(a)), [a])).toEqual([undefined]);
    const [towardsA] = gradients(ops.reduceSum(ops.mul(ops.stopGradient(a), a)), [a]);
    const value = { shape: [2], data: Float64Array.of(2, 3) };
    expect([...evaluate([towardsA!], { a: value })[0].data]).toEqual([2, 3]);
  });

  test('towards a frozen branch build nothing', () => {
    const [x, frozen, trained] = [
      input('x', [1, 2, 4, 4]),
      input('f', [2, 2, 1, 1]),
      input('t', [2, 2, 1, 1]),
    ];
    const [gradient] = gradients(ops.reduceSum(ops.conv2d(ops.silu(ops.conv2d(x, frozen)), trained)), [
      trained,
    ]);
    const built = topologicalOrder([gradient!]).map((node) => node.op);
    expect(built).toContain('conv2dBackwardWeight');
    expect(built).not.toContain('conv2dBackwardInput');
    expect(built).not.toContain('siluBackward');
  });

  test('at a tie, what the elements of a maximum get adds up to the gradient of the maximum', () => {
    const x = input('x', [1, 1, 2, 2]);
    const halves = (axis: 2 | 3) => [0, 1].map((i) => ops.slice(x, axis, i, i + 1));
    const maxima: Record<string, Node> = {
      maximum: halves(3).reduce((a, b) => ops.maximum(a, b)),
      minimum: halves(2).reduce((a, b) => ops.minimum(a, b)),
      reduceMax: ops.reduceMax(x, [2, 3]),
      maxPool2d: ops.maxPool2d(x, { kernel: 2 }),
    };
    const feed = { shape: [1, 1, 2, 2], data: new Float64Array(4).fill(3) };
    for (const [name, max] of Object.entries(maxima)) {
      const [gradient] = gradients(ops.reduceSum(ops.mul(max, 5)), [x]);
      const [{ data }] = evaluate([gradient!], { x: feed }) as [Value];
      const elements = max.shape.reduce<number>((all, size) => all * Number(size), 1);
      expect(
        data.reduce((a, b) => a + b, 0),
        name,
      ).toBe(5 * elements);
    }
    const [shared] = gradients(ops.reduceSum(ops.reduceMax(x, [2, 3])), [x]);
    expect([...evaluate([shared!], { x: feed })[0].data]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test('need a scalar, and a rule for each op on the way', () => {
    const x = input('x', [1, 1, 2, 2]);
    expect(() => gradients(x, [x])).toThrow('needs a scalar');
    const refused: Record<string, Node> = {
      siluBackward: ops.siluBackward(x, x),
      conv2dBackwardWeight: apply('conv2dBackwardWeight', [x, x], { ...ops.convAttrs({}), kernel: [1, 1] }),
      maxPool2dBackward: ops.maxPool2dBackward(x, x, ops.maxPool2d(x, { kernel: 1 })),
      avgPool2d: ops.avgPool2d(x, { kernel: 2 }),
      channelAffine2: ops.channelAffine2(x, ...([scalar(1), x, scalar(1), scalar(1)] as const)),
    };
    expect(Object.keys(refused).sort()).toEqual([...REFUSED].sort());
    for (const [op, node] of Object.entries(refused)) {
      expect(() => gradients(ops.reduceSum(node), [x])).toThrow(GraphError);
      expect(() => gradients(ops.reduceSum(node), [x])).toThrow(`no gradient rule for op "${op}"`);
    }
  });
});
