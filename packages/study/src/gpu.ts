/** The GPU's utilization, from the driver's own tool. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface GpuUse {
  /** Share of the time in which a kernel ran, 0 to 1. */
  readonly utilization: number;
  /** Bytes in use, by all processes. */
  readonly memory: number;
}

const QUERY = ['--query-gpu=utilization.gpu,memory.used', '--format=csv,noheader,nounits'];
const TIMEOUT_MS = 5000;
const MIB = 2 ** 20;

/** Use of the busiest GPU; nothing without a GPU, or if its driver doesn't tell. */
export async function queryGpu(): Promise<GpuUse | undefined> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: TIMEOUT_MS });
    return parseGpuUse(stdout);
  } catch {
    return undefined;
  }
}

/** One line per GPU: `37, 1024`, in percent and MiB; figures that a driver doesn't have are `[N/A]`. */
export function parseGpuUse(output: string): GpuUse | undefined {
  const gpus = output
    .split('\n')
    .map((line) => line.split(',').map((cell) => Number.parseFloat(cell)))
    .filter(([utilization, memory]) => Number.isFinite(utilization) && Number.isFinite(memory))
    .map(([utilization, memory]) => ({ utilization: utilization / 100, memory: memory * MIB }));
  return gpus.sort((a, b) => b.utilization - a.utilization || b.memory - a.memory)[0];
}
