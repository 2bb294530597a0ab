import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { holderOf, lockFolder } from './folder-lock.js';

const root = mkdtempSync(join(tmpdir(), 'froyolo-lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const newFolder = () => mkdtempSync(join(root, 'folder-'));
const lockIn = (folder: string) => join(folder, 'lock');
/** Later than any process number. */
const ENDED = 2 ** 22 + 1;

function writeLock(folder: string, holder: object, ageSeconds = 0): void {
  const own = { pid: process.ppid, host: hostname(), started: '', token: 'other' };
  writeFileSync(lockIn(folder), JSON.stringify({ ...own, ...holder }));
  const at = Date.now() / 1000 - ageSeconds;
  utimesSync(lockIn(folder), at, at);
}

test('a folder belongs to one holder at a time, and is open again afterwards', () => {
  const folder = newFolder();
  const unlock = lockFolder(folder);
  expect(() => lockFolder(folder, 'use another')).toThrow(
    `${folder} is in use by process ${process.pid} on ${hostname()}: use another`,
  );
  unlock();
  expect([existsSync(lockIn(folder)), holderOf(folder)]).toEqual([false, undefined]);
  lockFolder(folder)();
});

test.each<[string, object, number, boolean]>([
  ['a process that runs', {}, 0, true],
  ['a process that has ended', { pid: ENDED }, 0, false],
  ['an earlier process of the same number', { started: '1' }, 0, process.platform !== 'linux'],
  ['an earlier process of our own number', { pid: process.pid }, 0, false],
  ['another host, lately touched', { host: 'elsewhere', pid: ENDED }, 60, true],
  ['another host, silent for long', { host: 'elsewhere' }, 3600, false],
])('a lock of %s', (_, holder, age, isHeld) => {
  const folder = newFolder();
  writeLock(folder, holder, age);
  expect(holderOf(folder) !== undefined).toBe(isHeld);
  if (isHeld) expect(() => lockFolder(folder)).toThrow('is in use by process');
  else lockFolder(folder)();
});

test('a lock without content is that of a process that writes it now, or was killed in that', () => {
  const folder = newFolder();
  writeFileSync(lockIn(folder), '');
  expect(holderOf(folder)).toBe('unknown');
  // It is waited for until it counts as left.
  const at = Date.now() / 1000 - 4.9;
  utimesSync(lockIn(folder), at, at);
  lockFolder(folder)();
  expect(existsSync(lockIn(folder))).toBe(false);
});

test('what a process that was killed while it took a lock over left is waited for', () => {
  const folder = newFolder();
  writeLock(folder, { pid: ENDED });
  const guard = join(folder, 'lock.takeover');
  mkdirSync(guard);
  const at = Date.now() / 1000 - 4.9;
  utimesSync(guard, at, at);
  lockFolder(folder)();
  expect(existsSync(guard)).toBe(false);
});

test('of processes that find the same stale lock, one takes it over', async () => {
  const folder = newFolder();
  writeLock(folder, { pid: ENDED });
  // The lock is taken over by its rule alone; processes of their own would need a build.
  const taken = await Promise.all(
    Array.from({ length: 8 }, async () => {
      try {
        return lockFolder(folder);
      } catch {
        return undefined;
      }
    }),
  );
  const unlocks = taken.filter((unlock) => unlock !== undefined);
  expect(unlocks).toHaveLength(1);
  expect(JSON.parse(readFileSync(lockIn(folder), 'utf8')).pid).toBe(process.pid);
  unlocks[0]?.();
});

test('a lock of a process that is killed is open', async () => {
  const folder = newFolder();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const { pid } = child;
  writeLock(folder, { pid });
  expect(holderOf(folder)).toMatchObject({ pid });
  await new Promise((resolve) => {
    child.on('exit', resolve);
    child.kill('SIGKILL');
  });
  lockFolder(folder)();
});
