/**
 * A training step in half precision against the float32 goldens, on the CPU: libtensorflow's kernels for halves, and
 * onnxruntime, which computes in float32 and rounds what an op gives. Neither is fast; what a GPU is given is the same graph.
 */
import { readFileSync } from 'node:fs';
import { packValues, unpackValues } from '@froyolo/core';
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { must } from '@froyolo/errors';
import { goldensTitle, noGoldens, norm, sharedPath } from '@froyolo/testing';
import { loadTorchCheckpoint } from '@froyolo/weights';
import { buildTrainingStep, detectorFromCheckpoint, freezeFor, stepFeeds } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { goldenBatch, goldenJson } from '../parity/goldens.js';

const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: 640 };
const DEVICE_NAMES = ['tf-cpu', 'ort-cpu'] as const;

interface Golden {
  readonly loss: number;
  readonly grad_norm: Readonly<Record<string, number>>;
}

describe.each(DEVICE_NAMES)('mixed precision on %s', async (device) => {
  const row = must(
    DEVICES.find(({ name }) => name === device),
    'the device',
  );
  const opened = await tryDevice(row, { platform: 'node', threads: 1 });
  const missing = 'reason' in opened ? ` (skipped: ${opened.reason})` : goldensTitle;
  const cases = [
    ['f24_bneval', 24, 'eval'],
    ['f10_bneval', 10, 'eval'],
    // libtensorflow's halves take minutes for it on the CPU.
    ...(device === 'ort-cpu' ? ([['f0', 0, 'train']] as const) : []),
  ] as const;
  const title = `%s, first %i layers frozen, batch normalization %s: loss and norms of gradients${missing}`;
  test.skipIf(noGoldens || 'reason' in opened).each(cases)(title, async (name, layers, freezeBn) => {
    if ('reason' in opened) return;
    const golden = must(goldenJson<Record<string, Golden>>('gradients')[name], 'the golden');
    const bytes = readFileSync(sharedPath('weights/yolov5n.pt'));
    const detector = detectorFromCheckpoint(loadTorchCheckpoint(bytes));
    const freeze = freezeFor(detector, layers, { freezeBn });
    const { filterOrder } = opened.executor;
    const options = { ...SETTINGS, freeze, shape: [320, 320], optimizer: 'SGD', amp: true } as const;
    const step = buildTrainingStep(detector, { ...options, filterOrder });
    const store = await opened.executor.createStore(packValues(step.vectors, step.initialState));
    const program = await opened.executor.compile(step.gradientGraph);
    const { loss } = await program.run(stepFeeds(goldenBatch(), detector, SETTINGS), store);
    expect(Math.abs(Number(loss?.data[0]) / golden.loss - 1)).toBeLessThan(2e-3);
    const after = unpackValues(step.vectors, await store.read());
    const errors = Object.entries(golden.grad_norm).map(([key, expected]) => ({
      key,
      error: Math.abs(norm(must(after.get(`grad/${key}`), key).data) / expected - 1),
    }));
    // TensorFlow's convolutions for CPUs sum in halves, too; GPUs sum in float32.
    expect(errors.filter(({ error }) => !(error < 0.05))).toEqual([]);
    expect(errors.reduce((sum, { error }) => sum + error, 0) / errors.length).toBeLessThan(0.01);
    await program.dispose();
    await store.dispose();
  });
});
