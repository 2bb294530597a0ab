import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeExecutor, loadDetector, validateOnFiles } from '@froyolo/run/node';
import { PRETRAIN_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { expect, test } from 'vitest';

const CHECKPOINT = join(import.meta.dirname, '../../packages/shapes/embedded/shapes.safetensors');

test('the embedded checkpoint finds and names the shapes of images that it has not seen', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-checkpoint-'));
  const classes = PRETRAIN_CLASSES;
  const data = await generateShapes({ out: join(folder, 'data'), classes, train: 0, val: 60, seed: 99 });
  const detector = await loadDetector(CHECKPOINT);
  expect(detector.names).toEqual(classes);

  const executor = await createNodeExecutor();
  const { mAP50 } = await validateOnFiles({ detector, executor, data, imgsz: 160, workers: 0 });
  expect(mAP50).toBeGreaterThan(0.95);
  rmSync(folder, { recursive: true });
});

test('the embedded checkpoint is small enough to be committed', () => {
  expect(statSync(CHECKPOINT).size).toBeLessThan(1.5e6);
});
