/**
 * One process at a time in a folder. The lock is a file that only one process can make (`wx`); it says who holds it: host,
 * process, and when that process started, since numbers of processes are given away again. The holder touches it now and
 * then, for processes on other hosts that can't see whether it still runs.
 */

import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning } from '@froyolo/common/node';
import { TrainingError } from '@froyolo/yolo';
import { z } from 'zod';
import { codeOf } from './error-code.js';

const LOCK = 'lock';
/** Only the process that created this folder may remove a lock whose holder is gone. */
const TAKEOVER = 'lock.takeover';
/** Taking over is a matter of milliseconds: a folder older than this was left by a process that was killed in it. */
const TAKEOVER_MS = 5000;
/** A lock without content that is older was left by a process that was killed while it wrote it. */
const WRITTEN_MS = 5000;
/** How often a lock that may change is looked at. */
const LOOK_MS = 50;
const TOUCH_MS = 60_000;
/** A lock on another host that nobody has touched for this long is left over. */
const SILENT_MS = 10 * TOUCH_MS;

const holderSchema = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** Start of the process, in the operating system's own count; empty if unknown. */
  started: z.string(),
  token: z.string(),
});

export type Holder = z.output<typeof holderSchema>;

/** Locks of this process, by their tokens. */
const ownTokens = new Set<string>();

/**
 * Locks a folder; a lock whose process has ended is taken over.
 * @param advice what the user can do if another process has it
 * @returns gives it back
 * @throws TrainingError when another process has it
 */
export function lockFolder(folder: string, advice = 'wait until it has ended'): () => void {
  const file = join(folder, LOCK);
  checkLock(file);
  const { pid } = process;
  const own: Holder = { pid, host: hostname(), started: startOf(pid), token: randomUUID() };
  take(folder, own, advice);
  ownTokens.add(own.token);
  const touching = setInterval(() => touch(file), TOUCH_MS).unref();
  return () => {
    clearInterval(touching);
    ownTokens.delete(own.token);
    if (read(file)?.token === own.token) rmSync(file, { force: true });
  };
}

/**
 * Makes the lock or takes it over. What a killed process had only begun is waited for until it counts as left: whoever
 * begins again at once is not turned away.
 */
function take(folder: string, own: Holder, advice: string): void {
  const end = Date.now() + Math.max(TAKEOVER_MS, WRITTEN_MS) + LOOK_MS;
  while (!isMade(join(folder, LOCK), own) && !isTakenOver(folder, own)) {
    const holder = holderOf(folder);
    if (typeof holder === 'object' || Date.now() > end) throw inUse(folder, holder, advice);
    pause(LOOK_MS);
  }
}

/** Does nothing for a while: a lock is taken between two steps of a program, not beside others. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms);
}

/** A folder or a pipe was put there by someone else; reading a pipe would wait for ever. */
function checkLock(file: string): void {
  const info = statSync(file, { throwIfNoEntry: false });
  if (info && !info.isFile())
    throw new TrainingError(`${file}: it is no file, but in the place of one: move it away`);
}

function inUse(folder: string, holder: ReturnType<typeof holderOf>, advice: string): TrainingError {
  const who = typeof holder === 'object' ? `process ${holder.pid} on ${holder.host}` : 'another process';
  return new TrainingError(`${folder} is in use by ${who}: ${advice}`);
}

/** The running process that has a folder; `unknown` while that one writes its lock. */
export function holderOf(folder: string): Holder | 'unknown' | undefined {
  const file = join(folder, LOCK);
  const holder = read(file);
  if (holder) return isAlive(holder, file) ? holder : undefined;
  return ageOf(file) < WRITTEN_MS ? 'unknown' : undefined;
}

/** Waits until no running process has a folder, or `ms` have passed. */
export async function untilUnlocked(folder: string, ms: number): Promise<void> {
  const end = Date.now() + ms;
  while (holderOf(folder) && Date.now() < end) await delay(LOOK_MS);
}

/** Makes the lock; false if one is there. */
function isMade(file: string, own: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(own), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    // A full disk leaves an empty file, and its error doesn't name it.
    rmSync(file, { force: true });
    throw error instanceof Error ? Object.assign(error, { path: file }) : error;
  }
}

/** Replaces a lock that was left over; false if its holder is alive, or another process is faster. */
function isTakenOver(folder: string, own: Holder): boolean {
  const [file, guard] = [join(folder, LOCK), join(folder, TAKEOVER)];
  if (holderOf(folder)) return false;
  if (!isEntered(guard)) return false;
  try {
    // Looked at again: another process may have taken it over since.
    if (holderOf(folder)) return false;
    rmSync(file, { force: true });
    return isMade(file, own);
  } finally {
    rmdirSync(guard);
  }
}

function isEntered(guard: string): boolean {
  try {
    const age = ageOf(guard);
    if (Number.isFinite(age) && age > TAKEOVER_MS) rmdirSync(guard);
    mkdirSync(guard);
    return true;
  } catch {
    return false;
  }
}

/** What a lock says; undefined without a lock, or if a killed process had only begun to write it. */
function read(file: string): Holder | undefined {
  try {
    // Reading a pipe would wait for a writer.
    if (!statSync(file).isFile()) return undefined;
    return holderSchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host, started, token }: Holder, file: string): boolean {
  if (ownTokens.has(token)) return true;
  if (host !== hostname()) return !isSilent(file);
  // This process knows that it has no such lock; neither has one that got the number later.
  if (pid === process.pid || !isRunning(pid)) return false;
  return started === '' ? !isSilent(file) : startOf(pid) === started;
}

const isSilent = (file: string) => ageOf(file) > SILENT_MS;

/** Milliseconds since something was last written or touched; infinite where nothing is there. */
function ageOf(path: string): number {
  const { mtimeMs } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return mtimeMs === undefined ? Number.POSITIVE_INFINITY : Date.now() - mtimeMs;
}

/** When a process started: the 22nd field of its `stat` on Linux, which tells it from a later one of the same number. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before it may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody deleted it: nothing left to keep alive.
  }
}
