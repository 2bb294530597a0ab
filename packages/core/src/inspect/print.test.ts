import { expect, test } from 'vitest';
import { constant, type Graph, input, param, tensor } from '../graph/node.js';
import * as ops from '../ops/build.js';
import { printGraph, summarize } from './print.js';

const x = input('x', ['batch', 2, 4, 4]);
const weight = param('model.0.conv.weight', [3, 2, 3, 3]);
const y = ops.silu(ops.conv2d(x, weight, constant(tensor([1, 0.1, -2])), { pad: 1 }));
const rows = ops.gatherRows(ops.reshape(ops.mul(y, 0.1), [-1, 16]), input('index', ['matches'], 'int32'));
const graph: Graph = {
  outputs: { rows, next: ops.add(weight, 1) },
  state: { next: 'model.0.conv.weight' },
};

test('a graph as text', () => {
  expect(printGraph(graph)).toBe(`\
input x : [batch, 2, 4, 4]
param model.0.conv.weight : [3, 2, 3, 3]
input index : int32 [matches]
%0 = conv2d(x, model.0.conv.weight, constant[3](1, 0.1, -2)) {stride: 1, pad: 1, dilation: 1, groups: 1} : [batch, 3, 4, 4]
%1 = silu(%0) : [batch, 3, 4, 4]
%2 = mul(%1, 0.1) : [batch, 3, 4, 4]
%3 = reshape(%2) {shape: [-1, 16]} : [batch*3, 16]
%4 = gatherRows(%3, index) : [matches, 16]
%5 = add(model.0.conv.weight, 1) : [3, 2, 3, 3]
output rows = %4
state model.0.conv.weight = %5

conv2d × 1, 0.00000173 GFLOPs
silu × 1, 2.4e-7 GFLOPs
add × 1, 5.4e-8 GFLOPs
mul × 1, 4.8e-8 GFLOPs
reshape × 1
gatherRows × 1
6 ops, 0.00000207 GFLOPs
`);
});

test('costs per image, or for the sizes given', () => {
  expect(summarize(graph).get('conv2d')).toEqual({ count: 1, flops: 2 * 3 * 16 * 2 * 9 });
  expect(summarize(graph, { batch: 5 }).get('conv2d')!.flops).toBe(5 * 2 * 3 * 16 * 2 * 9);
});
