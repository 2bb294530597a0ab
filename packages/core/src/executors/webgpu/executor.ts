/**
 * Runs graphs on WebGPU in fused launches (`fusion/plan.ts`), by WGSL programs written for each. All values of a run lie
 * in one buffer; a run is one submission, and only outputs come back.
 */
import { planLaunches } from '../../fusion/plan.js';
import type { Graph, Tensor } from '../../graph/node.js';
import { disposable } from '../disposable.js';
import type { Executor } from '../executor.js';
import { Resources } from '../resource.js';
import { Device } from './device.js';
import type { GpuDevice } from './gpu.js';
import { WebGpuProgram } from './program.js';
import { WebGpuStore } from './store.js';

export interface WebGpuExecutorOptions {
  /** Name in the device table. Default `webgpu`. */
  readonly name?: string;
  /** Features of WGSL that the browser knows. Default none. */
  readonly language?: ReadonlySet<string>;
}

/** @param gpu a device of WebGPU, which the executor owns from now on */
export function createWebGpuExecutor(gpu: GpuDevice, options: WebGpuExecutorOptions = {}): Executor {
  const resources = new Resources();
  const device = new Device(gpu, options.language ?? new Set());
  return disposable({
    name: options.name ?? 'webgpu',
    halfPrecision: true,
    async compile(graph: Graph) {
      return WebGpuProgram.create(resources, device, graph, planLaunches(graph));
    },
    async createStore(values: ReadonlyMap<string, Tensor>) {
      const store = new WebGpuStore(resources, device);
      await store.write(values);
      return store;
    },
    async dispose() {
      await resources.dispose();
      device.dispose();
    },
  });
}
