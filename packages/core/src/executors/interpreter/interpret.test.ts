import { describe, expect, test } from 'vitest';
import { type Graph, input, type Node, param, type Tensor, tensor } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { createInterpreter, interpret } from './interpret.js';

const run = (node: Node, feeds: Record<string, Tensor> = {}) => interpret({ y: node }, feeds).y;
const pattern = (length: number, step: number, modulus: number, shift: number) =>
  Float32Array.from({ length }, (_, i) => ((i * step) % modulus) - shift);
const x = tensor(pattern(200, 7, 11, 5), [2, 4, 5, 5]);
const w = tensor(pattern(108, 5, 7, 3), [6, 2, 3, 3]);
const image = input('x', ['batch', 4, 5, 5]);

// Computed by PyTorch 2.9 on the same patterns.
const CONV = [
  -8, 6, -11, -60, 33, 37, -8, 0, 8, -30, 16, 17, -31, -13, 7, 23, -36, 16, -17, 5, -4, 40, -66, 19, 5, -16,
  3, 22, -11, -3, 7, -18, 39, -7, 15, -6, 5, -9, 20, -18, 27, -20, -6, 13, -14, -12, 14, -6, -15, 30, -16, 23,
  -10, 6, 15, 40, -18, 6, -10, -24, -31, 15, 16, 2, -2, -8, -28, 9, 37, -18, 4, -5, -25, 12, 30, -20, 21, -14,
  23, -28, 2, -15, 43, 18, 11, 8, 9, 4, -10, 19, 5, 10, 12, 11, -36, 41, -13, 13, -7, 25, -30, 34, -10, -17,
  10, -2, 15, -5,
];
const MAX_POOL = [5, 4, 4, 5, 5, 4, 2, 5, 1];
const AVG_POOL = [5, -1, 1, -2, -2, -8, -4, 2, -8].map((ninths) => ninths / 9);

describe('kernels against PyTorch', () => {
  test('conv2d with stride, padding, dilation, groups and bias', () => {
    const options = { stride: 2, pad: 2, dilation: 2, groups: 2 };
    const y = run(ops.conv2d(image, param('w', [6, 2, 3, 3]), param('b', [6]), options), {
      x,
      w,
      b: tensor([0, 1, 2, 3, 4, 5]),
    });
    expect(y.shape).toEqual([2, 6, 3, 3]);
    expect([...y.data]).toEqual(CONV);
  });

  test('pooling', () => {
    const options = { kernel: 3, stride: 2, pad: 1 };
    expect([...run(ops.maxPool2d(image, options), { x }).data.slice(9, 18)]).toEqual(MAX_POOL);
    const average = run(ops.avgPool2d(image, options), { x }).data.slice(9, 18);
    AVG_POOL.forEach((v, i) => {
      expect(average[i]).toBeCloseTo(v, 6);
    });
  });
});

describe('symbolic sizes', () => {
  test('a size of the feed, its products and -1', () => {
    const rows = ops.reshape(image, [-1, 25]);
    expect(rows.shape).toEqual(['batch*4', 25]);
    expect(run(rows, { x }).shape).toEqual([8, 25]);
    expect(run(ops.broadcastTo(ops.reduceSum(image, [1], true), image.shape), { x }).shape).toEqual(x.shape);
    const index = input('index', ['matches'], 'int32');
    const scattered = ops.scatterAddRows(ops.gatherRows(rows, index), index, 'batch*4');
    const y = run(scattered, { x, index: tensor(Int32Array.of(7, 7, 0)) });
    expect(y.shape).toEqual([8, 25]);
    expect(y.data[7 * 25]).toBe(2 * x.data[7 * 25]);
    expect(y.data[25]).toBe(0);
    expect([...run(ops.size(image, [0, 2]), { x }).data]).toEqual([10]);
  });

  test('a feed that does not fit', () => {
    expect(() => run(image)).toThrow('input "x" [batch,4,5,5] float32 is not given');
    expect(() => run(image, { x: tensor([1, 2]) })).toThrow('got [2]');
    expect(() => run(image, { x: tensor(new Float32Array(75), [1, 3, 5, 5]) })).toThrow(
      'input "x" should be [batch,4,5,5] (here [1,4,5,5]), is [1,3,5,5]',
    );
    expect(() =>
      run(ops.add(image, input('z', ['batch', 1, 1, 1])), { x, z: tensor([1], [1, 1, 1, 1]) }),
    ).toThrow('input "z" should be [batch,1,1,1] (here [2,1,1,1]), is [1,1,1,1]');
    expect(() => run(image, { x: { ...x, dtype: 'int32', data: new Int32Array(200) } })).toThrow('got int32');
  });

  test('an index outside the rows', () => {
    const index = input('index', [1], 'int32');
    expect(() =>
      run(ops.gatherRows(ops.reshape(image, [-1, 25]), index), { x, index: tensor(Int32Array.of(8)) }),
    ).toThrow('gatherRows([8,25], [1]) to [1,25]: index 8 is outside the 8 rows');
  });
});

describe('data movement', () => {
  const m = input('m', [2, 3]);
  const feeds = { m: tensor([1, 2, 3, 4, 5, 6], [2, 3]) };
  test.each([
    ['transpose', ops.transpose(m, [1, 0]), [1, 4, 2, 5, 3, 6]],
    ['concat', ops.concat([m, m], 1), [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6]],
    ['slice', ops.slice(m, 1, 1, 3), [2, 3, 5, 6]],
    ['pad', ops.pad(m, 1, 1, 0), [0, 1, 2, 3, 0, 4, 5, 6]],
    ['reduceSum', ops.reduceSum(m, [0]), [5, 7, 9]],
    ['reduceMax', ops.reduceMax(m, [1]), [3, 6]],
    ['matmul', ops.matmul(m, ops.transpose(m, [1, 0])), [14, 32, 32, 77]],
    ['channelSum', ops.channelSum(m), [5, 7, 9]],
    ['where', ops.where(ops.greater(m, 3), m, -1), [-1, -1, -1, 4, 5, 6]],
    ['cast', ops.cast(ops.div(m, 2), 'int32'), [0, 1, 1, 2, 2, 3]],
  ])('%s', (_name, node, expected) => {
    expect([...run(node, feeds).data]).toEqual(expected);
  });
});

test('an executor keeps state in its store', async () => {
  const count = ops.add(param('count', []), input('step', []));
  const graph: Graph = { outputs: { next: count, twice: ops.mul(count, 2) }, state: { next: 'count' } };
  const executor = createInterpreter();
  const program = await executor.compile(graph);
  const store = await executor.createStore(new Map([['count', tensor([1], [])]]));
  expect(Object.keys(await program.run({ step: tensor([3], []) }, store))).toEqual(['twice']);
  const { twice } = await program.run({ step: tensor([3], []) }, store);
  expect(twice.data[0]).toBe(14);
  expect((await store.read()).get('count')!.data[0]).toBe(7);
  await expect(program.run({ step: tensor([3], []) })).rejects.toThrow('param "count"');
});
