/**
 * The memory of a long training: many short epochs, sampled from outside.
 *
 * Sampling begins when some epochs are done, however slow the machine is: until then, memory grows as code is compiled
 * and allocators take their arenas. Floors are compared, not means, so that garbage which waits for its collection is no growth.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Subject } from './subjects.js';

const BIN = join(import.meta.dirname, '../../packages/cli/bin/froyolo.js');
const SAMPLE_MS = 250;
/** Epochs after which memory has settled. */
const SETTLING_EPOCHS = 40;

export interface MemoryFigures {
  readonly samples: number;
  /** Least resident bytes in the first and in the last third of the samples. */
  readonly first: number;
  readonly last: number;
  /** Bytes an hour, by least squares. */
  readonly slope: number;
}

interface Sample {
  readonly seconds: number;
  readonly bytes: number;
}

/**
 * Trains, and watches the process from when it has settled.
 * @param results the run's results.csv, in `cwd`
 * @param seconds to watch
 * @throws Error if the training ends by itself
 */
export async function watchMemory(
  cwd: string,
  { args, results, seconds }: { args: Subject['start']; results: string; seconds: number },
): Promise<MemoryFigures> {
  const child = spawn(process.execPath, [BIN, ...args.map(String)], { cwd, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  try {
    while (epochsIn(join(cwd, results)) < SETTLING_EPOCHS) {
      bytesOf(child.pid);
      await delay(SAMPLE_MS);
    }
    return figuresOf(await samplesOf(child.pid, seconds));
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

const epochsIn = (results: string) =>
  existsSync(results) ? readFileSync(results, 'utf8').split('\n').length - 2 : 0;

async function samplesOf(pid: number | undefined, seconds: number): Promise<Sample[]> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  const samples: Sample[] = [];
  while (elapsed() < seconds) {
    samples.push({ seconds: elapsed(), bytes: bytesOf(pid) });
    await delay(SAMPLE_MS);
  }
  return samples;
}

function bytesOf(pid: number | undefined): number {
  const bytes = residentBytes(pid);
  if (bytes === undefined) throw new Error('the training ended before its time');
  return bytes;
}

function residentBytes(pid: number | undefined): number | undefined {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kib === undefined ? undefined : Number(kib) * 1024;
  } catch {
    return undefined;
  }
}

function figuresOf(samples: readonly Sample[]): MemoryFigures {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const third = Math.ceil(samples.length / 3);
  const bytes = samples.map((sample) => sample.bytes);
  const [time, level] = [mean(samples.map((sample) => sample.seconds)), mean(bytes)];
  const covariance = mean(samples.map((sample) => (sample.seconds - time) * (sample.bytes - level)));
  const variance = mean(samples.map((sample) => (sample.seconds - time) ** 2));
  return {
    samples: samples.length,
    first: Math.min(...bytes.slice(0, third)),
    last: Math.min(...bytes.slice(-third)),
    slope: (3600 * covariance) / variance,
  };
}
