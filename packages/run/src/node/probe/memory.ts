/** How much memory a device has. */
import { freemem, totalmem } from 'node:os';
import { driverGpu, nvidiaSmi } from '@froyolo/common/node';
import type { OpenedDevice } from '@froyolo/core/devices';
import type { DeviceMemory } from '../../host.js';

const MIB = 2 ** 20;
/** A WebAssembly memory has 32-bit addresses. */
const WASM_LIMIT = 4096 * MIB;

/** Memory of the CPU, or of a CUDA device as its driver says; nothing where the device doesn't tell (WebGPU). */
export async function deviceMemory({
  device: { answersTo },
  index,
}: Pick<OpenedDevice, 'device' | 'index'>): Promise<DeviceMemory | undefined> {
  if (answersTo.includes('cuda')) return cudaMemory(index);
  if (answersTo.includes('webgpu')) return undefined;
  const { free, total } = hostMemory();
  if (!answersTo.includes('wasm')) return { free, total };
  return { free: Math.min(free, WASM_LIMIT), total: Math.min(total, WASM_LIMIT) };
}

/** Memory of the machine, or of its container if that has less. */
function hostMemory(): DeviceMemory {
  // Zero, or more than the machine has, without a limit.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  if (limit >= totalmem()) return { free: freemem(), total: totalmem() };
  return { free: Math.min(freemem(), limit - process.memoryUsage.rss()), total: limit };
}

async function cudaMemory(index: number): Promise<DeviceMemory | undefined> {
  const own = driverGpu(index);
  if (own === undefined) return undefined;
  const [gpu] = await nvidiaSmi(['memory.free', 'memory.total'], own);
  return gpu && { free: gpu['memory.free'] * MIB, total: gpu['memory.total'] * MIB };
}
