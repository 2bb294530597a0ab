/** How much memory a device has. */
import { execFile } from 'node:child_process';
import { freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { type Device, parseDevice } from '@froyolo/core/devices';
import type { DeviceMemory } from '../host.js';

const MIB = 2 ** 20;
/** A WebAssembly memory has 32-bit addresses. */
const WASM_LIMIT = 4096 * MIB;
const QUERY = ['--query-gpu=memory.free,memory.total', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 5000;

/** Memory of the CPU, or of a CUDA device as its driver says; nothing where the device doesn't tell (WebGPU). */
export async function deviceMemory(
  { answersTo }: Pick<Device, 'answersTo'>,
  request = 'auto',
): Promise<DeviceMemory | undefined> {
  if (answersTo.includes('cuda')) return cudaMemory(parseDevice(request, 'node').index);
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
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', [`--id=${index}`, ...QUERY], {
      timeout: TIMEOUT_MS,
    });
    return parseCudaMemory(stdout);
  } catch {
    // Without the driver's tool there is no way to ask.
    return undefined;
  }
}

/** `80000, 81559` in MiB. */
function parseCudaMemory(output: string): DeviceMemory | undefined {
  const [free, total] = output.split(',').map((cell) => Number.parseFloat(cell));
  if (!Number.isFinite(free) || !Number.isFinite(total)) return undefined;
  return { free: free * MIB, total: total * MIB };
}
