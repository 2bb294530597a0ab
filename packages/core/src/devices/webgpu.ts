/** Asks WebGPU for its GPU. */
import { createWebGpuExecutor } from '../executors/webgpu/executor.js';
import type { GpuDevice } from '../executors/webgpu/gpu.js';
import type { Opened } from './device.js';

/** The part of WebGPU's API in use; its types aren't part of TypeScript's library. */
interface WebGpu {
  requestAdapter(options?: { readonly powerPreference?: 'high-performance' }): Promise<Adapter | null>;
}

interface Adapter {
  readonly info?: {
    readonly description?: string;
    readonly vendor?: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly isFallbackAdapter?: boolean;
  readonly limits: GpuDevice['limits'];
  requestDevice(options: { readonly requiredLimits: Readonly<Record<string, number>> }): Promise<GpuDevice>;
}

/** The browser's WebGPU, by programs of our own. */
export async function openWebGpu(): Promise<Opened> {
  const adapter = await requestAdapter();
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const gpu = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
  const executor = createWebGpuExecutor(gpu, { name: 'wgsl' });
  return { executor, version: '', lost: gpu.lost, ...described(adapter) };
}

/**
 * The GPU that WebGPU gives.
 * @throws Error without an adapter
 */
export async function webgpuAdapter(): Promise<Pick<Opened, 'adapter' | 'software'>> {
  return described(await requestAdapter());
}

async function requestAdapter(): Promise<Adapter> {
  const gpu = (globalThis as { navigator?: { gpu?: WebGpu } }).navigator?.gpu;
  if (!gpu) throw new Error('this browser has no WebGPU (navigator.gpu is missing)');
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw new Error('WebGPU found no adapter: the GPU or its driver is not supported or blocked');
  return adapter;
}

function described({ info, isFallbackAdapter }: Adapter): Pick<Opened, 'adapter' | 'software'> {
  const name = info?.description || info?.vendor;
  const software = info?.isFallbackAdapter ?? isFallbackAdapter ?? false;
  return {
    ...(name ? { adapter: name } : {}),
    software: software || /swiftshader|llvmpipe/i.test(name ?? ''),
  };
}
