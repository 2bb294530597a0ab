import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../autodiff/gradients.js';
import { input, type Node, param, type Tensor, tensor } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { OPS } from '../../ops/table.js';
import { interpret } from '../interpreter/interpret.js';
import { createOnnxExecutor } from './executor.js';
import { LOWERINGS } from './lowering.js';
import { toOnnx } from './to-onnx.js';

const executor = createOnnxExecutor(ort);

/** Values that repeat only after a long while, in (-1, 1). */
const values = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(1 + i * 1.7));

function feed(node: Node, sizes: Record<string, number> = {}): [string, Tensor] {
  const shape = node.shape.map((d) => (typeof d === 'number' ? d : sizes[d]));
  return [node.name!, tensor(values(shape.reduce((a, b) => a * b, 1)), shape)];
}

async function expectSame(outputs: Record<string, Node>, feeds: Record<string, Tensor>) {
  const program = await executor.compile({ outputs });
  const actual = await program.run(feeds);
  const expected = interpret(outputs, feeds);
  await program.dispose();
  for (const name of Object.keys(outputs)) {
    expect(actual[name].shape, name).toEqual(expected[name].shape);
    actual[name].data.forEach((value, i) => {
      const error = Math.abs(value - expected[name].data[i]) / Math.max(1, Math.abs(expected[name].data[i]));
      expect(error, `${name}[${i}]`).toBeLessThan(1e-4);
    });
  }
}

const x = input('x', [2, 3, 6, 5]);
const y = input('y', [2, 3, 6, 5]);
const a = input('a', [3]);
const b = input('b', [3]);
const all = Object.fromEntries([x, y, a, b].map((node) => feed(node)));
const positive = ops.add(ops.abs(x), 0.5);
const index = ops.cast(ops.mul(ops.abs(ops.slice(ops.reshape(a, [3, 1]), 0, 0, 3)), 2.9), 'int32');
const pooled = ops.maxPool2d(x, { kernel: 3, stride: 1, pad: 1 });

const CASES: Record<string, Node> = {
  neg: ops.neg(x),
  exp: ops.exp(x),
  log: ops.log(positive),
  sqrt: ops.sqrt(positive),
  reciprocal: ops.reciprocal(positive),
  abs: ops.abs(x),
  atan: ops.atan(x),
  tanh: ops.tanh(x),
  sigmoid: ops.sigmoid(x),
  silu: ops.silu(x),
  softplus: ops.softplus(x),
  leakyRelu: ops.leakyRelu(x, 0.1),
  add: ops.add(x, ops.reshape(a, [3, 1, 1])),
  sub: ops.sub(x, y),
  mul: ops.mul(x, 3),
  div: ops.div(x, positive),
  maximum: ops.maximum(x, 0.1),
  minimum: ops.minimum(x, 0.1),
  greater: ops.greater(x, 0),
  equal: ops.equal(ops.greater(x, 0), 1),
  siluBackward: ops.siluBackward(y, x),
  channelAffine: ops.channelAffine(x, a, b),
  channelAffine2: ops.channelAffine2(x, a, y, b, a),
  channelSum: ops.channelSum(x),
  channelDot: ops.channelDot(x, y),
  'channelDot with itself': ops.channelDot(x, x),
  reduceSum: ops.reduceSum(x, [1, 3], true),
  reduceMax: ops.reduceMax(x, [2]),
  maxPool2d: pooled,
  maxPool2dBackward: ops.maxPool2dBackward(y, x, pooled),
  avgPool2d: ops.avgPool2d(x, { kernel: 3, stride: 2, pad: 1 }),
  upsampleNearest2d: ops.upsampleNearest2d(x, 2),
  matmul: ops.matmul(x, ops.transpose(y, [0, 1, 3, 2])),
  reshape: ops.reshape(x, [-1, 5]),
  transpose: ops.transpose(x, [3, 1, 0, 2]),
  concat: ops.concat([x, y], 1),
  slice: ops.slice(x, 2, 1, 4),
  pad: ops.pad(x, 3, 2, 1),
  broadcastTo: ops.broadcastTo(ops.reshape(a, [3, 1, 1]), [2, 3, 6, 5]),
  gatherRows: ops.gatherRows(ops.reshape(x, [6, 30]), ops.reshape(index, [3])),
  scatterAddRows: ops.scatterAddRows(ops.reshape(a, [3, 1]), ops.reshape(index, [3]), 4),
  where: ops.where(x, y, 2),
  cast: ops.cast(ops.mul(x, 4), 'int32'),
  size: ops.size(x, [0, 2]),
  stopGradient: ops.stopGradient(x),
};

describe('each op gives what the interpreter gives', () => {
  test.each(Object.entries(CASES))('%s', async (_name, node) => {
    await expectSame({ node }, all);
  });

  test('no op is left without a lowering', () => {
    expect(Object.keys(OPS).filter((op) => !(op in LOWERINGS))).toEqual([]);
  });
});

describe('convolution and its gradients', () => {
  const shapes = [
    { channels: 3, out: 4, kernel: 6, stride: 2, pad: 2, groups: 1, dilation: 1 },
    { channels: 6, out: 4, kernel: 1, stride: 1, pad: 0, groups: 1, dilation: 1 },
    { channels: 6, out: 4, kernel: 3, stride: 1, pad: 1, groups: 1, dilation: 1 },
    { channels: 6, out: 4, kernel: 3, stride: 2, pad: 1, groups: 1, dilation: 1 },
    { channels: 6, out: 4, kernel: 2, stride: 2, pad: 0, groups: 1, dilation: 1 },
    { channels: 6, out: 4, kernel: 3, stride: 1, pad: 2, groups: 1, dilation: 2 },
    { channels: 6, out: 4, kernel: 3, stride: 2, pad: 1, groups: 2, dilation: 1 },
    { channels: 6, out: 6, kernel: 3, stride: 1, pad: 1, groups: 6, dilation: 1 },
    { channels: 5, out: 4, kernel: 1, stride: 2, pad: 0, groups: 1, dilation: 1 },
  ];

  test.each(shapes)(
    '$kernel×$kernel, $channels → $out, stride $stride, pad $pad, groups $groups, dilation $dilation',
    async (shape) => {
      const { channels, out, kernel, groups } = shape;
      const image = input('image', [2, channels, 11, 8]);
      const weight = input('weight', [out, channels / groups, kernel, kernel]);
      const bias = input('bias', [out]);
      const result = ops.conv2d(image, weight, bias, shape);
      const wrt = [image, weight, bias];
      const [dImage, dWeight, dBias] = gradients(ops.reduceSum(ops.square(result)), wrt);
      const outputs = { result, dImage: dImage!, dWeight: dWeight!, dBias: dBias! };
      await expectSame(outputs, Object.fromEntries(wrt.map((node) => feed(node))));
    },
  );
});

test('sizes that only the run knows', async () => {
  const images = input('images', ['batch', 2, 4, 4]);
  const pixels = ops.reshape(images, [-1, 2]);
  const spread = ops.broadcastTo(ops.reduceSum(images, [0], true), images.shape);
  const outputs = { pixels, spread, count: ops.size(images, [0, 2]) };
  for (const batch of [1, 3]) await expectSame(outputs, Object.fromEntries([feed(images, { batch })]));
});

test('half precision is fed as bits', async () => {
  const halves = tensor(Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555), [2, 3]);
  const h = ops.cast(input('h', [2, 3], 'float16'), 'float32');
  const outputs = { twice: ops.mul(h, 2), half: ops.cast(ops.mul(h, 0.3), 'float16') };
  await expectSame(outputs, { h: halves });
  expect(interpret(outputs, { h: halves }).twice.data).toEqual(
    Float32Array.of(0, 2, -4, 2 ** -23, 131008, 0.66650390625),
  );
});

test('bytes are fed as they are', async () => {
  const bytes = tensor(Uint8Array.of(0, 7, 128, 255), [4]);
  const outputs = { halves: ops.mul(ops.cast(input('b', [4], 'uint8'), 'float32'), 0.5) };
  const program = await executor.compile({ outputs });
  expect([...(await program.run({ b: bytes })).halves.data]).toEqual([0, 3.5, 64, 127.5]);
  expect(interpret(outputs, { b: bytes }).halves.data).toEqual(Float32Array.of(0, 3.5, 64, 127.5));
});

test('state outputs replace values in the store', async () => {
  const w = param('w', [2]);
  const program = await executor.compile({
    outputs: { next: ops.add(w, 1), sum: ops.reduceSum(w) },
    state: { next: 'w' },
  });
  const store = await executor.createStore(new Map([['w', tensor([1, 2])]]));
  expect((await program.run({}, store)).sum.data[0]).toBe(3);
  expect((await program.run({}, store)).sum.data[0]).toBe(5);
  expect([...(await store.read(['w'])).get('w')!.data]).toEqual([3, 4]);
});

test('a missing feed, a missing parameter and two leaves of one name are named', async () => {
  const program = await executor.compile({ outputs: { sum: ops.add(input('i', [1]), param('w', [1])) } });
  await expect(program.run({})).rejects.toThrow('input "i"');
  await expect(program.run({ i: tensor([1]) })).rejects.toThrow('parameter called "w"');
  const twice = ops.add(input('same', [1]), input('same', [1]));
  expect(() => toOnnx({ outputs: { twice } })).toThrow('two different leaves are called "same"');
});
