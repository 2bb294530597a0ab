import { DeviceFailedError, guardExecutor } from '@froyolo/core/devices';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { hypPresets } from '@froyolo/data';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES } from '@froyolo/yolo/testing';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { type AutoBatchOptions, autoBatch } from './auto-batch.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const executor = guardExecutor(createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } }));
const fits = { seconds: [0.1], grownBy: 0 };

const options = (changes: Partial<AutoBatchOptions> = {}): AutoBatchOptions => ({
  detector,
  executor,
  imgsz: TOY_IMGSZ,
  optimizer: 'SGD',
  hyp: hypPresets['scratch-low'],
  freeze: freezeFor(detector, 0),
  memory: { bytes: 1000, source: '0.8 of 1.25 KB free' },
  images: 500,
  hostMemory: true,
  processBytes: () => process.memoryUsage.rss(),
  predict: (n) => 100 + 10 * n,
  trial: async () => fits,
  ...changes,
});

test('the largest that fits by the plan', async () => {
  const tried: number[] = [];
  const trial = async (n: number) => {
    tried.push(n);
    return fits;
  };
  const { batchSize, lines } = await autoBatch(options({ trial }));
  expect(batchSize).toBe(90);
  expect(tried).toEqual([90]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^batch size 90: the largest that fits; .*0\.8 of 1\.25 KB free/);
});

test('no larger than the training set', async () => {
  const { batchSize, lines } = await autoBatch(options({ images: 20 }));
  expect(batchSize).toBe(20);
  expect(lines[0]).toContain('all images of the training set');
});

test('smaller while the trial fails or takes more than there is', async () => {
  const trial = async (n: number) => {
    if (n > 70) throw new DeviceFailedError('fake', new Error('out of memory'));
    return n > 60 ? { ...fits, grownBy: 1001 } : fits;
  };
  const { batchSize, lines } = await autoBatch(options({ trial }));
  expect(batchSize).toBe(50);
  expect(lines.slice(0, 2)).toEqual([
    'a trial step with 90 images failed (the device fake failed: out of memory)',
    'a trial step with 67 images took 0.000001 GB',
  ]);
});

test('a device with memory of its own is not judged by that of the process', async () => {
  const trial = async () => ({ ...fits, grownBy: 5000 });
  expect((await autoBatch(options({ trial, hostMemory: false }))).batchSize).toBe(90);
});

test('nothing fits: the figures and what to do', async () => {
  const failing = async () => {
    throw new DeviceFailedError('fake', new Error('out of memory'));
  };
  await expect(autoBatch(options({ predict: () => 2000 }))).rejects.toThrow(
    /no batch size fits.*Freeze more/,
  );
  await expect(autoBatch(options({ trial: failing }))).rejects.toThrow(/with 1 images failed/);
});

test('an error that is not of the device is no reason for a smaller batch', async () => {
  const trial = () => Promise.reject(new Error('a mistake'));
  await expect(autoBatch(options({ trial }))).rejects.toThrow(/^a mistake$/);
});

test('planned and tried for real', async () => {
  const { predict: _, trial: __, ...real } = options({ memory: { bytes: 450e6, source: 'a test' } });
  const { batchSize } = await autoBatch(real);
  expect(batchSize).toBeGreaterThan(8);
  expect(batchSize).toBeLessThan(500);
  const frozen = freezeFor(detector, 3);
  expect((await autoBatch({ ...real, freeze: frozen })).batchSize).toBeGreaterThan(batchSize);
});
