import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../autodiff/gradients.js';
import { input, type Node, param, scalar, tensor } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { OPS } from '../../ops/table.js';
import { mixedPrecision } from '../../passes/mixed-precision.js';
import { optimize } from '../../passes/optimize.js';
import {
  CASES,
  CONVOLUTIONS,
  convolutionWithGradients,
  expectSame,
  FEEDS,
  feed,
} from '../../testing/executor-cases.js';
import type { Executor } from '../executor.js';
import { interpret } from '../interpreter/interpret.js';
import { findBlockSize } from './block-size.js';
import { withoutConstantState } from './constant-state.js';
import { createOnnxExecutor } from './executor.js';
import { LOWERINGS } from './lowering.js';
import { planOnnxProgram } from './plan/program.js';
import { toOnnx } from './to-onnx.js';

const executor = createOnnxExecutor(ort);
/** Lowers as for a GPU, and runs on the CPU all the same. */
const asForGpu = createOnnxExecutor(ort, { model: { onCpu: false, blockSize: 1 } });

describe('each op gives what the interpreter gives', () => {
  test.each(Object.entries(CASES))('%s', async (_name, node) => {
    await expectSame(executor, { node }, FEEDS);
    await expectSame(asForGpu, { node }, FEEDS);
  });

  test('no op is left without a lowering', () => {
    expect(Object.keys(OPS).filter((op) => !(op in LOWERINGS))).toEqual([]);
  });
});

describe('convolution and its gradients', () => {
  test.each(CONVOLUTIONS)(
    '$kernel×$kernel, $channels → $out, stride $stride, pad $pad, groups $groups, dilation $dilation',
    async (options) => {
      const { outputs, feeds } = convolutionWithGradients(options);
      await expectSame(executor, outputs, feeds);
      await expectSame(asForGpu, outputs, feeds);
    },
  );

  test('channels are filled up where Conv would be wrong, and only there', async () => {
    const model = { anyChannels: false };
    const withPads = [3, 4, 6, 8, 9, 12, 15].filter((channels) => {
      const { outputs } = convolutionWithGradients({ ...CONVOLUTIONS[2], channels });
      const { bytes } = toOnnx({ outputs: { result: outputs.result } }, model);
      return new TextDecoder('latin1').decode(bytes).includes('Pad');
    });
    expect(withPads).toEqual([6, 9, 15]);
    const careful = createOnnxExecutor(ort, { model });
    for (const options of [{ ...CONVOLUTIONS[2], out: 9 }, CONVOLUTIONS[6]]) {
      const { outputs, feeds } = convolutionWithGradients(options);
      await expectSame(careful, outputs, feeds);
    }
  });

  test('large images', async () => {
    const options = { channels: 2, out: 3, kernel: 3, stride: 1, pad: 1, groups: 1, dilation: 1 };
    const { outputs, feeds } = convolutionWithGradients(options, [86, 80]);
    await expectSame(executor, outputs, feeds);
  });

  test('trained weights run in blocks where the processor has them, and only there', async () => {
    const { outputs } = convolutionWithGradients(CONVOLUTIONS.at(-2)!);
    const blocked = (blockSize: number) =>
      new TextDecoder('latin1').decode(toOnnx({ outputs }, { blockSize }).bytes).includes('ReorderInput');
    expect([1, 8, 16].map(blocked)).toEqual([false, true, true]);
    if (process.arch === 'x64') expect([8, 16]).toContain(await findBlockSize(ort));
  });
});

test('sizes that only the run knows', async () => {
  const images = input('images', ['batch', 2, 4, 4]);
  const pixels = ops.reshape(images, [-1, 2]);
  const spread = ops.broadcastTo(ops.reduceSum(images, [0], true), images.shape);
  const outputs = { pixels, spread, count: ops.size(images, [0, 2]) };
  for (const batch of [1, 3])
    await expectSame(executor, outputs, Object.fromEntries([feed(images, { batch })]));
});

test('half precision is fed as bits', async () => {
  const halves = tensor(Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555), [2, 3]);
  const h = ops.cast(input('h', [2, 3], 'float16'), 'float32');
  const outputs = { twice: ops.mul(h, 2), half: ops.cast(ops.mul(h, 0.3), 'float16') };
  await expectSame(executor, outputs, { h: halves });
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

test('state that becomes constant is not computed, and is written all the same', async () => {
  const w = param('w', [3]);
  const outputs = { next: ops.add(w, 1), w2: ops.broadcastTo(scalar(0.5), [3]), sum: ops.reduceSum(w) };
  const state = { next: 'w', w2: 'other' };
  const { graph, constants } = withoutConstantState({ outputs, state });
  expect([Object.keys(graph.outputs), graph.state]).toEqual([['next', 'sum'], { next: 'w' }]);
  expect(constants.get('other')?.data).toEqual(new Float32Array(3).fill(0.5));
  const program = await executor.compile({ outputs, state });
  const store = await executor.createStore(
    new Map([
      ['w', tensor([1, 2, 3])],
      ['other', tensor([7, 7, 7])],
    ]),
  );
  for (let run = 0; run < 2; run++) {
    const results = await program.run({}, store);
    expect(Object.keys(results)).toEqual(['sum']);
    // What was read belongs to the reader.
    (await store.read()).get('other')?.data.fill(9);
    expect([...((await store.read()).get('other')?.data ?? [])]).toEqual([0.5, 0.5, 0.5]);
  }
  expect([...((await store.read()).get('w')?.data ?? [])]).toEqual([3, 4, 5]);
});

describe('half precision', () => {
  const layer = (from: Node, i: number, kernel: number) => {
    const w = input(`w${i}`, [4, 4, kernel, kernel]);
    const [scale, shift] = [input(`a${i}`, [4]), input(`b${i}`, [4])];
    const pad = (kernel - 1) / 2;
    const y = ops.silu(ops.channelAffine(ops.conv2d(from, w, undefined, { pad }), scale, shift));
    return { y, leaves: [w, scale, shift] };
  };

  /** What a detector consists of, down to the gradients. */
  function step() {
    const x = input('x', [2, 4, 8, 8]);
    const first = layer(x, 0, 3);
    const second = layer(first.y, 1, 1);
    const joined = ops.concat([ops.upsampleNearest2d(second.y, 2), ops.upsampleNearest2d(first.y, 2)], 1);
    const narrow = input('narrow', [4, 8, 1, 1]);
    const y = ops.leakyRelu(ops.conv2d(joined, narrow, undefined, { stride: 2 }), 0.1);
    const leaves = [x, narrow, ...first.leaves, ...second.leaves];
    const all = gradients(ops.reduceMean(ops.square(y)), leaves);
    const outputs = Object.fromEntries(all.map((gradient, i) => [`d${leaves[i].name}`, gradient!]));
    return {
      outputs: optimize({ outputs }).outputs,
      feeds: Object.fromEntries(leaves.map((leaf) => feed(leaf))),
    };
  }

  const targets: [string, Executor][] = [
    ['as for the CPU', executor],
    ['as for a GPU', asForGpu],
    ['without indices of maxima', createOnnxExecutor(ort, { model: { poolIndices: false, onCpu: false } })],
    ['without ops of onnxruntime alone', createOnnxExecutor(ort, { model: { contrib: false } })],
  ];

  test.each(targets)('gives what float32 gives, to 1%%, lowered %s', async (_, target) => {
    const { outputs, feeds } = step();
    const program = await target.compile(mixedPrecision({ outputs }));
    const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
    await program.dispose();
    for (const name of Object.keys(outputs)) {
      const largest = Math.max(...expected[name].data.map(Math.abs));
      const errors = actual[name].data.map((value, i) => Math.abs(value - expected[name].data[i]));
      expect(Math.max(...errors) / largest, name).toBeLessThan(0.01);
    }
  });

  /** Numbers that halves hold, none twice: a maximum that is there twice may be either. */
  test.each(targets)('max pooling and its gradient, lowered %s', async (_, target) => {
    const x = input('x', [1, 2, 8, 8]);
    const w = input('w', [2, 2, 1, 1]);
    const pooled = ops.maxPool2d(ops.conv2d(x, w), { kernel: 3, stride: 1, pad: 1 });
    const [dx] = gradients(ops.reduceSum(ops.mul(pooled, pooled)), [x]);
    const feeds = {
      x: tensor(
        Float32Array.from({ length: 128 }, (_, i) => ((i * 37) % 128) / 64 - 1),
        [1, 2, 8, 8],
      ),
      w: tensor([1, 0, 0, 1], [2, 2, 1, 1]),
    };
    const outputs = { dx: dx! };
    const program = await target.compile(mixedPrecision({ outputs }));
    const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
    await program.dispose();
    expect([...actual.dx.data].map((value, i) => Math.abs(value - expected.dx.data[i]) < 0.01)).not.toContain(
      false,
    );
  });

  test('convolutions and what lies between them take halves, sums float32', () => {
    const { outputs } = step();
    const { steps } = planOnnxProgram(mixedPrecision({ outputs }));
    const types = (...names: string[]) =>
      new Set(
        steps
          .filter(({ node }) => names.includes(node.opType) && node.options.attrs?.group === undefined)
          .flatMap(({ step: { inputs } }) => inputs.slice(0, 2).map(({ dtype }) => dtype)),
      );
    expect(types('Conv', 'ConvTranspose', 'FusedMatMul', 'QuickGelu')).toEqual(new Set(['float16']));
    // Sums over channels, and over the images of a batch.
    expect(types('ReduceSum')).toContain('float32');
  });
});
