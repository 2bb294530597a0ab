import { expect, test } from 'vitest';
import { DeviceFailedError } from '../../devices/errors.js';
import { guardExecutor } from '../../devices/guard.js';
import { type Graph, GraphError, input, param, tensor } from '../../graph/node.js';
import { trafficOf } from '../../inspect/traffic.js';
import * as ops from '../../ops/build.js';
import { createWebGpuExecutor } from './executor.js';
import type { GpuBuffer, GpuDevice } from './gpu.js';

const object = { label: '' };
const MIB = 2 ** 20;

/** What a GPU of WebGPU would say: it has `memory` bytes, and computes zeros. */
class FakeGpu implements GpuDevice {
  readonly features = new Set<string>();
  readonly limits = { maxBufferSize: 64 * MIB, maxStorageBufferBindingSize: 32 * MIB };
  readonly lost: GpuDevice['lost'];
  readonly lose: (message: string) => void;
  /** Bytes that went to the GPU, and that came back. */
  sent = 0;
  received = 0;
  readonly queue = {
    submit: () => {},
    writeBuffer: (_buffer: GpuBuffer, _offset: number, data: ArrayBufferView) => {
      this.sent += data.byteLength;
    },
  };
  /** Sizes of the buffers that are not destroyed. */
  readonly open: number[] = [];
  refusal: { reason: string; message: string } | undefined;
  readonly #memory: number;
  readonly #scopes: { readonly filter: string; error: { message: string } | null }[] = [];
  #isLost = false;

  constructor(memory = 64 * MIB) {
    this.#memory = memory;
    let told = (_loss: { readonly message: string }) => {};
    this.lost = new Promise((resolve) => {
      told = resolve;
    });
    this.lose = (message) => {
      this.#isLost = true;
      told({ message });
    };
  }

  createBuffer({ size }: { readonly size: number }): GpuBuffer {
    const used = this.open.reduce((sum, bytes) => sum + bytes, size);
    const isValid = used <= this.#memory;
    if (isValid) this.open.push(size);
    else this.#report('out-of-memory', 'not enough memory left');
    return {
      size,
      mapAsync: async () => {
        if (this.#isLost || !isValid) throw new Error('the buffer is invalid');
      },
      getMappedRange: () => {
        this.received += size;
        return new ArrayBuffer(size);
      },
      unmap: () => {},
      destroy: () => {
        if (this.open.includes(size)) this.open.splice(this.open.indexOf(size), 1);
      },
    };
  }

  #report(filter: string, message: string): void {
    const scope = this.#scopes.findLast((open) => open.filter === filter);
    if (scope) scope.error ??= { message };
  }

  async createComputePipelineAsync() {
    if (this.refusal) throw Object.assign(new Error(this.refusal.message), { reason: this.refusal.reason });
    return object;
  }

  createCommandEncoder() {
    const pass = { setPipeline() {}, setBindGroup() {}, dispatchWorkgroups() {}, end() {} };
    return { beginComputePass: () => pass, copyBufferToBuffer() {}, finish: () => object };
  }

  pushErrorScope(filter: string) {
    this.#scopes.push({ filter, error: null });
  }

  async popErrorScope() {
    return this.#scopes.pop()?.error ?? null;
  }

  readonly createBindGroupLayout = () => object;
  readonly createPipelineLayout = () => object;
  readonly createShaderModule = () => object;
  readonly createBindGroup = () => object;
  readonly destroy = () => this.lose('destroyed');
}

const x = input('x', ['n', 1, 2, 2]);
/** Its result takes a thousand times as much memory as what is fed. */
const graph: Graph = { outputs: { y: ops.upsampleNearest2d(x, 32) } };
const feeds = (n: number) => ({ x: tensor(new Float32Array(4 * n), [n, 1, 2, 2]) });

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

test('a value that no buffer may hold is told before anything runs', async () => {
  const gpu = new FakeGpu();
  const program = await guardExecutor(createWebGpuExecutor(gpu, { name: 'wgsl' })).compile(graph);
  const error = await failure(program.run(feeds(4000)));
  expect(error).toBeInstanceOf(DeviceFailedError);
  expect(error).toMatchObject({
    outOfMemory: true,
    message: 'the device wgsl failed: out of memory: 63 MiB are needed at once, and the GPU gives 32',
  });
});

test('memory that the GPU does not have is told, and a smaller run goes on', async () => {
  const gpu = new FakeGpu(8 * MIB);
  const program = await guardExecutor(createWebGpuExecutor(gpu, { name: 'wgsl' })).compile(graph);
  const error = await failure(program.run(feeds(1000)));
  expect(error).toMatchObject({ name: 'DeviceFailedError', outOfMemory: true });
  expect((await program.run(feeds(10))).y.data).toHaveLength(10 * 64 * 64);
});

test('of a step only what is fed and its losses cross the bus, and no state', async () => {
  const gpu = new FakeGpu();
  const executor = createWebGpuExecutor(gpu);
  const w = param('w', [5000]);
  const gradient = ops.mul(w, ops.reduceSum(x));
  const step: Graph = {
    outputs: { next: ops.sub(w, gradient), loss: ops.reduceSum(x) },
    state: { next: 'w' },
  };
  const store = await executor.createStore(new Map([['w', tensor(new Float32Array(5000))]]));
  const program = await executor.compile(step);
  await program.run(feeds(10), store);
  [gpu.sent, gpu.received] = [0, 0];
  expect(Object.keys(await program.run(feeds(10), store))).toEqual(['loss']);
  expect([gpu.sent, gpu.received]).toEqual([4 * 40, 4]);
  expect(trafficOf(step, { n: 10 })).toEqual({ fed: gpu.sent, returned: gpu.received, kept: 4 * 5000 });
});

test('a store tells that its values have no room', async () => {
  const executor = guardExecutor(createWebGpuExecutor(new FakeGpu(MIB), { name: 'wgsl' }));
  const values = new Map([['w', tensor(new Float32Array(MIB))]]);
  expect(await failure(executor.createStore(values))).toMatchObject({ outOfMemory: true });
});

test('a GPU that is lost is no matter of memory', async () => {
  const gpu = new FakeGpu();
  const program = await guardExecutor(createWebGpuExecutor(gpu, { name: 'wgsl' })).compile(graph);
  await program.run(feeds(1));
  gpu.lose('the driver was reset');
  const error = await failure(program.run(feeds(1)));
  expect(error).toMatchObject({
    name: 'DeviceFailedError',
    outOfMemory: false,
    message: 'the device wgsl failed: the GPU was lost: the driver was reset',
  });
});

test('a program that the GPU refuses is an error of the graph; one that it fails to compile is not', async () => {
  const gpu = new FakeGpu();
  const executor = guardExecutor(createWebGpuExecutor(gpu, { name: 'wgsl' }));
  gpu.refusal = { reason: 'validation', message: 'no such type' };
  expect(await failure(executor.compile(graph))).toBeInstanceOf(GraphError);
  gpu.refusal = { reason: 'internal', message: 'the compiler crashed' };
  expect(await failure(executor.compile(graph))).toBeInstanceOf(DeviceFailedError);
  gpu.refusal = undefined;
  await (await executor.compile(graph)).dispose();
});
