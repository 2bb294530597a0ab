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

/** The state after three batches, each with its update: in runs of one program, or of two. */
async function trainedOn(executor: Executor, updatesEachBatch: boolean) {
  const runs: number[] = [];
  const detector = detectorFromCheckpoint(loadCheckpoint(readFileSync(EMBEDDED), 'shapes.safetensors'));
  const options = { ...SETTINGS, freeze: freezeFor(detector, 10), optimizer: 'SGD' } as const;
  const runner = await StepRunner.create(detector, counting(executor, runs), {
    ...options,
    amp: executor.halfPrecision ?? false,
    updatesEachBatch,
  });
  const losses = [];
  for (const update of [1, 2, 3]) {
    const settings = { ...RATES, update };
    losses.push(await runner.step(syntheticBatch(4, IMGSZ, detector.names.length), settings));
    await runner.update(settings);
  }
  const state = await runner.readState(true);
  await runner.dispose();
  return { losses, state, runs: runs.length };
}

/** Notes each run of a program. */
const counting = (executor: Executor, runs: number[]): Executor => ({
  ...executor,
  compile: async (graph) => {
    const program = await executor.compile(graph);
    return {
      run: (feeds, store) => {
        runs.push(Object.keys(feeds).length);
        return program.run(feeds, store);
      },
      dispose: () => program.dispose(),
    };
  },
});

test.skipIf(missing.length > 0).each([
  ['tf-cpu', tensorflow],
  // As on CUDA.
  ['onnxruntime', onnx],
])(`%s: gradients and update in one run leave what they leave in two${skipped}`, async (_name, opened) => {
  if ('reason' in opened) return;
  const executor = { ...opened.executor, prefersOneProgram: true };
  const [one, two] = [await trainedOn(executor, true), await trainedOn(executor, false)];
  expect([one.runs, two.runs]).toEqual([3, 6]);
  expect([...one.state.keys()]).toEqual([...two.state.keys()]);
  for (const [i, losses] of two.losses.entries())
    for (const [term, loss] of Object.entries(losses))
      expect(Math.abs(one.losses[i]![term]! - loss), term).toBeLessThanOrEqual(1e-4 * loss);
  for (const [name, { data }] of two.state) {
    const most = Math.max(...data.map(Math.abs));
    const errors = data.map((value, i) => Math.abs(value - one.state.get(name)!.data[i]!));
    expect(Math.max(...errors), name).toBeLessThanOrEqual(1e-4 * most);
  }
});

test('amp on an executor without half precision is refused with what to do', async () => {
  const detector = detectorFromCheckpoint(loadCheckpoint(readFileSync(EMBEDDED), 'shapes.safetensors'));
  const freeze = freezeFor(detector, 10);
  const options = { ...SETTINGS, freeze, optimizer: 'SGD', amp: true } as const;
  await expect(StepRunner.create(detector, createInterpreter(), options)).rejects.toThrow(
    'has no half precision: train without amp, or on a CUDA device',
  );
});
