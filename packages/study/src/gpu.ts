/** The GPU's utilization, from the driver's own tool. */
import { driverGpu, type GpuFigures, nvidiaSmi } from '@froyolo/common/node';

export interface GpuUse {
  /** Share of the time in which a kernel ran, 0 to 1. */
  readonly utilization: number;
  /** Bytes in use, by all processes. */
  readonly memory: number;
}

const FIELDS = ['utilization.gpu', 'memory.used'] as const;
const MIB = 2 ** 20;

/**
 * Use of a GPU, by default of the busiest one; nothing without a GPU, or if its driver doesn't tell.
 * @param index as this process counts them
 */
export async function queryGpu(index?: number): Promise<GpuUse | undefined> {
  return busiest(await nvidiaSmi(FIELDS, index === undefined ? undefined : driverGpu(index)));
}

/** Number of the GPU that a setting names, such as `cuda:1`. */
export function gpuIn(device: string | undefined): number | undefined {
  const digits = /^(?:[a-z-]+:)?(\d+)$/.exec(device ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function busiest(gpus: readonly GpuFigures<(typeof FIELDS)[number]>[]): GpuUse | undefined {
  return gpus
    .map((gpu) => ({ utilization: gpu['utilization.gpu'] / 100, memory: gpu['memory.used'] * MIB }))
    .sort((a, b) => b.utilization - a.utilization || b.memory - a.memory)[0];
}
