/**
 * Kills, full disks, processes that start together and long runs. `pnpm torture` does many: TORTURE_KILLS of each subject
 * (every rename, the rest at random), TORTURE_FULL, TORTURE_PAIRS, TORTURE_MINUTES; here a few.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Rng } from '@froyolo/data';
import { must } from '@froyolo/errors';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { IS_BUILT } from '../cli/froyolo.js';
import { watchMemory } from './memory.js';
import { withPairs } from './pairs.js';
import { eachTrial, note } from './report.js';
import { CACHING, inCopy, prepareInputs, SUBJECTS, type Subject, TRAINING } from './subjects.js';
import { type Mishap, type Reference, referenceOf, trial } from './trials.js';

const { TORTURE_KILLS = '3', TORTURE_FULL = '2', TORTURE_PAIRS = '2', TORTURE_SEED = '1' } = process.env;
const { TORTURE_MINUTES } = process.env;
const [kills, full, pairs, minutes] = [
  TORTURE_KILLS,
  TORTURE_FULL,
  TORTURE_PAIRS,
  TORTURE_MINUTES ?? '0.2',
].map(Number);

/** Bytes that resident memory may grow in a run of any length: allocators and compilers settle late. */
const GROWTH = 60e6;
const HOURS = 5 * 3600_000;

const isLinux = existsSync('/proc/self/status');
const hasGroups = process.platform !== 'win32';
const reason = !hasGroups
  ? ' (skipped on Windows, which has no process groups to kill)'
  : IS_BUILT
    ? ''
    : ' (skipped: not built; run npm test or pnpm build)';

/** Every rename where there is time for them, before and after it; then changes and moments at random. */
function mishapsOf({ renames, changes, milliseconds }: Reference, rng: Rng): Mishap[] {
  const every = Array.from(
    { length: renames },
    (_, i): Mishap => ({ kind: 'kill at rename', number: i + 1 }),
  );
  const some = kills < every.length ? every.filter((_, i) => i % Math.ceil(renames / kills) === 0) : every;
  const random = Array.from(
    { length: Math.max(0, kills - some.length) },
    (_, i): Mishap =>
      i % 2 === 0
        ? { kind: 'kill at change', number: 1 + rng.integer(changes) }
        : { kind: 'kill after', milliseconds: rng.random() * milliseconds },
  );
  return [...some, ...random];
}

/** Each write where there is time for them, else some, spread out. */
function fullDisks({ changes }: Reference): Mishap[] {
  const step = Math.max(1, Math.ceil(changes / full));
  return Array.from({ length: Math.ceil(changes / step) }, (_, i) => ({
    kind: 'full disk',
    number: 1 + i * step,
  }));
}

describe.skipIf(!IS_BUILT || !hasGroups)(`torture${reason}`, () => {
  let inputs = '';
  const references = new Map<Subject, Promise<Reference>>();
  const reference = (subject: Subject) => {
    const known = references.get(subject) ?? referenceOf(inputs, subject);
    references.set(subject, known);
    return known;
  };
  beforeAll(async () => {
    inputs = await prepareInputs();
  });
  afterAll(() => rm(inputs, { recursive: true, force: true }));

  async function problemsOf(what: string, subject: Subject, mishaps: readonly Mishap[]): Promise<string[]> {
    const whole = await reference(subject);
    return eachTrial({ what, subject: subject.name }, mishaps.length, async (number) => {
      const mishap = must(mishaps[number], 'the mishap');
      const found = await trial(inputs, subject, whole, mishap);
      return found.map((problem) => `${JSON.stringify(mishap)}: ${problem}`);
    });
  }

  describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    test('goes on after a kill, ends the same, leaves nothing unfinished', { timeout: HOURS }, async () => {
      const mishaps = mishapsOf(await reference(subject), new Rng(Number(TORTURE_SEED)));
      expect(await problemsOf('kills', subject, mishaps)).toEqual([]);
    });

    test('tells a full disk, and goes on when there is room again', { timeout: HOURS }, async () => {
      const mishaps = fullDisks(await reference(subject));
      expect(await problemsOf('full disk', subject, mishaps)).toEqual([]);
    });
  });

  test('processes that start together share neither a folder nor a lock', { timeout: HOURS }, async () => {
    const problems = await withPairs((pair) =>
      eachTrial({ what: 'pairs', subject: 'two processes' }, pairs, pair),
    );
    expect(problems).toEqual([]);
  });

  const why = isLinux ? '' : ' (skipped: memory is read from /proc)';
  test.skipIf(!isLinux)(`the memory of a long training is flat${why}`, { timeout: HOURS }, async () => {
    const watched = TORTURE_MINUTES === undefined ? [TRAINING] : [TRAINING, CACHING];
    const growths = await Promise.all(
      watched.map(async (subject) => {
        const { floors, ...figures } = await memoryOf(subject);
        note({ what: 'memory', subject: subject.name, minutes, floors, ...figures });
        return (floors.at(-1) ?? 0) - (floors[0] ?? 0);
      }),
    );
    expect(Math.max(...growths)).toBeLessThan(GROWTH);
  });

  /** Charts are drawn, too. */
  const memoryOf = ({ start }: Subject) => {
    const drawn = start.filter((arg) => arg !== '--noplots');
    const args = [...drawn, '--epochs', 100_000, '--patience', 0];
    const results = 'runs/train/run/results.csv';
    return inCopy(inputs, (folder) => watchMemory(folder, { args, results, seconds: minutes * 60 }));
  };
});
