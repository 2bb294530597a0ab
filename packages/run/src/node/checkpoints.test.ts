import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadDetector } from './checkpoints.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that is no TensorFlow.js model is named as such', async () => {
  await expect(loadDetector(folder)).rejects.toThrow('is a folder without model.json');
});

test('the folder of a run is named as such, with its detector', async () => {
  const run = join(folder, 'exp');
  mkdirSync(join(run, 'weights'), { recursive: true });
  writeFileSync(join(run, 'weights', 'best.safetensors'), '');
  await expect(loadDetector(run)).rejects.toThrow(
    `${run} is the folder of a run: its detector is ${join(run, 'weights', 'best.safetensors')}`,
  );
});
