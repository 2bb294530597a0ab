import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Executor } from '../executors/executor.js';
import { createInterpreter } from '../executors/interpreter/interpret.js';
import { GraphError, input, param, tensor } from '../graph/node.js';
import { isMissing } from '../load.js';
import * as ops from '../ops/build.js';
import type { Device } from './device.js';
import { DeviceError, DeviceFailedError } from './errors.js';
import { guardExecutor } from './guard.js';
import { openDevice, tryDevice } from './open.js';
import { seeingGpu } from './open-tfjs.js';
import { parseDevice, parseDevices } from './request.js';
import { DEVICES } from './table.js';

const names = (text: string, platform: 'node' | 'browser' = 'node') =>
  parseDevice(text, platform).candidates.map(({ name }) => name);

describe('what --device may say', () => {
  test('auto in Node: CUDA, then the CPU', () => {
    const order = names('auto');
    expect(order.filter((name) => /cuda|gpu$|ort-cpu/.test(name)).at(-1)).toBe('ort-cpu');
    expect(order.indexOf('ort-cuda')).toBeLessThan(order.indexOf('ort-cpu'));
    expect(names('')).toEqual(order);
    expect(names(' AUTO ')).toEqual(order);
  });

  test('auto in a browser: WebGPU, then WASM', () => {
    const order = names('auto', 'browser');
    expect(order.indexOf('ort-webgpu')).toBeGreaterThanOrEqual(0);
    expect(order.indexOf('ort-webgpu')).toBeLessThan(order.indexOf('ort-wasm'));
    expect(order).not.toContain('ort-cpu');
  });

  test.each([
    ['cpu', 'ort-cpu', 0],
    ['webgpu', 'ort-webgpu', 0],
    ['wasm', 'ort-wasm', 0],
    ['ort-wasm', 'ort-wasm', 0],
    ['ort-cuda', 'ort-cuda', 0],
    ['cuda', 'ort-cuda', 0],
    ['cuda:1', 'ort-cuda', 1],
    ['0', 'ort-cuda', 0],
    ['3', 'ort-cuda', 3],
    ['ort-cuda:2', 'ort-cuda', 2],
  ])('%s', (text, name, index) => {
    const request = parseDevice(text, 'node');
    expect(request.candidates.map((device) => device.name)).toContain(name);
    expect(request.index).toBe(index);
    expect(request.auto).toBe(false);
  });

  test.each([
    ['0,1', 'device "0,1": one device computes; name one, such as 0'],
    ['cuda:0,1', 'one device computes'],
    ['gpu', 'there is no device "gpu"; there are auto, cpu, cuda'],
    ['mps', 'there is no device "mps"'],
    ['cuda:', 'there is no device "cuda:"'],
    ['cuda:x', 'there is no device "cuda:x"'],
    ['cuda1', 'there is no device "cuda1"'],
    ['cpu:1', 'one cpu, without a number'],
    ['auto:1', 'there is no device "auto:1"'],
    ['-1', 'there is no device "-1"'],
  ])('%s is refused', (text, message) => {
    expect(() => parseDevice(text, 'node')).toThrow(DeviceError);
    expect(() => parseDevice(text, 'node')).toThrow(message);
  });

  test.each([
    ['auto', ['auto']],
    ['cuda:1', ['cuda:1']],
    ['0,1', ['cuda:0', 'cuda:1']],
    ['1, 3', ['cuda:1', 'cuda:3']],
    ['cuda:0,2', ['cuda:0', 'cuda:2']],
    ['tf-cuda:0,1', ['tf-cuda:0', 'tf-cuda:1']],
    ['tf-cuda:1,ort-cuda:0', ['tf-cuda:1', 'ort-cuda:0']],
  ])('several: %s', (text, devices) => {
    expect(parseDevices(text, 'node')).toEqual(devices);
  });

  test.each([
    ['0,0', 'it names GPU 0 twice'],
    ['cuda:0,ort-cuda:0', 'it names GPU 0 twice'],
    ['0,', 'there is no device ""'],
    ['cpu,wasm', 'only GPUs are used several at a time, by number, such as 0,1'],
    ['0,cpu', 'only GPUs are used several at a time'],
    ['0,x', 'there is no device "x"'],
  ])('several: %s is refused', (text, message) => {
    expect(() => parseDevices(text, 'node')).toThrow(DeviceError);
    expect(() => parseDevices(text, 'node')).toThrow(message);
  });

  test('a device of the other platform says where it is', () => {
    expect(() => parseDevice('cuda', 'browser')).toThrow('only in Node');
  });
});

describe('the table', () => {
  test('is frozen, its names are unique, each row is whole', () => {
    expect(Object.isFrozen(DEVICES)).toBe(true);
    expect(new Set(DEVICES.map(({ name }) => name)).size).toBe(DEVICES.length);
    for (const row of DEVICES) {
      expect(Object.isFrozen(row)).toBe(true);
      // Without packages, it is the browser that brings it.
      expect(row.install).toContain(row.packages[0] ?? 'browser');
      expect(row.platforms).toEqual(expect.arrayContaining([...row.auto]));
    }
  });
});

const fake = (open: Device['open'], packages: readonly string[] = ['nothing-here']): Device => ({
  name: 'fake',
  answersTo: ['cpu'],
  platforms: ['node'],
  auto: [],
  packages,
  install: 'npm install nothing-here',
  open,
});
const options = { platform: 'node' } as const;

describe('opening', () => {
  test('auto gives one that computes', async () => {
    const { device, executor, version } = await openDevice();
    expect(device.auto).toContain('node');
    expect(version).toMatch(/^\d+\./);
    const program = await executor.compile({ outputs: { y: ops.mul(input('x', [2]), 3) } });
    expect([...(await program.run({ x: tensor([1, 2]) })).y.data]).toEqual([3, 6]);
  });

  test('a device that is of no use is passed by, unless it alone answers', async () => {
    const suits = () => false;
    await expect(openDevice('cpu', { suits })).rejects.toThrow("ort-cpu: it can't run files of this kind");
    const { executor, device } = await openDevice('ort-cpu', { suits });
    await executor.dispose();
    expect(device.name).toBe('ort-cpu');
  });

  test('a package that is not installed: the reason and the command', async () => {
    const missing = 'nothing-here';
    const device = fake(() => import(/* @vite-ignore */ missing));
    expect(await tryDevice(device, options)).toEqual({
      device,
      reason: 'nothing-here is not installed',
      install: 'npm install nothing-here',
    });
  });

  test('an installed package that fails to load what it needs is not called missing', async () => {
    const error = Object.assign(new Error("Cannot find module 'other' required by x"), {
      code: 'MODULE_NOT_FOUND',
    });
    expect(isMissing(error, 'nothing-here')).toBe(false);
    const opened = await tryDevice(
      fake(() => Promise.reject(error)),
      options,
    );
    expect(opened).toMatchObject({ reason: "Cannot find module 'other' required by x" });
    expect(opened).not.toHaveProperty('install');
  });

  test('a device that computes something else is not used', async () => {
    const interpreter = createInterpreter();
    const wrong: Executor = {
      ...interpreter,
      compile: async () => ({ run: async () => ({ y: tensor([9]) }), dispose: async () => {} }),
    };
    const opened = await tryDevice(
      fake(async () => ({ executor: wrong, version: '1' })),
      options,
    );
    expect(opened).toMatchObject({ reason: 'it computes 9 + 1 = 9' });
  });

  test.runIf(process.platform === 'linux' && !process.env.CUDA_PATH)(
    'CUDA without its libraries: every candidate with its reason',
    async () => {
      await expect(openDevice('cuda')).rejects.toThrow(
        /^no device for "cuda" works here:(\n.*)*\n {2}ort-cuda: .+; to install: froyolo devices --install ort-cuda/,
      );
    },
  );
});

describe('GPUs by number', () => {
  afterEach(() => vi.unstubAllEnvs());
  const seen = (index: number) => seeingGpu(index, async () => process.env.CUDA_VISIBLE_DEVICES);

  test('libtensorflow sees the one that is meant, and later nothing is changed', async () => {
    vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
    expect(await seen(1)).toBe('1');
    expect(process.env.CUDA_VISIBLE_DEVICES).toBeUndefined();
    vi.stubEnv('CUDA_VISIBLE_DEVICES', '5, GPU-a');
    expect(await Promise.all([seen(0)])).toEqual(['5']);
    expect(await seen(1)).toBe('GPU-a');
    await expect(seen(2)).rejects.toThrow('there is no GPU 2: CUDA_VISIBLE_DEVICES is "5, GPU-a"');
    expect(process.env.CUDA_VISIBLE_DEVICES).toBe('5, GPU-a');
  });
});

describe('a device that fails while it works', () => {
  const failing = (error: Error): Executor => {
    const interpreter = createInterpreter();
    return {
      ...interpreter,
      name: 'fake',
      compile: async (graph) => {
        const program = await interpreter.compile(graph);
        let runs = 0;
        return {
          ...program,
          run: async (feeds, store) => {
            if (++runs > 1) throw error;
            return program.run(feeds, store);
          },
        };
      },
    };
  };
  const graph = { outputs: { next: ops.add(param('w', [1]), 1) }, state: { next: 'w' } };

  test.each([
    ['CUDA failure 2: out of memory', true],
    ['std::bad_alloc', true],
    ['Device was lost', false],
  ])('%s', async (message, outOfMemory) => {
    const executor = guardExecutor(failing(new Error(message)));
    const store = await executor.createStore(new Map([['w', tensor([1])]]));
    const program = await executor.compile(graph);
    await program.run({}, store);
    const failure = await program.run({}, store).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DeviceFailedError);
    expect(failure).toMatchObject({
      device: 'fake',
      outOfMemory,
      message: `the device fake failed: ${message}`,
    });
    expect([...(await store.read()).get('w')!.data]).toEqual([2]);
  });

  test('errors of graphs stay what they are', async () => {
    const executor = guardExecutor(createInterpreter());
    expect(guardExecutor(executor)).toBe(executor);
    const program = await executor.compile({ outputs: { y: ops.neg(input('x', [1])) } });
    await expect(program.run({})).rejects.toBeInstanceOf(GraphError);
  });
});
