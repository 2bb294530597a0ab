/** Trials of a subject: something goes wrong at a given moment, then it goes on. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { froyolo } from '../cli/froyolo.js';
import { filesIn, inCopy, outcomeOf, type Subject } from './subjects.js';

const BIN = join(import.meta.dirname, '../../packages/cli/bin/froyolo.js');
const INJECT = join(import.meta.dirname, 'inject.cjs');

/** What goes wrong: at a change of the disk of this number, or after some milliseconds. */
export type Mishap =
  | { readonly kind: 'kill at rename' | 'kill at change' | 'full disk'; readonly number: number }
  | { readonly kind: 'kill after'; readonly milliseconds: number };

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
  readonly milliseconds: number;
  /** Changes of the disk that were counted. */
  readonly changes: number;
}

/** Runs a command line in a process group of its own, with a mishap. */
async function runWith(cwd: string, args: Subject['start'], mishap?: Mishap, only?: string): Promise<Ended> {
  const log = join(tmpdir(), `froyolo-changes-${randomUUID()}`);
  const env = { ...process.env, ...environmentOf(mishap, only), INJECT_LOG: log };
  const started = performance.now();
  const child = spawn(process.execPath, [BIN, ...args.map(String)], {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  if (mishap?.kind === 'kill after') {
    await Promise.race([ended, delay(mishap.milliseconds)]);
    killGroup(child.pid);
  }
  const status = await ended;
  const milliseconds = performance.now() - started;
  const changes = existsSync(log) ? statSync(log).size : 0;
  rmSync(log, { force: true });
  return { status, stderr, milliseconds, changes };
}

function environmentOf(
  mishap: Mishap | undefined,
  only = mishap?.kind === 'kill at rename' ? 'rename' : undefined,
) {
  const name = mishap?.kind === 'full disk' ? 'INJECT_FULL' : 'INJECT_KILL';
  return {
    NODE_OPTIONS: `--require ${INJECT}`,
    ...(only === undefined ? {} : { INJECT_ONLY: only }),
    ...(mishap && 'number' in mishap ? { [name]: String(mishap.number) } : {}),
  };
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** What an uninterrupted run leaves, how long it takes and how often it changes the disk. */
export interface Reference {
  readonly outcome: ReadonlyMap<string, string>;
  readonly milliseconds: number;
  readonly changes: number;
  readonly renames: number;
}

export function referenceOf(inputs: string, subject: Subject): Promise<Reference> {
  return inCopy(inputs, async (folder) => {
    const { status, stderr, changes, milliseconds } = await runWith(folder, subject.start);
    if (status !== 0) throw new Error(`${subject.name} fails by itself: ${stderr}`);
    const outcome = await outcomeOf(subject, folder);
    const again = await inCopy(inputs, (copy) => runWith(copy, subject.start, undefined, 'rename'));
    return { outcome, milliseconds, changes, renames: again.changes };
  });
}

/** @returns what is wrong after a mishap and going on; nothing where all is as if it had not happened */
export function trial(
  inputs: string,
  subject: Subject,
  reference: Reference,
  mishap: Mishap,
): Promise<string[]> {
  return inCopy(inputs, async (folder) => {
    const first = await runWith(folder, subject.start, mishap);
    if (mishap.kind === 'kill at rename' && first.status !== null) return ['it was not killed'];
    const told = mishap.kind === 'full disk' ? fullDiskProblems(first) : [];
    return [...told, ...(await problemsGoingOn(folder, subject, reference))];
  });
}

/** @returns what is wrong after going on in a folder */
export async function problemsGoingOn(
  folder: string,
  subject: Subject,
  reference: Reference,
): Promise<string[]> {
  const next = await froyolo(folder, subject.goOn(folder));
  const isOver = next.status === 0 || subject.isDone(next.stderr);
  const failed = isOver ? [] : [`can't go on: ${next.stderr.trim().slice(-300)}`];
  const left = (await filesIn(folder))
    .filter((file) => file.includes('.part'))
    .map((file) => `${file} is left`);
  return [...failed, ...(isOver ? await differences(subject, folder, reference) : []), ...left];
}

/** A command that a full disk ended has to say so in a way that a user can do something about: in words, with a file. */
export function fullDiskProblems({ status, stderr }: Pick<Ended, 'status' | 'stderr'>): string[] {
  if (status === 0) return [];
  const isTold = /no space left on the disk/.test(stderr) && /[\w.-]+\/[\w.-]+/.test(stderr);
  const isRaw = /ENOSPC|defect of froyolo/.test(stderr);
  return isTold && !isRaw ? [] : [`a full disk is told as: ${stderr.trim().slice(-300)}`];
}

async function differences(subject: Subject, folder: string, { outcome }: Reference): Promise<string[]> {
  const found = await outcomeOf(subject, folder);
  const names = new Set([...outcome.keys(), ...found.keys()]);
  return [...names].filter((name) => found.get(name) !== outcome.get(name)).map((name) => `${name} differs`);
}
