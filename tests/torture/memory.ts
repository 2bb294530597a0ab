/** The memory of a long training: many short epochs, sampled from outside. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from './subjects.js';

const BIN = join(import.meta.dirname, '../../packages/cli/bin/froyolo.js');
const SAMPLE_MS = 500;
/** Part of the time that memory is given to settle. */
const SETTLING = 0.25;

export interface MemoryFigures {
  readonly samples: number;
  /** Bytes, resident: mean of the first and the last tenth after settling. */
  readonly first: number;
  readonly last: number;
  /** Bytes an hour, by least squares. */
  readonly slope: number;
}

/** Trains for some seconds and watches the process. */
export async function watchMemory(
  cwd: string,
  args: Subject['start'],
  seconds: number,
): Promise<MemoryFigures> {
  const child = spawn(process.execPath, [BIN, ...args.map(String)], { cwd, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  const started = performance.now();
  const samples: { time: number; bytes: number }[] = [];
  while (performance.now() - started < seconds * 1000) {
    await delay(SAMPLE_MS);
    const bytes = residentBytes(child.pid);
    if (bytes === undefined) throw new Error('the training ended before its time');
    samples.push({ time: (performance.now() - started) / 1000, bytes });
  }
  child.kill('SIGKILL');
  await ended;
  return figuresOf(samples.slice(Math.floor(SETTLING * samples.length)));
}

function residentBytes(pid: number | undefined): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

function figuresOf(samples: readonly { readonly time: number; readonly bytes: number }[]): MemoryFigures {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const tenth = Math.max(1, Math.floor(samples.length / 10));
  const bytes = samples.map((sample) => sample.bytes);
  const [time, level] = [mean(samples.map((sample) => sample.time)), mean(bytes)];
  const covariance = mean(samples.map((sample) => (sample.time - time) * (sample.bytes - level)));
  const variance = mean(samples.map((sample) => (sample.time - time) ** 2));
  return {
    samples: samples.length,
    first: mean(bytes.slice(0, tenth)),
    last: mean(bytes.slice(-tenth)),
    slope: (3600 * covariance) / variance,
  };
}
