import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from './make-folder.js';

const root = mkdtempSync(join(tmpdir(), 'froyolo-make-folder-'));
afterAll(() => rmSync(root, { recursive: true }));

test('makes all that is missing, and nothing twice', () => {
  const folder = join(root, 'a', 'b', 'c');
  makeFolder(folder);
  makeFolder(folder);
  makeFolder('.');
  expect(existsSync(folder)).toBe(true);
});

test('a file in its place, or around it, is an error', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'a', 'b'))).toThrow('ENOTDIR');
});

const why = existsSync('/proc/self') ? '' : ' (skipped: there is no /proc)';
test.skipIf(why !== '')(`where nobody can make a folder, it ends in an error${why}`, () => {
  expect(() => makeFolder('/proc/nowhere/a')).toThrow('ENOENT');
});
