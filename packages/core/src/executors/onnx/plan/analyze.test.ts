import { describe, expect, test } from 'vitest';
import { gradients } from '../../../autodiff/gradients.js';
import { constant, type Graph, input, type Node, param, tensor } from '../../../graph/node.js';
import * as ops from '../../../ops/build.js';
import { LOWERINGS } from '../lowering.js';
import { analyzeProgram } from './analyze.js';
import { symbolsOf, withSizes } from './bind-graph.js';
import { planBuffers } from './buffers.js';
import { planOnnxProgram } from './program.js';

const x = input('x', [2, 6, 8, 8]);
const y = input('y', [2, 6, 8, 8]);
const few = input('few', [2, 3, 8, 8]);
const channel = input('channel', [6]);
const weight = input('weight', [4, 6, 3, 3]);
const index = input('index', [5], 'int32');
const rows = input('rows', [7, 4]);
const pooled = ops.maxPool2d(x, { kernel: 3, stride: 1, pad: 1 });

/** Nodes that are lowered in every way there is. */
const NODES: readonly Node[] = [
  ...[ops.neg, ops.exp, ops.log, ops.sqrt, ops.reciprocal, ops.abs, ops.atan, ops.tanh].map((op) => op(x)),
  ...[ops.sigmoid, ops.silu, ops.softplus, ops.size].map((op) => op(x)),
  ...[ops.add, ops.sub, ops.mul, ops.div, ops.maximum, ops.minimum, ops.greater, ops.equal].map((op) =>
    op(x, ops.reshape(channel, [6, 1, 1])),
  ),
  ops.leakyRelu(x, 0.1),
  ops.siluBackward(x, y),
  ops.channelAffine(x, channel, channel),
  ops.channelAffine2(x, channel, y, channel, channel),
  ops.channelSum(x),
  ops.channelDot(x, y),
  ops.reduceSum(x, [1, 3], true),
  ops.reduceMax(x, [2]),
  ops.conv2d(x, weight, undefined, { stride: 2, pad: 1 }),
  ...weightAndInputGradients(input('deep', [2, 16, 8, 8]), input('wide', [32, 16, 3, 3]), { pad: 1 }),
  ...[1, 2].flatMap((stride) => weightAndInputGradients(x, weight, { stride, pad: 1 })),
  ...weightAndInputGradients(few, input('stem', [4, 3, 6, 6]), { stride: 2, pad: 2 }),
  ...weightAndInputGradients(x, input('perGroup', [6, 2, 3, 3]), { pad: 1, groups: 3 }),
  pooled,
  ...gradients(ops.reduceSum(ops.mul(pooled, y)), [x]),
  ops.avgPool2d(x, { kernel: 2 }),
  ops.upsampleNearest2d(x, 2),
  ops.matmul(x, ops.transpose(y, [0, 1, 3, 2])),
  ops.concat([x, y], 1),
  ops.slice(x, 2, 1, 7),
  ops.pad(x, 3, 1, 2),
  ops.broadcastTo(ops.reshape(channel, [1, 6, 1]), [3, 6, 2]),
  ops.gatherRows(rows, index),
  ops.scatterAddRows(ops.gatherRows(rows, index), index, 7),
  ops.where(ops.greater(x, y), x, y),
  ops.cast(x, 'int32'),
  ops.stopGradient(ops.neg(x)),
] as Node[];

function weightAndInputGradients(image: Node, kernel: Node, options: ops.ConvOptions): Node[] {
  const loss = ops.reduceSum(ops.square(ops.conv2d(image, kernel, undefined, options)));
  return gradients(loss, [image, kernel]) as Node[];
}

const graphOf = (...nodes: Node[]): Graph => ({
  outputs: Object.fromEntries(nodes.map((node, i) => [`out${i}`, node])),
});

describe('shapes of the lowered nodes', () => {
  // The size of a bound graph is a constant: nothing is left of it.
  const made = NODES.filter(({ op }) => op !== 'size');
  test.each(made.map((node, i) => [`${i} ${node.op}`, node] as const))('%s', (_name, node) => {
    const { steps, results } = planOnnxProgram(graphOf(node));
    const values = steps.flatMap(({ node: { outputs }, step: { outputs: all } }) =>
      outputs.flatMap((name, i) => (results.has(name) ? [all[i]] : [])),
    );
    expect(values).toEqual([{ dtype: node.dtype, shape: node.shape }]);
  });

  test('every lowering is among them', () => {
    const all = NODES.flatMap((node) => [...opsOf(node)]);
    expect(Object.keys(LOWERINGS).filter((op) => !all.includes(op))).toEqual([]);
  });
});

function opsOf(node: Node, seen = new Set<string>()): Set<string> {
  seen.add(node.op);
  for (const source of node.inputs) opsOf(source, seen);
  return seen;
}

const KB = 256;
const long = input('long', [KB / 4]);

describe('buffers', () => {
  test('a chain of ops that may write over their input takes one', () => {
    const chain = ops.concat([ops.exp(ops.sqrt(ops.abs(ops.neg(long)))), long], 0);
    const buffers = planBuffers(planOnnxProgram(graphOf(chain)));
    expect(buffers.map(({ bytes }) => bytes)).toEqual([KB, 2 * KB]);
  });

  test('a value that is read again stays', () => {
    const kept = ops.neg(long);
    const graph = graphOf(ops.mul(ops.exp(kept), kept));
    expect(analyzeProgram(graph).liveBytes).toBe(3 * KB);
  });

  test('a frozen layer leaves nothing behind, a trained one its input', () => {
    const side = 16;
    const image = input('image', [1, 4, side, side]);
    const layers = ['a', 'b', 'c', 'd'];
    const bytes = 4 * 4 * side * side;
    const live = (trained: readonly string[]) => {
      const values = tensor(
        Float32Array.from({ length: 4 * 4 * 9 }, () => 0.1),
        [4, 4, 3, 3],
      );
      const weights = layers.map((name) =>
        trained.includes(name) ? param(name, values.shape) : constant(values),
      );
      const out = weights.reduce((h, w) => ops.silu(ops.conv2d(h, w, undefined, { pad: 1 })), image);
      const loss = ops.reduceSum(out);
      const parameters = weights.filter(({ op }) => op === 'param');
      const grads = gradients(loss, parameters) as Node[];
      return analyzeProgram(graphOf(loss, ...grads)).liveBytes;
    };
    expect(live([])).toBeLessThan(2.5 * bytes);
    expect(live(layers) - live(['d'])).toBeGreaterThan(4 * bytes);
  });
});

describe('costs', () => {
  const images = input('images', ['batch', 3, 8, 8]);
  const w = param('w', [4, 3, 3, 3]);
  const loss = ops.reduceSum(ops.conv2d(images, w, undefined, { pad: 1 }));
  const graph: Graph = {
    outputs: { loss, next: ops.add(w, gradients(loss, [w])[0] as Node) },
    state: { next: 'w' },
  };
  const conv = 2 * 4 * 64 * 27;

  test('FLOPs of the forward pass and of the rest, of a batch', () => {
    const { forwardFlops, backwardFlops, inputBytes } = analyzeProgram(graph, { batch: 5 });
    expect(forwardFlops).toBe(5 * (conv + 4 * 64));
    expect(backwardFlops).toBeGreaterThanOrEqual(5 * conv);
    expect(inputBytes).toBe(5 * 3 * 64 * 4);
  });

  test('convolutions in blocks and others are told apart', () => {
    const frozen = constant(tensor(new Float32Array(108).fill(1), [4, 3, 3, 3]));
    const work = (weights: Node) =>
      analyzeProgram(graphOf(ops.conv2d(images, weights, undefined, { pad: 1 })), { batch: 1 }).work;
    expect(work(frozen)).toMatchObject({ blockedConvFlops: conv, convFlops: 0 });
    expect(work(w)).toMatchObject({ blockedConvFlops: 0, convFlops: conv });
    const wide = param('wide', [16, 3, 3, 3]);
    expect(work(wide)).toMatchObject({ blockedConvFlops: 4 * conv, convFlops: 0 });
  });

  test('a size that is not given is named', () => {
    expect(symbolsOf(graph)).toEqual(['batch']);
    expect(() => analyzeProgram(graph)).toThrow('size of "batch" is not given');
    expect(withSizes(graph, { batch: 2 }).outputs.loss.shape).toEqual([]);
  });
});
