import { numel } from '@froyolo/common';
import { describe, expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { interpret } from '../executors/interpreter/interpret.js';
import {
  constant,
  type Graph,
  GraphError,
  input,
  type Node,
  param,
  type Tensor,
  tensor,
  topologicalOrder,
} from '../graph/node.js';
import { batchNorm } from '../nn/batch-norm.js';
import * as ops from '../ops/build.js';
import { bindConstants } from './bind-constants.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { foldConstants } from './fold-constants.js';
import { foldInputScale } from './fold-input-scale.js';
import { fuseChannelAffine } from './fuse-channel-affine.js';
import { optimize } from './optimize.js';
import { type Pass, rewrite } from './rewrite.js';
import { shareSubexpressions } from './share-subexpressions.js';
import { simplify } from './simplify.js';

const opsOf = (graph: Graph) =>
  topologicalOrder(Object.values(graph.outputs))
    .map((node) => node.op)
    .filter((op) => !['input', 'param', 'constant'].includes(op))
    .sort();

/** Values in [-1, 1], or in [0.5, 1.5] where `positive`. */
const wave = (shape: readonly number[], phase: number, positive = false): Tensor => {
  const length = numel(shape);
  const data = Float32Array.from({ length }, (_, i) => Math.sin(1 + phase + i * 1.7));
  return tensor(positive ? data.map((v) => 1 + v / 2) : data, shape);
};
const known = (shape: readonly number[], phase = 0, positive = false) =>
  constant(wave(shape, phase, positive));

const x = input('x', ['batch', 2, 4, 4]);
const feeds = { x: wave([3, 2, 4, 4], 5) };

function checkSameValues(before: Graph, after: Graph, values: Record<string, Tensor> = feeds): void {
  const [expected, actual] = [before, after].map((graph) => interpret(graph.outputs, values));
  for (const name of Object.keys(expected)) {
    expect(actual[name].shape).toEqual(expected[name].shape);
    const scale = Math.max(...expected[name].data.map(Math.abs));
    expected[name].data.forEach((v, i) => {
      expect(Math.abs(v - actual[name].data[i])).toBeLessThanOrEqual(1e-6 * scale);
    });
  }
}

function checkPass(pass: Pass, y: Node, expectedOps: readonly string[], values = feeds): Graph {
  const before: Graph = { outputs: { y } };
  const after = pass(before);
  expect(opsOf(after)).toEqual([...expectedOps].sort());
  checkSameValues(before, after, values);
  return after;
}

describe('rewrite', () => {
  test('keeps what does not change, and the state', () => {
    const kept = ops.exp(x);
    const graph: Graph = { outputs: { a: kept, b: ops.neg(x) }, state: { b: 'p' } };
    const after = rewrite(graph, (node) => (node.op === 'neg' ? ops.abs(node.inputs[0]) : undefined));
    expect(after.outputs.a).toBe(kept);
    expect(after.outputs.b.op).toBe('abs');
    expect(after.state).toEqual({ b: 'p' });
    expect(graph.outputs.b.op).toBe('neg');
  });

  test('refuses a replacement of another shape or type', () => {
    const graph: Graph = { outputs: { y: ops.exp(x) } };
    const replaceBy = (other: Node) => rewrite(graph, (node) => (node.op === 'exp' ? other : undefined));
    expect(() => replaceBy(ops.channelSum(x))).toThrow(GraphError);
    expect(() => replaceBy(ops.cast(x, 'int32'))).toThrow('is int32, not float32');
  });
});

describe('bindConstants', () => {
  const graph: Graph = { outputs: { y: ops.mul(param('a', [2]), param('b', [2])) } };

  test('binds the named parameters and no others', () => {
    const { y } = bindConstants(
      graph,
      new Map([
        ['a', wave([2], 0)],
        ['elsewhere', wave([7], 0)],
      ]),
    ).outputs;
    expect(y.inputs.map((node) => node.op)).toEqual(['constant', 'param']);
    expect(interpret({ y }, { b: tensor([1, 2]) }).y.data[1]).toBeCloseTo(2 * Math.sin(2.7), 6);
  });

  test('refuses a value of another shape, and a parameter that the graph replaces', () => {
    expect(() => bindConstants(graph, new Map([['a', wave([3], 0)]]))).toThrow(
      'value of "a" should be [2], is [3]',
    );
    expect(() => bindConstants({ ...graph, state: { y: 'a' } }, new Map([['a', wave([2], 0)]]))).toThrow(
      '"a" can\'t be a constant: the graph replaces it',
    );
  });
});

describe('foldConstants', () => {
  test('computes what depends on constants alone, rounding once', () => {
    const third = ops.mul(ops.div(known([4]), 3), 3);
    const after = checkPass(foldConstants, ops.add(ops.reduceSum(x, [0, 1, 2]), third), ['add', 'reduceSum']);
    expect([...after.outputs.y.inputs[1].value!.data]).toEqual([...wave([4], 0).data]);
  });

  test('leaves a result that is much larger than its inputs', () => {
    const large = ops.broadcastTo(known([1]), [16, 16]);
    checkPass(foldConstants, ops.mul(large, ops.exp(known([1]))), ['broadcastTo', 'mul']);
    checkPass(foldConstants, ops.broadcastTo(known([1]), [4, 4]), []);
  });

  test('counts known sizes only', () => {
    checkPass(foldConstants, ops.size(x, [1, 2]), []);
    checkPass(foldConstants, ops.size(x, [0, 1]), ['size']);
  });
});

describe('foldBatchNorm', () => {
  const scaleAndShift = [known([3], 1), known([3], 2)] as const;
  const conv = ops.conv2d(x, known([3, 2, 3, 3]), known([3], 3), { pad: 1, stride: 2 });
  const fold: Pass = (graph) => foldConstants(foldBatchNorm(graph));

  test('with a bias, without one, and with a weight that is trained', () => {
    checkPass(fold, ops.channelAffine(conv, ...scaleAndShift), ['conv2d']);
    checkPass(fold, ops.channelAffine(ops.conv2d(x, known([3, 2, 1, 1])), ...scaleAndShift), ['conv2d']);
    const trained = ops.conv2d(x, param('w', [3, 2, 1, 1]));
    checkPass(fold, ops.channelAffine(trained, ...scaleAndShift), ['conv2d', 'mul'], {
      ...feeds,
      w: wave([3, 2, 1, 1], 4),
    } as typeof feeds);
  });

  test('not where something else reads the convolution, or the scale is trained', () => {
    const affine = ops.channelAffine(conv, ...scaleAndShift);
    checkPass(fold, ops.add(affine, conv), ['add', 'channelAffine', 'conv2d']);
    const alsoOutput = fold({ outputs: { affine, conv } });
    expect(opsOf(alsoOutput)).toEqual(['channelAffine', 'conv2d']);
    const trained = ops.channelAffine(conv, param('a', [3]), scaleAndShift[1]);
    expect(opsOf(fold({ outputs: { trained } }))).toEqual(['channelAffine', 'conv2d']);
  });

  test('a whole convolution with batch normalization, its running statistics bound', () => {
    const names = ['weight', 'bias', 'mean', 'var'];
    const [weight, bias, runningMean, runningVar] = names.map((name) => param(name, [3]));
    const { y } = batchNorm(conv, { weight, bias, runningMean, runningVar }, 1e-3, 'running');
    const values = new Map(names.map((name, i) => [name, wave([3], i, true)]));
    const before: Graph = { outputs: { y: ops.silu(y) } };
    const after = optimize(bindConstants(before, values));
    expect(opsOf(after)).toEqual(['conv2d', 'silu']);
    checkSameValues(before, after, { ...feeds, ...Object.fromEntries(values) });
  });
});

describe('foldInputScale', () => {
  const frozen = known([3, 2, 3, 3]);
  const options = { pad: 1 };

  test('a factor or divisor before a constant weight goes into it', () => {
    for (const scaled of [ops.mul(x, 0.25), ops.div(x, 4)]) {
      const y = ops.conv2d(scaled, frozen, known([3], 1), options);
      checkPass((graph) => foldConstants(foldInputScale(graph)), y, ['conv2d']);
    }
  });

  test('into the weight that batch normalization is folded into as well', () => {
    const y = ops.channelAffine(
      ops.conv2d(ops.div(x, 255), frozen, undefined, options),
      known([3]),
      known([3], 1),
    );
    checkPass(optimize, y, ['conv2d']);
  });

  test('not before a weight that is trained, nor a factor per channel', () => {
    const trained = ops.conv2d(ops.div(x, 4), input('w', [3, 2, 3, 3]), undefined, options);
    const values = { ...feeds, w: wave([3, 2, 3, 3], 2) };
    checkPass(foldInputScale, trained, ['conv2d', 'div'], values);
    const perChannel = ops.conv2d(ops.mul(x, known([2, 1, 1])), frozen, undefined, options);
    checkPass(foldInputScale, perChannel, ['conv2d', 'mul']);
  });
});

describe('fuseChannelAffine', () => {
  const [a, b, c, d] = [1, 2, 3, 4].map((phase) => known([2], phase));
  const z = ops.exp(x);
  const fuse: Pass = (graph) => foldConstants(fuseChannelAffine(graph));

  test('two maps of one image, of two images, and three maps of two images', () => {
    const [ofX, alsoOfX, ofZ] = [
      ops.channelAffine(x, a, b),
      ops.channelAffine(x, c, d),
      ops.channelAffine(z, c, a),
    ];
    checkPass(fuse, ops.add(ofX, alsoOfX), ['channelAffine']);
    checkPass(fuse, ops.add(ofX, ofZ), ['channelAffine2', 'exp']);
    for (const sum of [
      ops.add(ops.add(ofX, ofZ), alsoOfX),
      ops.add(alsoOfX, ops.add(ofX, ofZ)),
      ops.add(ops.add(ofX, alsoOfX), ofZ),
      ops.add(ops.add(ofX, ofZ), ops.add(alsoOfX, ofZ)),
    ])
      checkPass(fuse, sum, ['channelAffine2', 'exp']);
  });

  test('not three images', () => {
    const maps = [x, z, ops.neg(x)].map((image) => ops.channelAffine(image, a, b));
    checkPass(fuse, maps.reduce(ops.add), ['add', 'channelAffine', 'channelAffine2', 'exp', 'neg']);
  });

  test('the gradient of batch normalization is one op of full size', () => {
    const names = ['weight', 'bias', 'mean', 'var'];
    const [weight, bias, runningMean, runningVar] = names.map((name) => param(name, [2]));
    const { y } = batchNorm(x, { weight, bias, runningMean, runningVar }, 1e-3, 'batch');
    const [dx] = gradients(ops.reduceSum(ops.mul(ops.silu(y), y)), [x]) as Node[];
    const before: Graph = { outputs: { dx } };
    const after = optimize(before);
    const values = { ...feeds, weight: wave([2], 1, true), bias: wave([2], 2) };
    checkSameValues(before, after, values);
    const maps = topologicalOrder([after.outputs.dx]).filter((node) => node.op.startsWith('channelAffine'));
    expect(maps.map((node) => node.op)).toEqual(['channelAffine', 'channelAffine2']);
  });
});

describe('simplify', () => {
  test.each([
    ['x · 1', ops.mul(1, ops.mul(x, 1)), []],
    ['x / 1', ops.div(x, 1), []],
    ['x + 0', ops.add(0, ops.add(x, 0)), []],
    ['x − 0', ops.sub(x, 0), []],
    ['x + (−y)', ops.add(x, ops.neg(ops.exp(x))), ['exp', 'sub']],
    ['−(−x)', ops.neg(ops.neg(x)), []],
    ['x · 0', ops.mul(ops.channelSum(x), 0), []],
    ['x · 0 of unknown size', ops.mul(x, 0), ['mul']],
    ['1 · scalar broadcast', ops.mul(ops.reduceSum(x), known([3], 0)), ['mul', 'reduceSum']],
    ['0 + x that is repeated', ops.add(ops.reduceSum(x), constant(tensor([0, 0]))), ['add', 'reduceSum']],
    ['0 − x', ops.sub(0, x), ['sub']],
    ['stopGradient', ops.stopGradient(ops.stopGradient(x)), []],
    ['cast', ops.cast(x, 'float32'), []],
    ['broadcastTo', ops.broadcastTo(x, x.shape), []],
    ['reshape', ops.reshape(ops.reshape(x, [-1, 16]), ['batch', 32]), ['reshape']],
    ['reshape there and back', ops.reshape(ops.reshape(x, [-1, 16]), x.shape), []],
    ['transpose there and back', ops.transpose(ops.transpose(x, [0, 2, 3, 1]), [0, 3, 1, 2]), []],
    ['transpose twice', ops.transpose(ops.transpose(x, [1, 2, 3, 0]), [1, 2, 3, 0]), ['transpose']],
    ['transpose by nothing', ops.transpose(x, [0, 1, 2, 3]), []],
  ])('%s', (_name, y, expectedOps) => {
    checkPass(simplify, y, expectedOps);
  });
});

describe('shareSubexpressions', () => {
  test('the same op, inputs and attrs', () => {
    const twice = () => ops.mul(ops.leakyRelu(x, 0.5), 3);
    checkPass(shareSubexpressions, ops.add(twice(), twice()), ['add', 'leakyRelu', 'mul']);
  });

  test('not other attrs, constants or order', () => {
    const y = ops.sub(ops.leakyRelu(x, 0.5), ops.leakyRelu(x, 0.25));
    checkPass(shareSubexpressions, y, ['leakyRelu', 'leakyRelu', 'sub']);
    checkPass(shareSubexpressions, ops.sub(ops.div(x, 2), ops.div(x, 3)), ['div', 'div', 'sub']);
    const e = ops.exp(x);
    checkPass(shareSubexpressions, ops.mul(ops.sub(x, e), ops.sub(e, x)), ['exp', 'mul', 'sub', 'sub']);
  });
});
