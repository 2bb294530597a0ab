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
const QUARTERS = 4;

export interface MemoryFigures {
  readonly samples: number;
  /** Epochs that were watched. */
  readonly epochs: number;
  /** Least resident bytes in each quarter of the samples. */
  readonly floors: readonly number[];
  /** Bytes an hour, and bytes an epoch, by least squares. */
  readonly slope: number;
  readonly perEpoch: number;
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
  const epochs = () => epochsIn(join(cwd, results));
  try {
    while (epochs() < SETTLING_EPOCHS) {
      bytesOf(child.pid);
      await delay(SAMPLE_MS);
    }
    const before = epochs();
    const samples = await samplesOf(child.pid, seconds);
    return figuresOf(samples, epochs() - before);
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

function figuresOf(samples: readonly Sample[], epochs: number): MemoryFigures {
  const bytes = samples.map((sample) => sample.bytes);
  const quarter = Math.ceil(samples.length / QUARTERS);
  const floors = Array.from({ length: QUARTERS }, (_, i) =>
    Math.min(...bytes.slice(i * quarter, (i + 1) * quarter)),
  );
  const perSecond = slopeOf(samples);
  const seconds = samples.at(-1)?.seconds ?? 0;
  return {
    samples: samples.length,
    epochs,
    floors,
    slope: 3600 * perSecond,
    perEpoch: (perSecond * seconds) / Math.max(epochs, 1),
  };
}

/** Bytes a second, by least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const [time, level] = [
    mean(samples.map((sample) => sample.seconds)),
    mean(samples.map((sample) => sample.bytes)),
  ];
  const covariance = mean(samples.map((sample) => (sample.seconds - time) * (sample.bytes - level)));
  return covariance / mean(samples.map((sample) => (sample.seconds - time) ** 2));
}
