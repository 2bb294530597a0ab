import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAtomic } from '@froyolo/common/node';
import { hypPresets } from '@froyolo/data';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { type JsonObject, writeCheckpoint } from '@froyolo/weights';
import { createDetector } from '@froyolo/yolo';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { main as loadCheckpoint } from './01-load-checkpoint.js';
import { main as freeze } from './02-freeze.js';
import { main as train } from './03-train.js';
import { main as detect } from './04-detect.js';
import { main as oneImport } from './05-one-import.js';

const IMGSZ = 64;
const folder = mkdtempSync(join(tmpdir(), 'froyolo-examples-'));
const at = (name: string) => join(folder, name);
const weights = at('start.safetensors');
const printed = vi.spyOn(console, 'log').mockImplementation(() => {});

beforeAll(async () => {
  const yaml = readFileSync(join(import.meta.dirname, '../packages/shapes/embedded/model.yaml'), 'utf8');
  const { model, tensors, names } = createDetector(yaml, { names: ['thing'], seed: 0 });
  const spec = model.spec.source as JsonObject;
  await writeAtomic(weights, writeCheckpoint({ tensors, source: 'model', yaml: spec, names, numClasses: 1 }));
  await generateShapes({ out: at('data'), classes: DEMO_CLASSES, train: 4, val: 2, imgsz: IMGSZ });
});
afterAll(() => {
  printed.mockRestore();
  rmSync(folder, { recursive: true });
});

test('01: a checkpoint becomes a detector', async () => {
  const { names, model } = await loadCheckpoint([weights]);
  expect([names, model.layers.length]).toEqual([['thing'], 25]);
});

test('02: a freeze takes parameters and work out of the training graph', () => {
  expect(freeze(['10'])).toBe(99);
  const lines = printed.mock.calls.flat().filter((line) => line.includes('GFLOPs')) as string[];
  const [all, frozen] = lines.slice(-2).map((line) => Number(line.match(/(\d+) GFLOPs/)![1]));
  expect(frozen).toBeLessThan(0.7 * all!);
});

test('03: fine-tuning changes what is trained and keeps what is frozen', async () => {
  const settings = { epochs: 1, imgsz: IMGSZ, batchSize: 2, hyp: hypPresets['scratch-low'] };
  const before = await loadCheckpoint([weights]);
  const { status, detector } = await train([at('data/data.yaml'), weights, '10'], settings);
  expect([status, detector.names]).toEqual(['finished', DEMO_CLASSES]);
  const changed = (name: string) =>
    detector.tensors.get(name)!.data.some((value, i) => value !== before.tensors.get(name)!.data[i]);
  expect(['model.0.conv.weight', 'model.9.cv2.bn.running_mean', 'model.10.conv.weight'].map(changed)).toEqual(
    [false, false, true],
  );
});

test('04: detections are drawn into a new image', async () => {
  const args = [weights, at('data/images/val/val-00000.jpg'), at('drawn.jpg')];
  const detections = await detect(args, { imgsz: IMGSZ, confThres: 0 });
  expect(detections.length).toBeGreaterThan(0);
  expect(existsSync(at('drawn.jpg'))).toBe(true);
});

test('05: a detector is trained, measured and used from one import', async () => {
  const settings = { epochs: 1, imgsz: IMGSZ, batchSize: 2, workers: 0, noplots: true, project: at('runs') };
  const image = at('data/images/val/val-00000.jpg');
  const mAP50 = await oneImport([at('data/data.yaml'), weights, image], settings);
  expect(mAP50).toBeGreaterThanOrEqual(0);
  expect(existsSync(at('runs/exp/weights/best.safetensors'))).toBe(true);
  expect(JSON.parse(readFileSync(at('runs/exp2/metrics.json'), 'utf8')).mAP50).toBe(mAP50);
});
