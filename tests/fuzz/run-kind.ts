/** Runs a kind of input many times and judges what the program does with it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '@froyolo/data';
import { isFroyoloError } from '@froyolo/errors';
import { damage } from './damage.js';
import { Believed, type FuzzKind } from './kind.js';
import { startWatchdog } from './watchdog.js';

/** Limits of what a small damaged file may cost. */
const MAX_CPU_SECONDS = 5;
const MAX_MEMORY_BYTES = 500e6;
const MAX_SECONDS = 60;

/** An input that the program didn't take well; its number with the seed makes it again. */
interface Failure {
  readonly number: number;
  readonly problem: string;
}

export interface FuzzReport {
  readonly name: string;
  readonly inputs: number;
  /** Inputs that ended in an error of the project's own; the others were used, or left out with a warning. */
  readonly refused: number;
  readonly failures: readonly Failure[];
  readonly seconds: number;
  /** The most that one input took: seconds of CPU, and bytes of memory beyond what the process had. */
  readonly cpu: number;
  readonly memory: number;
}

/** Gives `count` inputs made from `seed` to the program. */
export async function runKind(kind: FuzzKind, count: number, seed: number): Promise<FuzzReport> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-fuzz-'));
  const watchdog = startWatchdog(kind.name, MAX_SECONDS);
  const started = performance.now();
  const trials: Trial[] = [];
  try {
    const workshop = join(root, 'workshop');
    await mkdir(workshop);
    const seeds = await kind.seeds(workshop);
    for (let number = 0; number < count; number++) {
      watchdog.begin(number);
      const rng = new Rng(seed, number);
      const whole = seeds[rng.integer(seeds.length)] ?? new Uint8Array();
      const folder = join(root, String(number));
      await mkdir(folder);
      const damaged = damage(whole, rng, kind.tokens);
      trials.push(await tried(kind, folder, kind.wrap?.(damaged) ?? damaged));
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await watchdog.stop();
    await rm(root, { recursive: true, force: true });
  }
  return {
    name: kind.name,
    inputs: count,
    seconds: (performance.now() - started) / 1000,
    refused: trials.filter(({ thrown, problem }) => thrown && problem === undefined).length,
    failures: trials.flatMap(({ problem }, number) => (problem === undefined ? [] : [{ number, problem }])),
    cpu: Math.max(0, ...trials.map(({ cpu }) => cpu)),
    memory: Math.max(0, ...trials.map(({ memory }) => memory)),
  };
}

interface Trial {
  readonly cpu: number;
  readonly memory: number;
  readonly thrown: boolean;
  readonly problem: string | undefined;
}

async function tried(kind: FuzzKind, folder: string, bytes: Uint8Array): Promise<Trial> {
  await writeFile(join(folder, kind.file), bytes);
  const before = process.cpuUsage();
  const [resident, peak] = [process.memoryUsage.rss(), peakBytes()];
  let error: { readonly thrown: unknown } | undefined;
  try {
    await kind.run(folder, bytes);
  } catch (thrown) {
    error = { thrown };
  }
  const { user, system } = process.cpuUsage(before);
  const cpu = (user + system) / 1e6;
  // The peak only tells of this input where it is a new one.
  const memory = (peakBytes() > peak ? peakBytes() : process.memoryUsage.rss()) - resident;
  const cost = costProblem(cpu, memory);
  return { cpu, memory, thrown: error !== undefined, problem: cost ?? errorProblem(error, kind.file) };
}

const peakBytes = () => process.resourceUsage().maxRSS * 1024;

function costProblem(cpu: number, memory: number): string | undefined {
  if (cpu > MAX_CPU_SECONDS) return `slow: ${cpu.toFixed(1)} s of CPU`;
  return memory > MAX_MEMORY_BYTES ? `memory: ${(memory / 1e6).toFixed(0)} MB more` : undefined;
}

/** Errors of the project's own kinds name the file; those of the language or the system are not for users. */
function errorProblem(error: { readonly thrown: unknown } | undefined, file: string): string | undefined {
  if (!error) return undefined;
  const { thrown } = error;
  if (thrown instanceof Believed) return `believed: ${thrown.message}`;
  if (!isFroyoloError(thrown)) return `untyped: ${String(thrown).slice(0, 200)}`;
  return thrown.message.includes(file) ? undefined : `unnamed: ${thrown.message.slice(0, 200)}`;
}
