/** Asks WebGPU for its GPU, in a browser or in Node. */
import { WANTED_FEATURES } from '../executors/webgpu/abilities.js';
import { createWebGpuExecutor } from '../executors/webgpu/executor.js';
import type { GpuDevice } from '../executors/webgpu/gpu.js';
import { importInNode } from '../load.js';
import type { Opened, OpenOptions } from './device.js';

/** The part of WebGPU's API in use; its types aren't part of TypeScript's library. */
interface WebGpu {
  requestAdapter(options?: { readonly powerPreference?: 'high-performance' }): Promise<Adapter | null>;
  readonly wgslLanguageFeatures?: ReadonlySet<string>;
}

interface Adapter {
  readonly info?: {
    readonly description?: string;
    readonly vendor?: string;
    readonly isFallbackAdapter?: boolean;
  };
  readonly isFallbackAdapter?: boolean;
  readonly limits: GpuDevice['limits'];
  readonly features: ReadonlySet<string>;
  requestDevice(options: {
    readonly requiredLimits: Readonly<Record<string, number>>;
    readonly requiredFeatures: readonly string[];
  }): Promise<GpuDevice>;
}

/** The package that brings WebGPU to Node: Dawn, as in Chromium, on Vulkan, Metal or Direct3D. */
const NODE_PACKAGE = 'webgpu';

/** WebGPU of the browser, or of a package for Node, by programs of our own. */
export async function openWebGpu({ platform }: Pick<OpenOptions, 'platform'>): Promise<Opened> {
  const webgpu = platform === 'node' ? await nodeWebGpu() : browserWebGpu();
  const adapter = await requestAdapter(webgpu);
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const gpu = await adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
  });
  const { wgslLanguageFeatures: language } = webgpu;
  const executor = createWebGpuExecutor(gpu, { name: 'wgsl', ...(language ? { language } : {}) });
  return { executor, version: '', lost: gpu.lost, ...described(adapter) };
}

/**
 * The GPU that the browser's WebGPU gives.
 * @throws Error without an adapter
 */
export async function webgpuAdapter(): Promise<Pick<Opened, 'adapter' | 'software'>> {
  return described(await requestAdapter(browserWebGpu()));
}

/** @throws Error in a browser without WebGPU */
function browserWebGpu(): WebGpu {
  const gpu = (globalThis as { navigator?: { gpu?: WebGpu } }).navigator?.gpu;
  if (!gpu) throw new Error('this browser has no WebGPU (navigator.gpu is missing)');
  return gpu;
}

/** It must not be collected while devices of it are in use. */
let ofNode: WebGpu | undefined;

async function nodeWebGpu(): Promise<WebGpu> {
  ofNode ??= (await importInNode<{ create(options: readonly string[]): WebGpu }>(NODE_PACKAGE)).create([]);
  return ofNode;
}

async function requestAdapter(gpu: WebGpu): Promise<Adapter> {
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
