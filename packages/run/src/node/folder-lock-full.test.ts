import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeSystemError, isSystemError } from '@froyolo/errors';
import { afterAll, expect, test, vi } from 'vitest';
import { lockFolder } from './folder-lock.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-lock-full-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isFull = vi.hoisted(() => ({ value: true }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  return {
    ...fs,
    /** Makes the file, as a full disk lets it, and has no room for what is in it. */
    writeFileSync(...args: Parameters<typeof fs.writeFileSync>) {
      const [file, , options] = args;
      if (!isFull.value) return fs.writeFileSync(...args);
      fs.writeFileSync(file, '', options);
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    },
  };
});

test('a lock that a full disk has no room for is named, and leaves the folder open', () => {
  let told = '';
  try {
    lockFolder(folder);
  } catch (error) {
    if (isSystemError(error)) told = describeSystemError(error);
  }
  const lock = join(folder, 'lock');
  expect(told).toBe(`${lock}: no space left on the disk: make room, or write to another place`);
  expect(existsSync(lock)).toBe(false);
  isFull.value = false;
  lockFolder(folder)();
});
