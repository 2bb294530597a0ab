/** A training step in half precision against the float32 goldens, on libtensorflow's CPU kernels. */
import { readFileSync } from 'node:fs';
import { packValues, unpackValues } from '@froyolo/core';
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { goldensTitle, noGoldens, norm, sharedPath } from '@froyolo/testing';
import { loadTorchCheckpoint } from '@froyolo/weights';
import { buildTrainingStep, detectorFromCheckpoint, freezeFor, stepFeeds } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { goldenBatch, goldenJson } from '../parity/goldens.js';

const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: 640 };
const opened = await tryDevice(DEVICES.find(({ name }) => name === 'tf-cpu')!, {
  platform: 'node',
  threads: 1,
});
const missing = 'reason' in opened ? ` (skipped: ${opened.reason})` : goldensTitle;

interface Golden {
  readonly loss: number;
  readonly grad_norm: Readonly<Record<string, number>>;
}

describe.skipIf(noGoldens || 'reason' in opened)(`mixed precision on tf-cpu${missing}`, () => {
  test.each([
    ['f24_bneval', 24],
    ['f10_bneval', 10],
  ] as const)('%s, first %i layers frozen: loss and norms of gradients', async (name, layers) => {
    if ('reason' in opened) return;
    const golden = goldenJson<Record<string, Golden>>('gradients')[name]!;
    const detector = detectorFromCheckpoint(
      loadTorchCheckpoint(readFileSync(sharedPath('weights/yolov5n.pt'))),
    );
    const freeze = freezeFor(detector, layers, { freezeBn: 'eval' });
    const step = buildTrainingStep(detector, {
      ...SETTINGS,
      freeze,
      shape: [320, 320],
      optimizer: 'SGD',
      amp: true,
    });
    const store = await opened.executor.createStore(packValues(step.vectors, step.initialState));
    const program = await opened.executor.compile(step.gradientGraph);
    const { loss } = await program.run(stepFeeds(goldenBatch(), detector, SETTINGS), store);
    expect(Math.abs(loss!.data[0]! / golden.loss - 1)).toBeLessThan(2e-3);
    const after = unpackValues(step.vectors, await store.read());
    const errors = Object.entries(golden.grad_norm).map(([key, expected]) => ({
      key,
      error: Math.abs(norm(after.get(`grad/${key}`)!.data) / expected - 1),
    }));
    // TensorFlow's convolutions for CPUs sum in halves, too; GPUs sum in float32.
    expect(errors.filter(({ error }) => !(error < 0.05))).toEqual([]);
    expect(errors.reduce((sum, { error }) => sum + error, 0) / errors.length).toBeLessThan(0.01);
    await program.dispose();
    await store.dispose();
  });
});
