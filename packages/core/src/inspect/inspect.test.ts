import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { constant, type Graph, input, param, tensor } from '../graph/node.js';
import { opCounts } from '../graph/op-counts.js';
import * as ops from '../ops/build.js';
import { bindConstants } from '../passes/bind-constants.js';
import { optimize } from '../passes/optimize.js';
import { passTraceText, tracePasses } from '../passes/trace.js';
import { toDot } from './dot.js';

const x = input('x', ['batch', 2, 4, 4]);
const weight = param('conv.weight', [3, 2, 3, 3]);
const bias = constant(tensor([1, 0.1, -2]));
const y = ops.channelAffine(ops.conv2d(x, weight, undefined, { stride: [1, 2], pad: 1 }), bias, bias);
const graph: Graph = { outputs: { 'a "b"': ops.neg(y) } };

test('nodes and tensors print themselves', () => {
  expect(inspect(y.inputs[0])).toBe(
    'conv2d(x, conv.weight) {stride: [1, 2], pad: 1, dilation: 1, groups: 1} : [batch, 3, 4, 2]',
  );
  expect(inspect({ y })).toContain('channelAffine(conv2d, constant[3](1, 0.1, -2), constant[3](1, 0.1, -2))');
  expect(inspect(weight)).toBe('param conv.weight : [3, 2, 3, 3]');
  expect(inspect(tensor([1, 2]))).toBe('float32 [2](1, 2)');
  expect(inspect(tensor(new Uint8Array(10), [2, 5]))).toBe('uint8 [2, 5](0, 0, 0, 0, 0, 0, 0, 0, …)');
});

test('a trace tells what each pass changed and ends with the optimized graph', () => {
  const bound = bindConstants(graph, new Map([['conv.weight', tensor(new Float32Array(54), [3, 2, 3, 3])]]));
  const trace = tracePasses(bound);
  expect(trace.map(({ name }) => name)).toContain('foldBatchNorm');
  const folded = trace.find(({ name }) => name === 'foldBatchNorm')!;
  expect(folded).toMatchObject({ before: 3, after: 4 });
  expect(passTraceText(folded)).toBe(
    'foldBatchNorm: 3 → 4 ops; channelAffine 1 → 0, reshape 0 → 1, mul 0 → 1',
  );
  expect(opCounts(trace.at(-1)!.graph)).toEqual(opCounts(optimize(bound)));
});

test('a graph as DOT', () => {
  const dot = toDot(graph);
  const [conv] = y.inputs;
  expect(dot).toContain(`n${x.id} [label="x\\n[batch, 2, 4, 4]",shape=oval]`);
  expect(dot).toContain(`n${conv.id} -> n${y.id}`);
  expect(dot).toContain('label="output a \\"b\\""');
  expect(dot.match(/\{/g)!.length).toBe(dot.match(/\}/g)!.length);
});
