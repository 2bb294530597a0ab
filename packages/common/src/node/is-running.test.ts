import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { isRunning } from './is-running.js';

test('this process runs; a number that no process can have does not', () => {
  expect(isRunning(process.pid)).toBe(true);
  expect(isRunning(2 ** 22 + 1)).toBe(false);
});

const isLinux = process.platform === 'linux';
const why = isLinux ? '' : ' (skipped: the state of a process is known on Linux alone)';

test.skipIf(!isLinux)(`a process that has ended and is not collected does not run${why}`, async () => {
  // What replaces the shell never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  try {
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once('data', (text) => resolve(Number(text))),
    );
    while (isRunning(pid)) await delay(20);
    expect(() => process.kill(pid, 0)).not.toThrow();
  } finally {
    parent.kill();
  }
});
