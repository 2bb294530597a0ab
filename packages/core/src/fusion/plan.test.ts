import { expect, test } from 'vitest';
import { gradients } from '../autodiff/gradients.js';
import { type Graph, input, isLeaf, type Node, param } from '../graph/node.js';
import { batchNorm } from '../nn/batch-norm.js';
import * as ops from '../ops/build.js';
import { mixedPrecision } from '../passes/mixed-precision.js';
import { optimize } from '../passes/optimize.js';
import { type Launch, planLaunches } from './plan.js';
import { roleOf } from './roles.js';
import { launchesText, summarizeLaunches } from './summary.js';

const channel = (name: string, size = 8) => param(name, [size]);

/** Convolution, batch normalization and SiLU twice, the second around a shortcut; a loss and all gradients. */
function step(): Graph {
  const block = (x: Node, name: string) => {
    const weight = param(`${name}.w`, [8, Number(x.shape[1]), 3, 3]);
    const [w, b, m, v] = ['g', 'b', 'm', 'v'].map((part) => channel(`${name}.${part}`));
    const params = { weight: w, bias: b, runningMean: m, runningVar: v };
    const { y } = batchNorm(ops.conv2d(x, weight, undefined, { pad: 1 }), params, 1e-3, 'batch');
    return { y: ops.silu(y), trained: [weight, w, b] };
  };
  const first = block(input('x', ['batch', 3, 16, 16]), 'a');
  const second = block(first.y, 'b');
  const loss = ops.reduceMean(ops.square(ops.add(first.y, second.y)));
  const trained = [...first.trained, ...second.trained];
  const all = gradients(loss, trained);
  const outputs = trained.flatMap(({ name }, i) => (all[i] ? [[name, all[i]] as const] : []));
  return optimize({ outputs: { loss, ...Object.fromEntries(outputs) } });
}

const kinds = (launches: readonly Launch[]) => launches.map(({ kind }) => kind);

test('each launch reads what is in memory by then', () => {
  const { launches, written } = planLaunches(step());
  const made = new Set<Node>();
  for (const { kind, nodes, reads } of launches) {
    for (const x of reads)
      if (!isLeaf(x) && !nodes.includes(x)) expect([x.op, made.has(x)]).toEqual([x.op, true]);
    for (const node of nodes) if (roleOf(node) === 'prepared' || written.has(node)) made.add(node);
    expect(nodes.length, kind).toBeGreaterThan(0);
  }
});

test('batch normalization, its activation and both gradients are a handful of launches', () => {
  const { launches } = planLaunches(step());
  const count = (kind: string) => kinds(launches).filter((k) => k === kind).length;
  expect([count('conv'), count('weight')]).toEqual([3, 2]);
  // Both sums of a batch normalization are one launch. A convolution starts all but those of the gradient of the loss.
  expect([count('sum'), count('reduce')]).toEqual([3, 2]);
  expect(launches.length).toBeLessThan(20);
});

test('what follows a frozen convolution at the same element is part of its launch', () => {
  const x = input('x', [2, 8, 16, 16]);
  const conv = ops.conv2d(x, param('w', [8, 8, 3, 3]), param('b', [8]), { pad: 1 });
  const { launches, written } = planLaunches({ outputs: { y: ops.add(x, ops.silu(conv)) } });
  expect(kinds(launches)).toEqual(['conv']);
  expect(written.has(conv)).toBe(false);
});

test('a convolution starts sums over its pixels, also of some of its channels', () => {
  const conv = ops.conv2d(input('x', [2, 8, 16, 16]), param('w', [8, 8, 3, 3]), undefined, { pad: 1 });
  const half = ops.slice(conv, 1, 4, 8);
  const mean = ops.div(ops.channelSum(conv), 512);
  const outputs = { conv, mean, dot: ops.channelDot(ops.silu(half), half) };
  const { launches } = planLaunches({ outputs });
  expect(kinds(launches)).toEqual(['conv', 'sum', 'sum']);
  expect(launches.map(({ sums, nodes }) => [sums.length, nodes.length])).toEqual([
    [2, 1],
    [1, 2],
    [1, 1],
  ]);
});

test('a sum over another place of each pixel waits for the convolution', () => {
  const conv = ops.conv2d(input('x', [2, 8, 16, 16]), param('w', [8, 8, 1, 1]));
  const pooled = ops.maxPool2d(conv, { kernel: 3, stride: 1, pad: 1 });
  expect(kinds(planLaunches({ outputs: { sum: ops.channelSum(pooled) } }).launches)).not.toContain('sum');
});

test('images of halves take half the memory, those of an odd number of pixels do not', () => {
  const bytes = (size: number, kernel: number) => {
    const x = input('x', [1, 8, size, size]);
    const y = ops.conv2d(ops.silu(x), param('w', [8, 8, kernel, kernel]));
    return summarizeLaunches(mixedPrecision({ outputs: { y } })).bytes;
  };
  const [image, weight] = [4 * 8 * 16, 4 * 64];
  expect(bytes(4, 1)).toBe(image + 2 * (image / 2) + weight + image);
  expect(bytes(3, 1)).toBe(4 * (4 * 8 * 9) + weight);
  // Weights are read as they are.
  expect(bytes(4, 2)).toBe(image + 2 * (image / 2) + 4 * weight + 4 * 8 * 9);
});

test('a weight is read where it lies in the vector of all', () => {
  const all = param('all', [1000]);
  const weight = ops.reshape(ops.slice(all, 0, 100, 164), [8, 8, 1, 1]);
  const graph = { outputs: { y: ops.conv2d(input('x', [1, 8, 4, 4]), weight) } };
  expect(kinds(planLaunches(graph).launches)).toEqual(['conv']);
  expect(summarizeLaunches(graph).bytes).toBe(4 * (64 + 2 * 128));
});

test('an update of vectors is a launch for the norm and one for each length', () => {
  const [w, g, m] = ['w', 'g', 'm'].map((name) => param(name, [1000]));
  const clipped = ops.mul(g, ops.minimum(ops.div(10, ops.sqrt(ops.reduceSum(ops.square(g)))), 1));
  const momentum = ops.add(ops.mul(m, 0.9), clipped);
  const graph = { outputs: { m: momentum, w: ops.sub(w, ops.mul(momentum, 0.01)) } };
  expect(kinds(planLaunches(graph).launches)).toEqual(['reduce', 'map', 'map']);
});

test('bytes are counted, and what they would be at least', () => {
  const x = input('x', ['batch', 8, 16, 16]);
  const y = ops.silu(ops.conv2d(x, param('w', [8, 8, 1, 1])));
  const summary = summarizeLaunches({ outputs: { y } }, { batch: 4 });
  const bytes = 4 * (2 * 4 * 8 * 256 + 64);
  expect([summary.bytes, summary.leastBytes]).toEqual([bytes, bytes]);
  expect(launchesText(summary)).toMatch(/^1 launches when fused \(1 conv\), 0\.0000658 GB moved/);
});
