/**
 * Programs of `wgsl` with each set of features that the GPU has, in Node: those for GPUs without subgroups and halves run,
 * too. `VK_DRIVER_FILES` may name a driver that imitates a GPU on the CPU.
 */
import { WANTED_FEATURES } from '../../packages/core/src/executors/webgpu/abilities.js';
import { createWebGpuExecutor } from '../../packages/core/src/executors/webgpu/executor.js';
import type { GpuDevice } from '../../packages/core/src/executors/webgpu/gpu.js';
import { importInNode } from '../../packages/core/src/load.js';
import { describeHalves, describeOps, USING_FEATURES } from '../browser/device-tests.js';

interface Adapter {
  readonly features: ReadonlySet<string>;
  readonly limits: GpuDevice['limits'];
  requestDevice(options: object): Promise<GpuDevice>;
}

interface WebGpu {
  readonly wgslLanguageFeatures: ReadonlySet<string>;
  requestAdapter(): Promise<Adapter | null>;
}

async function findWebGpu() {
  const found = await importInNode<{ create(options: readonly string[]): WebGpu }>('webgpu').catch(
    () => undefined,
  );
  if (!found) return { missing: 'the npm package webgpu is not installed' };
  const webgpu = found.create([]);
  const adapter = await webgpu.requestAdapter().catch(() => null);
  if (!adapter) return { missing: 'no driver for Vulkan, Metal or Direct3D 12' };
  return { webgpu, features: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)) };
}

const { webgpu, features: available = [], missing } = await findWebGpu();

/** Every set of the features that programs ask for and the GPU has. */
const SETS: string[][] = [[]];
for (const feature of available) SETS.push(...SETS.map((set) => [...set, feature]));

async function open(features: readonly string[]) {
  const title = `wgsl in Node with ${features.join(' and ') || 'no features'}`;
  // An adapter gives one device.
  const adapter = await webgpu?.requestAdapter();
  if (!webgpu || !adapter) return { title, missing };
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const requiredLimits = { maxBufferSize, maxStorageBufferBindingSize };
  const gpu = await adapter.requestDevice({ requiredLimits, requiredFeatures: features });
  return { title, executor: createWebGpuExecutor(gpu, { language: webgpu.wgslLanguageFeatures }) };
}

describeOps(await open(available));

for (const features of SETS) {
  const device = await open(features);
  describeHalves(device, [[8, 8]]);
  describeOps(device, USING_FEATURES);
}
