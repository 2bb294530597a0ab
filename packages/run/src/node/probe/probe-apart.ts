/** Tries a device in a process of its own, which takes its memory and its crashes with it when it ends. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { DeviceReport } from './probe-device.js';

/** @param bench also measures how fast it trains */
export async function probeApart(name: string, bench = false): Promise<DeviceReport> {
  const program = probeProcess();
  if (program === undefined) return { name, available: false, reason: 'its process is not built' };
  try {
    const args = [program, name, ...(bench ? ['bench'] : [])];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env: frugal(process.env) });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as DeviceReport;
  } catch (error) {
    const { signal, code, stderr = '' } = error as { signal?: string; code?: unknown; stderr?: string };
    const last = stderr.trim().split('\n').at(-1);
    const reason = `the process that tried it ended (${signal ?? `status ${code}`})${last ? `: ${last}` : ''}`;
    return { name, available: false, reason };
  }
}

/** Images per second of a training step in a process of its own; 0 where the device doesn't work. */
export const speedApart = async (name: string): Promise<number> =>
  (await probeApart(name, true)).imagesPerSecond ?? 0;

/** Whether there is a program for such processes: sources that run without being built have none. */
export const canProbe = (): boolean => probeProcess() !== undefined;

/** A probe leaves the card's memory to others. */
const frugal = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...env, TF_FORCE_GPU_ALLOW_GROWTH: 'true' });

/** The built file, beside the built package or in it when the sources run. */
function probeProcess(): string | undefined {
  return ['./probe-process.js', '../../../dist/probe-process.js']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path));
}
