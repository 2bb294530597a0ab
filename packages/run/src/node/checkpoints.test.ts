import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadDetector } from './checkpoints.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-checkpoints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that is no TensorFlow.js model is named as such', async () => {
  await expect(loadDetector(folder)).rejects.toThrow('is a folder without model.json');
});
