import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { input, type Node, param, tensor, topologicalOrder } from '../../graph/node.js';
import { importInNode } from '../../load.js';
import * as ops from '../../ops/build.js';
import { mixedPrecision } from '../../passes/mixed-precision.js';
import {
  CASES,
  CONVOLUTIONS,
  convolutionWithGradients,
  expectSame,
  FEEDS,
  feed,
  normalizedConvolutions,
} from '../../testing/executor-cases.js';
import { createInterpreter, interpret } from '../interpreter/interpret.js';
import { createTensorflowExecutor } from './executor.js';
import { exportSavedModel, temporaryFolder } from './files.js';
import type { NamedTensors, TfNodeRuntime } from './runtime.js';

/** libtensorflow is there only after `scripts/install-tfjs-node.mjs`, and reads its settings when it is loaded. */
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
const tf = await importInNode<TfNodeRuntime>('@tensorflow/tfjs-node').catch(() => undefined);
const skipped = tf ? '' : ' (skipped: run scripts/install-tfjs-node.mjs first)';

describe.skipIf(!tf)(`on libtensorflow${skipped}`, () => {
  const executor = createTensorflowExecutor(tf!, { keep: temporaryFolder });

  describe('each op gives what the interpreter gives', () => {
    test.each(Object.entries(CASES))('%s', async (_name, node) => {
      await expectSame(executor, { node }, FEEDS);
    });
    test.each(CONVOLUTIONS)(
      'convolution $kernel×$kernel, $channels → $out, stride $stride, pad $pad, groups $groups, dilation $dilation',
      async (options) => {
        const { outputs, feeds } = convolutionWithGradients(options);
        await expectSame(executor, outputs, feeds);
      },
    );
  });

  test('sizes that only the run knows', async () => {
    const images = input('images', ['batch', 2, 4, 4]);
    const pixels = ops.reshape(images, [-1, 2]);
    const spread = ops.broadcastTo(ops.reduceSum(images, [0], true), images.shape);
    const outputs = { pixels, spread, count: ops.size(images, [0, 2]) };
    for (const batch of [1, 3])
      await expectSame(executor, outputs, Object.fromEntries([feed(images, { batch })]));
  });

  test.each([2, 3])('half precision, rows of %i', async (columns) => {
    const bits = [0x0000, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x3555].slice(0, 2 * columns);
    const h = ops.cast(input('h', [2, columns], 'float16'), 'float32');
    const outputs = { twice: ops.mul(h, 2), half: ops.cast(ops.mul(h, 0.3), 'float16') };
    await expectSame(executor, outputs, { h: tensor(Uint16Array.from(bits), [2, columns]) });
  });

  test.each([4, 5])('bytes, of images and others, rows of %i', async (width) => {
    const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);
    const [image, list] = [input('image', [2, 3, 4, width], 'uint8'), input('list', [width], 'uint8')];
    const outputs = {
      image: ops.mul(ops.cast(image, 'float32'), 0.5),
      list: ops.mul(ops.cast(list, 'float32'), 0.5),
    };
    await expectSame(executor, outputs, {
      image: tensor(bytes(24 * width), [2, 3, 4, width]),
      list: tensor(bytes(width), [width]),
    });
  });

  test('feeds that begin anywhere in memory', async () => {
    const list = input('list', [8], 'uint8');
    const data = new Uint8Array(16).map((_, i) => i).subarray(3, 11);
    await expectSame(executor, { y: ops.cast(list, 'float32') }, { list: tensor(data) });
  });

  test('state outputs replace values in the store; a program that comes later finds them', async () => {
    const w = param('w', [2]);
    const next = { outputs: { next: ops.add(w, 1), sum: ops.reduceSum(w) }, state: { next: 'w' } };
    const program = await executor.compile(next);
    const store = await executor.createStore(new Map([['w', tensor([1, 2])]]));
    expect((await program.run({}, store)).sum.data[0]).toBe(3);
    expect((await program.run({}, store)).sum.data[0]).toBe(5);
    const later = await executor.compile({ outputs: { twice: ops.mul(param('w', [2]), 2) } });
    expect([...(await later.run({}, store)).twice.data]).toEqual([6, 8]);
    await program.run({}, store);
    expect([...(await store.read(['w'])).get('w')!.data]).toEqual([4, 5]);
  });

  test('values are written before and after the first run', async () => {
    const program = await executor.compile({ outputs: { y: ops.mul(param('a', [1]), param('b', [1])) } });
    const store = await executor.createStore(new Map([['a', tensor([2])]]));
    await expect(program.run({}, store)).rejects.toThrow('param "b" [1] float32 is not given');
    await store.write(new Map([['b', tensor([3])]]));
    expect((await program.run({}, store)).y.data[0]).toBe(6);
    await store.write(new Map([['b', tensor([5])]]));
    expect((await program.run({}, store)).y.data[0]).toBe(10);
    expect(Object.fromEntries(await store.read())).toEqual({ a: tensor([2]), b: tensor([5]) });
    await store.write(new Map([['b', tensor([1, 2])]]));
    await expect(program.run({}, store)).rejects.toThrow('param "b" should be [1], is [2]');
  });

  test('two stores of one program keep their values apart', async () => {
    const graph = { outputs: { next: ops.add(param('w', [1]), 1) }, state: { next: 'w' } };
    const program = await executor.compile(graph);
    const stores = await Promise.all(
      [1, 10].map((value) => executor.createStore(new Map([['w', tensor([value])]]))),
    );
    for (const store of stores) await program.run({}, store);
    await program.run({}, stores[0]);
    const values = await Promise.all(stores.map(async (store) => (await store.read()).get('w')!.data[0]));
    expect(values).toEqual([3, 11]);
  });

  test('disposing of an executor frees its programs and stores', async () => {
    const own = createTensorflowExecutor(tf!, { keep: temporaryFolder });
    const program = await own.compile({ outputs: { y: ops.mul(param('w', [1]), 2) } });
    const stateless = await own.compile({ outputs: { y: ops.neg(input('x', [1])) } });
    const store = await own.createStore(new Map([['w', tensor([1])]]));
    await program.run({}, store);
    await stateless.run({ x: tensor([1]) });
    await own.dispose();
    expect(store.names).toEqual([]);
    await expect(program.run({}, store)).rejects.toThrow('param "w" [1] float32 is not given');
    await own.dispose();
  });

  test('a run that fails leaves the store as it was', async () => {
    const [w, index] = [param('w', [2, 1]), input('index', [1], 'int32')];
    const next = ops.add(w, ops.reduceSum(ops.gatherRows(w, index)));
    const program = await executor.compile({
      outputs: { next, other: ops.mul(w, 2) },
      state: { next: 'w', other: 'v' },
    });
    const store = await executor.createStore(
      new Map([
        ['w', tensor([1, 2], [2, 1])],
        ['v', tensor([0, 0], [2, 1])],
      ]),
    );
    await expect(program.run({ index: tensor(Int32Array.of(7)) }, store)).rejects.toThrow('is not in [0, 2)');
    expect([...(await store.read(['v'])).get('v')!.data]).toEqual([0, 0]);
    expect([...(await store.read(['w'])).get('w')!.data]).toEqual([1, 2]);
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
      'the executor "tf-cpu" has no lowering for op "unheard"',
    );
  });

  test('an exported SavedModel takes the leaves by name and type', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'froyolo-export-')), 'model');
    const images = input('images', ['batch', 1, 2, 2]);
    await exportSavedModel({ outputs: { pixels: ops.mul(images, 0.5) } }, folder);
    expect(readdirSync(folder).sort()).toEqual(['saved_model.pb', 'variables']);
    const { default: tfjs } = await import('@tensorflow/tfjs-node');
    const model = await tfjs.node.loadSavedModel(folder, ['serve'], 'serving_default');
    const result = model.predict({ images: tfjs.tensor([2, 4, 6, 8], [1, 1, 2, 2]) }) as NamedTensors;
    expect([...(await result.pixels.data())]).toEqual([1, 2, 3, 4]);
    model.dispose();
    rmSync(join(folder, '..'), { recursive: true });
    await expect(exportSavedModel({ outputs: { w: param('w', [1]) } }, folder)).rejects.toThrow(
      'bind w with bindConstants first',
    );
  });
});

test.skipIf(!tf)(
  `of a step only what is fed and its losses cross the bus, and no state${skipped}`,
  async () => {
    let sent = 0;
    const counting: TfNodeRuntime = {
      ...tf!,
      tensor: (data, ...rest) => {
        sent += data.byteLength;
        return tf!.tensor(data, ...rest);
      },
    };
    const executor = createTensorflowExecutor(counting, { keep: temporaryFolder });
    const [w, x] = [param('w', [5000]), input('x', [10])];
    const step = {
      outputs: { next: ops.sub(w, ops.mul(w, ops.reduceSum(x))), loss: ops.reduceSum(x) },
      state: { next: 'w' },
    };
    const store = await executor.createStore(new Map([['w', tensor(new Float32Array(5000))]]));
    const program = await executor.compile(step);
    const feeds = { x: tensor(new Float32Array(10)) };
    await program.run(feeds, store);
    sent = 0;
    expect(Object.keys(await program.run(feeds, store))).toEqual(['loss']);
    expect(sent).toBe(4 * 10);
    await executor.dispose();
  },
);

test.skipIf(!tf)(`batch normalization as one op is what its many are${skipped}`, async () => {
  const executor = createTensorflowExecutor(tf!, { keep: temporaryFolder, model: { fuseBatchNorm: true } });
  const { outputs } = normalizedConvolutions();
  const leaves = topologicalOrder(Object.values(outputs)).filter(({ op }) => op === 'input');
  await expectSame(executor, outputs, Object.fromEntries(leaves.map((leaf) => feed(leaf, { batch: 2 }))));
});

test.skipIf(!tf).each([true, false])(
  `half precision gives what float32 gives, to 2%, batch normalization as one op: %s${skipped}`,
  async (fuseBatchNorm) => {
    const executor = createTensorflowExecutor(tf!, { keep: temporaryFolder, model: { fuseBatchNorm } });
    const { outputs } = normalizedConvolutions();
    const leaves = topologicalOrder(Object.values(outputs)).filter(({ op }) => op === 'input');
    const feeds = Object.fromEntries(leaves.map((leaf) => feed(leaf, { batch: 2 })));
    const program = await executor.compile(mixedPrecision({ outputs }));
    const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
    for (const name of Object.keys(outputs)) {
      const largest = Math.max(...expected[name].data.map(Math.abs));
      const errors = actual[name].data.map((value, i) => Math.abs(value - expected[name].data[i]));
      expect(Math.max(...errors) / largest, name).toBeLessThan(0.02);
    }
  },
);

test.skipIf(!tf)(`sums over channels as one op give the same${skipped}`, async () => {
  const executor = createTensorflowExecutor(tf!, { keep: temporaryFolder, model: { sumsByRow: false } });
  const { channelSum, channelDot } = CASES;
  await expectSame(executor, { channelSum, channelDot }, FEEDS);
});

test.skipIf(!tf)(
  `what is read or written alone crosses the bus, without other variables${skipped}`,
  async () => {
    const ran: string[] = [];
    const watched: TfNodeRuntime = {
      ...tf!,
      node: {
        async loadSavedModel(path, tags, signature) {
          const loaded = await tf!.node.loadSavedModel(path, tags, signature);
          const predict = (inputs: NamedTensors) => {
            ran.push(signature.replace(/\d+/, ''));
            return loaded.predict(inputs);
          };
          return { predict, dispose: () => loaded.dispose() };
        },
      },
    };
    const executor = createTensorflowExecutor(watched, { keep: temporaryFolder });
    const [v, w] = [param('v', [2]), param('w', [2])];
    const program = await executor.compile({ outputs: { next: ops.add(v, w) }, state: { next: 'v' } });
    const [one, two] = [tensor([1, 2]), tensor([3, 4])];
    const store = await executor.createStore(
      new Map([
        ['v', one],
        ['w', two],
      ]),
    );
    await program.run({}, store);
    expect(ran.splice(0)).toEqual(['write/v', 'write/w', 'program_']);
    expect(await store.read(['v'])).toEqual(new Map([['v', tensor([4, 6])]]));
    await store.write(new Map([['w', one]]));
    expect(ran.splice(0)).toEqual(['read/v', 'write/w']);
    expect(await store.read(['w', 'v'])).toEqual(
      new Map([
        ['w', one],
        ['v', tensor([4, 6])],
      ]),
    );
    await executor.dispose();
  },
);
