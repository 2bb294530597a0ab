/** Asks WebGPU for its GPU. */
import type { Opened } from './device.js';

/** The part of WebGPU's API in use; its types aren't part of TypeScript's library. */
interface WebGpu {
  requestAdapter(): Promise<{
    readonly info?: {
      readonly description?: string;
      readonly vendor?: string;
      readonly isFallbackAdapter?: boolean;
    };
    readonly isFallbackAdapter?: boolean;
  } | null>;
}

/**
 * The GPU that WebGPU gives.
 * @throws Error without an adapter
 */
export async function webgpuAdapter(): Promise<Pick<Opened, 'adapter' | 'software'>> {
  const gpu = (globalThis as { navigator?: { gpu?: WebGpu } }).navigator?.gpu;
  if (!gpu) throw new Error('this browser has no WebGPU (navigator.gpu is missing)');
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('WebGPU found no adapter: the GPU or its driver is not supported or blocked');
  const { info } = adapter;
  const name = info?.description || info?.vendor;
  const software = info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return {
    ...(name ? { adapter: name } : {}),
    software: software || /swiftshader|llvmpipe/i.test(name ?? ''),
  };
}
