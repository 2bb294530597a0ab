/** The same short training on libtensorflow, a graph at a time, and on onnxruntime. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterpreter, type Executor, packValues, updateFeeds } from '@froyolo/core';
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { loadCheckpoint } from '@froyolo/weights';
import {
  buildTrainingStep,
  detectorFromCheckpoint,
  freezeFor,
  StepRunner,
  stepFeeds,
  syntheticBatch,
} from '@froyolo/yolo';
import { expect, test } from 'vitest';

const EMBEDDED = join(import.meta.dirname, '../../packages/shapes/embedded/shapes.safetensors');
const IMGSZ = 64;
const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: IMGSZ };
const RATES = { lr: { weight: 0.01, bn: 0.01, bias: 0.01 }, momentum: 0.9, weightDecay: 5e-4 };

const open = (name: string) =>
  tryDevice(DEVICES.find((row) => row.name === name)!, { platform: 'node', threads: 1 });
const [tensorflow, onnx] = [await open('tf-cpu'), await open('ort-cpu')];
const missing = [tensorflow, onnx].flatMap((opened) => ('reason' in opened ? [opened.reason] : []));
const skipped = missing.length > 0 ? ` (skipped: ${missing.join('; ')})` : '';

/** Losses of eight batches, with an update after every second one. */
async function lossesOn(executor: Executor, layers: number): Promise<number[]> {
  const detector = detectorFromCheckpoint(loadCheckpoint(readFileSync(EMBEDDED), 'shapes.safetensors'));
  const freeze = freezeFor(detector, layers);
  const step = buildTrainingStep(detector, { ...SETTINGS, freeze, optimizer: 'SGD' });
  const [gradient, update] = [
    await executor.compile(step.gradientGraph),
    await executor.compile(step.updateGraph),
  ];
  const store = await executor.createStore(packValues(step.vectors, step.initialState));
  const losses: number[] = [];
  for (let i = 1; i <= 8; i++) {
    const batch = syntheticBatch(i % 2 ? 4 : 3, IMGSZ, detector.names.length);
    const { loss } = await gradient.run(stepFeeds(batch, detector, SETTINGS), store);
    losses.push(loss!.data[0]!);
    if (i % 2 === 0) await update.run(updateFeeds({ ...RATES, update: i / 2 }), store);
  }
  for (const held of [gradient, update, store]) await held.dispose();
  return losses;
}

test.skipIf(missing.length > 0).each([0, 10])(
  `freeze %i: losses of a training on tf-cpu are those on ort-cpu${skipped}`,
  async (layers) => {
    if ('reason' in tensorflow || 'reason' in onnx) return;
    const [actual, expected] = [
      await lossesOn(tensorflow.executor, layers),
      await lossesOn(onnx.executor, layers),
    ];
    expect(expected.at(-2)).toBeLessThan(expected[0]!);
    const errors = actual.map((loss, i) => Math.abs(loss / expected[i]! - 1));
    expect(Math.max(...errors)).toBeLessThan(1e-3);
  },
);

test('amp on an executor without half precision is refused with what to do', async () => {
  const detector = detectorFromCheckpoint(loadCheckpoint(readFileSync(EMBEDDED), 'shapes.safetensors'));
  const freeze = freezeFor(detector, 10);
  const options = { ...SETTINGS, freeze, optimizer: 'SGD', amp: true } as const;
  await expect(StepRunner.create(detector, createInterpreter(), options)).rejects.toThrow(
    'has no half precision: train without amp, or on a CUDA device',
  );
});
