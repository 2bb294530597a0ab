/** Runs a kind of input many times and judges what the program does with it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Rng } from '@froyolo/data';
import { damage } from './damage.js';
import type { FuzzKind } from './kind.js';

/** Limits of what a small damaged file may cost. */
const MAX_CPU_SECONDS = 5;
const MAX_MEMORY_BYTES = 500e6;

/** An input that the program didn't take well; its number with the seed makes it again. */
export interface Failure {
  readonly number: number;
  readonly problem: string;
}

/** @returns failures of `count` inputs made from `seed` */
export async function runKind(kind: FuzzKind, count: number, seed: number): Promise<Failure[]> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-fuzz-'));
  const seeds = await kind.seeds();
  const failures: Failure[] = [];
  try {
    for (let number = 0; number < count; number++) {
      const rng = new Rng(seed, number);
      const whole = seeds[rng.integer(seeds.length)] ?? new Uint8Array();
      const folder = join(root, String(number));
      await mkdir(folder);
      const problem = await problemOf(kind, folder, damage(whole, rng, kind.tokens));
      if (problem !== undefined) failures.push({ number, problem });
      await rm(folder, { recursive: true, force: true });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return failures;
}

async function problemOf(kind: FuzzKind, folder: string, bytes: Uint8Array): Promise<string | undefined> {
  await writeFile(join(folder, kind.file), bytes);
  const [cpu, memory] = [process.cpuUsage(), process.memoryUsage().rss];
  let thrown: unknown;
  try {
    await kind.run(folder, bytes);
  } catch (error) {
    thrown = error ?? new Error('nothing');
  }
  const { user, system } = process.cpuUsage(cpu);
  if ((user + system) / 1e6 > MAX_CPU_SECONDS) return `slow: ${((user + system) / 1e6).toFixed(1)} s of CPU`;
  const grown = process.memoryUsage().rss - memory;
  if (grown > MAX_MEMORY_BYTES) return `memory: ${(grown / 1e6).toFixed(0)} MB more`;
  return thrown === undefined ? undefined : problemOfError(thrown, kind.file);
}

/** Errors of the project's own kinds name the file; those of the language or the system are not for users. */
function problemOfError(error: unknown, file: string): string | undefined {
  if (!(error instanceof Error)) return `untyped: ${String(error)}`;
  const own = error.name.endsWith('Error') && !BUILT_IN.includes(error.name) && !('syscall' in error);
  if (!own) return `untyped: ${error.name}: ${error.message.slice(0, 200)}`;
  return error.message.includes(file) ? undefined : `unnamed: ${error.message.slice(0, 200)}`;
}

const BUILT_IN = [
  'Error',
  'TypeError',
  'RangeError',
  'SyntaxError',
  'ReferenceError',
  'EvalError',
  'URIError',
  'AggregateError',
  'YAMLParseError',
  'ZodError',
];
