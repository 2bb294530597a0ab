import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { claimRunFolder } from './claim-folder.js';

const root = mkdtempSync(join(tmpdir(), 'froyolo-claim-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('the next free name, numbered from 2; parents are made', () => {
  const project = join(root, 'runs/train');
  const names = [1, 2, 3].map(() => basename(claimRunFolder(project, 'exp')));
  expect(names).toEqual(['exp', 'exp2', 'exp3']);
  expect(claimRunFolder(project, 'exp', true)).toBe(join(project, 'exp'));
  expect(claimRunFolder(project, 'group/exp')).toBe(join(project, 'group/exp'));
});
