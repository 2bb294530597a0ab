import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { gradients } from '../../autodiff/gradients.js';
import { input, type Node, param, tensor } from '../../graph/node.js';
import * as ops from '../../ops/build.js';
import { OPS } from '../../ops/table.js';
import {
  CASES,
  CONVOLUTIONS,
  convolutionWithGradients,
  expectSame,
  FEEDS,
  feed,
} from '../../testing/executor-cases.js';
import type { Executor } from '../executor.js';
import { createInterpreter } from '../interpreter/interpret.js';
import { createTfjsExecutor } from './executor.js';
import { LOWERINGS } from './lowering.js';
import type { TfRuntime } from './runtime.js';

/** libtensorflow is there only after `scripts/install-tfjs-node.mjs`. */
const hasTensorflow = await import('@tensorflow/tfjs-node').then(
  () => true,
  () => false,
);

const BACKENDS = [
  { title: 'cpu', backend: 'cpu', skipped: false },
  { title: 'wasm', backend: 'wasm', skipped: false },
  {
    title: hasTensorflow ? 'tensorflow' : 'tensorflow (skipped: run scripts/install-tfjs-node.mjs first)',
    backend: 'tensorflow',
    skipped: !hasTensorflow,
  },
];

describe.each(BACKENDS)('on $title', ({ backend, skipped }) => {
  let executor: Executor;
  beforeAll(async () => {
    if (skipped) return;
    await tf.setBackend(backend);
    executor = createTfjsExecutor(tf);
  });

  describe.skipIf(skipped)('each op gives what the interpreter gives', () => {
    test.each(Object.entries(CASES))('%s', async (_name, node) => {
      await expectSame(executor, { node }, FEEDS);
    });
  });

  test.skipIf(skipped).each(CONVOLUTIONS)(
    'convolution $kernel×$kernel, $channels → $out, stride $stride, pad $pad, groups $groups, dilation $dilation',
    async (options) => {
      const { outputs, feeds } = convolutionWithGradients(options);
      await expectSame(executor, outputs, feeds);
    },
  );

  test.skipIf(skipped)('sizes that only the run knows', async () => {
    const images = input('images', ['batch', 2, 4, 4]);
    const pixels = ops.reshape(images, [-1, 2]);
    const spread = ops.broadcastTo(ops.reduceSum(images, [0], true), images.shape);
    const outputs = { pixels, spread, count: ops.size(images, [0, 2]) };
    for (const batch of [1, 3])
      await expectSame(executor, outputs, Object.fromEntries([feed(images, { batch })]));
  });

  test.skipIf(skipped)('half precision', async () => {
    const halves = tensor(Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555), [2, 3]);
    const h = ops.cast(input('h', [2, 3], 'float16'), 'float32');
    const outputs = { twice: ops.mul(h, 2), half: ops.cast(ops.mul(h, 0.3), 'float16') };
    await expectSame(executor, outputs, { h: halves });
  });

  test.skipIf(skipped)('bytes, of images and others', async () => {
    const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);
    const [image, list] = [input('image', [2, 3, 4, 5], 'uint8'), input('list', [6], 'uint8')];
    const outputs = {
      image: ops.mul(ops.cast(image, 'float32'), 0.5),
      list: ops.mul(ops.cast(list, 'float32'), 0.5),
    };
    await expectSame(executor, outputs, {
      image: tensor(bytes(120), [2, 3, 4, 5]),
      list: tensor(bytes(6), [6]),
    });
  });
});

describe('what an executor promises', () => {
  let executor: Executor;
  beforeAll(async () => {
    await tf.setBackend('cpu');
    executor = createTfjsExecutor(tf);
  });

  test('no op is left without a lowering', () => {
    expect(Object.keys(OPS).filter((op) => !(op in LOWERINGS))).toEqual([]);
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

  test('as many tensors after many steps as after the second, and none when all is disposed', async () => {
    const before = tf.memory().numTensors;
    const { program, store, feeds } = await trainingProgram(executor);
    await program.run(feeds(1), store);
    await program.run(feeds(2), store);
    const { numTensors, numBytes } = tf.memory();
    for (let step = 0; step < 5; step++) await program.run(feeds(2), store);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    await program.dispose();
    await store.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('a run that fails frees what it made', async () => {
    const { program, store, feeds } = await trainingProgram(executor);
    await program.run(feeds(2), store);
    const { numTensors } = tf.memory();
    await expect(program.run({}, store)).rejects.toThrow('input "x" [batch,3,8,8] float32 is not given');
    expect(tf.memory().numTensors).toBe(numTensors);
    await program.dispose();
    await store.dispose();
  });

  test('transposed images need no transposition back and forth', async () => {
    const calls = await kernelCalls(async () => {
      const x = input('x', [1, 4, 8, 8]);
      const w = param('w', [4, 4, 3, 3]);
      const y = [1, 2, 3].reduce(
        (z) => ops.silu(ops.add(ops.conv2d(z, w, undefined, { pad: 1 }), z)),
        x as Node,
      );
      const program = await executor.compile({ outputs: { y } });
      const store = await executor.createStore(new Map([feed(w)]));
      await program.run(Object.fromEntries([feed(x)]), store);
      await program.dispose();
      await store.dispose();
    });
    // One for the image, one for the weight, one for the result.
    expect(calls.filter((name) => name === 'Transpose')).toHaveLength(3);
  });

  test('missing feeds, missing parameters, two leaves of one name and foreign stores are named', async () => {
    const program = await executor.compile({ outputs: { sum: ops.add(input('i', [1]), param('w', [1])) } });
    await expect(program.run({})).rejects.toThrow('input "i" [1] float32 is not given');
    await expect(program.run({ i: tensor([1]) })).rejects.toThrow('param "w" [1] float32 is not given');
    const twice = ops.add(input('same', [1]), input('same', [1]));
    await expect(executor.compile({ outputs: { twice } })).rejects.toThrow(
      'two different leaves are called "same"',
    );
    const foreign = await createInterpreter().createStore(new Map());
    await expect(program.run({}, foreign)).rejects.toThrow('another kind of executor');
  });

  test('an op without a lowering is named with the executor', async () => {
    const node: Node = { ...ops.neg(input('x', [1])), op: 'unheard' };
    await expect(executor.compile({ outputs: { node } })).rejects.toThrow(
      'the executor "tfjs-cpu" has no lowering for op "unheard"',
    );
  });

  test('a kernel that the backend lacks is named', async () => {
    const without: TfRuntime = {
      ...tf,
      getKernel: (name, backend) => (name === 'Atan' ? undefined : tf.getKernel(name, backend)),
    };
    const program = await createTfjsExecutor(without).compile({ outputs: { y: ops.atan(input('x', [1])) } });
    await expect(program.run({ x: tensor([1]) })).rejects.toThrow(
      'atan([1]) to [1]: tfjs-cpu: the backend "cpu" has no kernel "Atan"',
    );
  });
});

/** A step with everything that a store and a symbolic size bring: convolution, gradient, update. */
async function trainingProgram(executor: Executor) {
  const x = input('x', ['batch', 3, 8, 8]);
  const w = param('w', [4, 3, 3, 3]);
  const y = ops.silu(ops.conv2d(x, w, undefined, { pad: 1 }));
  const loss = ops.reduceMean(ops.square(ops.maxPool2d(y, { kernel: 2 })));
  const [dw] = gradients(loss, [w]);
  const program = await executor.compile({
    outputs: { loss, next: ops.sub(w, ops.mul(dw!, 0.1)) },
    state: { next: 'w' },
  });
  const store = await executor.createStore(new Map([feed(w)]));
  return { program, store, feeds: (batch: number) => Object.fromEntries([feed(x, { batch })]) };
}

/** Names of the kernels that run meanwhile. */
async function kernelCalls(run: () => Promise<void>): Promise<string[]> {
  const engine = vi.spyOn(tf.engine(), 'runKernel');
  await run();
  const names = engine.mock.calls.map(([name]) => name);
  engine.mockRestore();
  return names;
}
