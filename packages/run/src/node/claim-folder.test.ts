import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimRunFolder, fillingFolder } from './claim-folder.js';

const root = mkdtempSync(join(tmpdir(), 'froyolo-claim-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the next free name, numbered from 2; parents are made', () => {
  const project = join(root, 'runs/train');
  const names = [1, 2, 3].map(() => basename(claimRunFolder(project, 'exp')));
  expect(names).toEqual(['exp', 'exp2', 'exp3']);
  expect(claimRunFolder(project, 'exp', true)).toBe(join(project, 'exp'));
  expect(claimRunFolder(project, 'group/exp')).toBe(join(project, 'group/exp'));
});

test('a slash at the end, or no name at all', () => {
  const project = join(root, 'named');
  expect([1, 2].map(() => claimRunFolder(project, 'exp/'))).toEqual(
    [1, 2].map((n) => join(project, n === 1 ? 'exp' : 'exp2')),
  );
  expect(claimRunFolder(project, '')).toBe(`${project}2`);
  expect(claimRunFolder(project, '', true)).toBe(project);
});

test('a folder that is still empty when its work fails is removed, one with a file is not', async () => {
  const fails = () => Promise.reject(new Error('no data'));
  const empty = claimRunFolder(root, 'empty');
  await expect(fillingFolder(empty, fails)).rejects.toThrow('no data');
  expect(existsSync(empty)).toBe(false);

  const used = claimRunFolder(root, 'used');
  writeFileSync(join(used, 'results.csv'), '');
  await expect(fillingFolder(used, fails)).rejects.toThrow('no data');
  expect(existsSync(used)).toBe(true);
});
