/** Samples the memory and CPU of this process while it trains. */
import { availableParallelism } from 'node:os';
import { queryGpu } from './gpu.js';
import type { Sample } from './samples.js';

/** Starting the GPU's tool more often would take a share of the CPU that is measured. */
const INTERVAL_MS = 1000;

export interface Sampling {
  /** Stops sampling, after a sample in progress. */
  stop(): Promise<void>;
}

/**
 * Takes a sample every second, from now on.
 * @param onSample is given samples whose `time` is in seconds since sampling began
 * @param index number of the GPU that is looked at; by default the busiest
 */
export async function startSampling(onSample: (sample: Sample) => void, index?: number): Promise<Sampling> {
  const hasGpu = (await queryGpu(index)) !== undefined;
  const started = performance.now();
  let last = { at: started, cpu: process.cpuUsage() };
  let pending = Promise.resolve();
  const take = async () => {
    const now = { at: performance.now(), cpu: process.cpuUsage() };
    const gpu = hasGpu ? await queryGpu(index) : undefined;
    onSample({
      time: (now.at - started) / 1000,
      memory: process.memoryUsage.rss(),
      cpu: cpuShare(last, now),
      ...(gpu ? { gpu: gpu.utilization, gpuMemory: gpu.memory } : {}),
    });
    last = now;
  };
  const timer: NodeJS.Timeout = setInterval(() => {
    pending = pending.then(take);
  }, INTERVAL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await pending;
    },
  };
}

interface CpuReading {
  /** Milliseconds. */
  readonly at: number;
  readonly cpu: NodeJS.CpuUsage;
}

/** Share of all cores that this process had between two readings, 0 to 1. */
function cpuShare(before: CpuReading, now: CpuReading): number {
  const microseconds = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system;
  const available = (now.at - before.at) * 1000 * availableParallelism();
  return available > 0 ? Math.min(microseconds / available, 1) : 0;
}
