/** The GPU's utilization, from the driver's own tool. */
import { type GpuFigures, nvidiaSmi } from '@froyolo/common/node';

export interface GpuUse {
  /** Share of the time in which a kernel ran, 0 to 1. */
  readonly utilization: number;
  /** Bytes in use, by all processes. */
  readonly memory: number;
}

const FIELDS = ['utilization.gpu', 'memory.used'] as const;
const MIB = 2 ** 20;

/** Use of the busiest GPU; nothing without a GPU, or if its driver doesn't tell. */
export async function queryGpu(): Promise<GpuUse | undefined> {
  return busiest(await nvidiaSmi(FIELDS));
}

export function busiest(gpus: readonly GpuFigures<(typeof FIELDS)[number]>[]): GpuUse | undefined {
  return gpus
    .map((gpu) => ({ utilization: gpu['utilization.gpu'] / 100, memory: gpu['memory.used'] * MIB }))
    .sort((a, b) => b.utilization - a.utilization || b.memory - a.memory)[0];
}
