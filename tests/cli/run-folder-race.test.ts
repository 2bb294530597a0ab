import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { froyolo, IS_BUILT } from './froyolo.js';

const reason = IS_BUILT ? '' : ' (skipped: not built; run npm test or pnpm build)';
const WEIGHTS = join(import.meta.dirname, '../../packages/shapes/embedded/shapes.safetensors');
const TOGETHER = 4;

describe.skipIf(!IS_BUILT)(`runs that start together${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-race-'));
  beforeAll(async () => {
    await generateShapes({ out: join(folder, 'data'), classes: DEMO_CLASSES, train: 4, val: 1, imgsz: 64 });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('get a folder each', async () => {
    const source = ['--source', 'data/images/val', '--imgsz', 64, '--weights', WEIGHTS];
    const runs = await Promise.all(
      Array.from({ length: TOGETHER }, () => froyolo(folder, ['detect', ...source])),
    );
    expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 0));
    const said = runs.map(({ stdout }) => /Results: (\S+)/.exec(stdout)?.[1]);
    expect(new Set(said).size).toBe(TOGETHER);
    expect(readdirSync(join(folder, 'runs/detect')).sort()).toEqual(['exp', 'exp2', 'exp3', 'exp4']);
  });

  test('one of two that go on with the same run is told who has it', async () => {
    const data = ['--data', 'data/data.yaml', '--weights', WEIGHTS, '--imgsz', 64, '--batch-size', 4];
    const small = [...data, '--workers', 0, '--noplots', '--epochs', 60, '--name', 'shared'];
    const killed = await froyolo(folder, ['train', ...small], (stdout, child) => {
      if (/^ +2\/60 /m.test(stdout)) child.kill('SIGKILL');
    });
    expect(killed.status).toBe(null);
    const resume = () => froyolo(folder, ['train', '--resume', 'runs/train/shared/weights/last.safetensors']);
    const [a, b] = await Promise.all([resume(), resume()]);
    expect([a.status, b.status].sort()).toEqual([0, 1]);
    expect(a.stderr + b.stderr).toMatch(/runs\/train\/shared is in use by process \d+ on /);
  });
});
