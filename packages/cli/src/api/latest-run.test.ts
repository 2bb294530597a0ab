import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findLastCheckpoint } from './latest-run.js';

const project = mkdtempSync(join(tmpdir(), 'froyolo-runs-'));
afterAll(() => rmSync(project, { recursive: true }));

function addRun(name: string, seconds: number): string {
  const file = join(project, name, 'weights', 'last.safetensors');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, seconds, seconds);
  return file;
}

test('the checkpoint that was written last, whatever its run is called', async () => {
  await expect(findLastCheckpoint(project)).rejects.toThrow(`${project}: no run to resume`);
  await expect(findLastCheckpoint(join(project, 'none'))).rejects.toThrow('no run to resume');
  addRun('exp', 1000);
  const latest = addRun('exp2', 3000);
  addRun('exp10', 2000);
  mkdirSync(join(project, 'unfinished'));
  expect(await findLastCheckpoint(project)).toBe(latest);
});
