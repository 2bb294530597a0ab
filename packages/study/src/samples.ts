/** `samples.csv` of a run: memory, CPU and GPU of the process over time. */

export interface Sample {
  /** Seconds of work since the run began, interrupted sessions included. */
  readonly time: number;
  /** Resident memory of the process in bytes. */
  readonly memory: number;
  /** Share of all cores, 0 to 1. */
  readonly cpu: number;
  /** Share of the time that the GPU ran, 0 to 1; absent without a GPU. */
  readonly gpu?: number;
  /** Bytes in use on the GPU, by all processes. */
  readonly gpuMemory?: number;
}

export const SAMPLES_HEADER = 'time_s,memory_bytes,cpu,gpu,gpu_memory_bytes\n';

export function sampleRow({ time, memory, cpu, gpu, gpuMemory }: Sample): string {
  const cells = [time.toFixed(1), memory, cpu.toFixed(3), gpu?.toFixed(3) ?? '', gpuMemory ?? ''];
  return `${cells.join(',')}\n`;
}

/**
 * Rows of `samples.csv`; those that are damaged, and a last one without its end of line, left by a process that was killed,
 * don't count.
 */
export function parseSamples(text: string): Sample[] {
  return text.split('\n').slice(1, -1).filter(isWhole).map(parseRow);
}

/** Five numbers, none below 0; the last two may be empty. */
function isWhole(row: string): boolean {
  const cells = row.split(',');
  const isNumber = (cell: string) => /^\d+(\.\d+)?$/.test(cell) && Number.isFinite(Number(cell));
  return cells.length === 5 && cells.every((cell, i) => isNumber(cell) || (i >= 3 && cell === ''));
}

function parseRow(row: string): Sample {
  const [time, memory, cpu, gpu, gpuMemory] = row.split(',') as [string, string, string, string, string];
  return {
    time: Number(time),
    memory: Number(memory),
    cpu: Number(cpu),
    ...(gpu === '' ? {} : { gpu: Number(gpu) }),
    ...(gpuMemory === '' ? {} : { gpuMemory: Number(gpuMemory) }),
  };
}
