/** The order in which devices are tried here, from what was measured on this machine. */
import { DEVICES } from '@froyolo/core/devices';
import { CPU_MARGIN, type CpuOrderOptions, cpuFigures, cpuOrder } from './cpu-order.js';
import { cudaFigures, cudaOrder } from './cuda-order.js';
import { inOrder } from './fastest.js';
import type { Figure } from './measured.js';

const STORES = [cudaFigures, cpuFigures];

/**
 * Names of devices that answer to a request which leaves the choice between several, the fastest first; nothing where
 * there is no choice, or nothing is known. CUDA devices are measured the first time, the CPU's where that is allowed.
 */
export async function measuredOrder(
  request: string,
  options: CpuOrderOptions,
): Promise<readonly string[] | undefined> {
  return (await cudaOrder(request, options)) ?? cpuOrder(request, options);
}

/** Keeps what `froyolo devices --bench` measured, for later runs. */
export async function rememberFigures(figures: readonly Figure[]): Promise<void> {
  for (const store of STORES) {
    const measured = figures.filter(({ device }) => store.contestants().includes(device));
    if (measured.length > 1) await store.remember(measured);
  }
}

/** What is known of the speed of this machine's devices; empty where nothing was measured. */
export async function rememberedFigures(): Promise<readonly Figure[]> {
  return (await Promise.all(STORES.map((store) => store.remembered()))).flat();
}

/** Devices in the order in which `auto` takes them: kinds as in the table, in each kind what was measured as fastest. */
export function autoOrder(names: readonly string[], figures: readonly Figure[]): string[] {
  const isCuda = (name: string) => DEVICES.some((row) => row.name === name && row.answersTo.includes('cuda'));
  const isCpu = (name: string) => cpuFigures.contestants().includes(name);
  const first = [
    ...inOrder(names.filter(isCuda), figures),
    ...inOrder(names.filter(isCpu), figures, CPU_MARGIN),
  ];
  return [...first, ...names.filter((name) => !first.includes(name))];
}
