import type { Executor, Tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { type Hyperparameters, hypPresets } from '@froyolo/data';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BatchSource } from '../batches/sources.js';
import { createDetector, type Detector } from '../detector/detector.js';
import { freezeFor } from '../detector/freeze.js';
import type { Losses } from '../loss/losses.js';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '../testing/toys.js';
import type { EpochEvent, TrainingState, TrainOptions } from './events.js';
import { train } from './trainer.js';

let executor: Executor;
beforeAll(() => {
  executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
});
afterAll(() => executor.dispose());

// Gains are for 80 classes and 640 pixels: these are what a tiny task needs.
const hyp: Hyperparameters = { ...hypPresets['scratch-low'], obj: 60, cls: 15, warmup_bias_lr: 0.02 };
const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });

function toyRun(start: Detector, changes: Partial<TrainOptions> = {}): TrainOptions {
  const freeze = freezeFor(start, 0);
  return {
    detector: start,
    executor,
    train: toySource(22, 8),
    val: toySource(8, 8, 99),
    epochs: 3,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    hyp,
    freeze,
    ...changes,
  };
}

/** A run long enough to learn something. */
const learning = (epochs: number) =>
  toyRun(detector, {
    train: toySource(60, 8),
    epochs,
    optimizer: 'AdamW',
    hyp: { ...hyp, lr0: 0.004 },
  });

const sum = ({ box, obj, cls }: Losses) => box + obj + cls;

function expectSame(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>) {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, { data }] of a) expect(b.get(name)!.data, name).toEqual(data);
}

/** Runs and keeps the losses after every batch and the last checkpoint; stops after the batch that `stop` names. */
async function watch(options: TrainOptions, stop?: { epoch: number; batch: number }) {
  const controller = new AbortController();
  const losses: Losses[] = [];
  let saved: TrainingState | undefined;
  const result = await train({
    ...options,
    signal: controller.signal,
    onBatch: (event) => {
      losses.push(event.losses);
      if (event.epoch === stop?.epoch && event.batch === stop.batch) controller.abort();
    },
    onCheckpoint: ({ state }) => {
      saved = state;
    },
  });
  return { losses, result, saved: saved! };
}

test('the loss falls, averages are validated, and the last, smaller batch is trained on too', async () => {
  const events: EpochEvent[] = [];
  const result = await train({ ...learning(12), onEpoch: (event) => void events.push(event) });
  expect(result.status).toBe('finished');
  expect(events).toHaveLength(12);
  expect(sum(events[11].losses)).toBeLessThan(0.7 * sum(events[0].losses));
  expect(sum(events[11].validation!.losses!)).toBeLessThan(sum(events[0].validation!.losses!));
  expect(events[11].validation!.instances).toBe(8);
});

test.each([
  ['after a whole epoch', { epoch: 0, batch: 3 }, { epoch: 1, batch: 0 }],
  ['within an epoch', { epoch: 1, batch: 2 }, { epoch: 1, batch: 2 }],
])('resuming %s gives what an uninterrupted run gives, to the bit', async (_when, stop, progress) => {
  const whole = await watch(toyRun(detector));
  const first = await watch(toyRun(detector), stop);
  expect(first.result.status).toBe('stopped');
  expect(first.saved.progress).toMatchObject(progress);
  const rest = await watch(toyRun(first.result.detector, { resume: first.saved }));
  expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
  expectSame(rest.result.detector.tensors, whole.result.detector.tensors);
  expectSame(rest.saved.tensors, whole.saved.tensors);
});

test('whitening is measured once, and goes on when a run does, to the bit', async () => {
  const freeze = freezeFor(detector, 5);
  const changes = { freeze, hyp: { ...hyp, whiten: 0.1 } };
  const whole = await watch(toyRun(detector, changes));
  const first = await watch(toyRun(detector, changes), { epoch: 1, batch: 1 });
  const rest = await watch(toyRun(first.result.detector, { ...changes, resume: first.saved }));
  expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
  expectSame(rest.saved.tensors, whole.saved.tensors);
  const plain = await watch(toyRun(detector, { freeze }));
  expect(whole.losses.at(-1)).not.toEqual(plain.losses.at(-1));
  expect([...plain.saved.tensors.keys()].some((name) => name.endsWith('.whitening'))).toBe(false);
});

test('whitening goes on when layers before Detect are unfrozen, and where they learn from the start', async () => {
  const own = { ...hyp, whiten: 0.1 };
  const matrixOf = async (changes: Parameters<typeof toyRun>[1]) => {
    const { saved } = await watch(toyRun(detector, changes));
    return saved.tensors.get('model.5.m.0.whitening')?.data;
  };
  const freeze = freezeFor(detector, 5);
  const alone = await matrixOf({ freeze, hyp: own });
  expect(await matrixOf({ freeze, hyp: { ...own, unfreeze: '4:1' } })).toEqual(alone);
  expect(alone).not.toContain(Number.NaN);
  expect(await matrixOf({ hyp: own, epochs: 1 })).not.toEqual(alone);
});

test('what is frozen stays as it is, its statistics too; the rest changes', async () => {
  const freeze = freezeFor(detector, 2);
  const { result } = await watch(toyRun(detector, { freeze, epochs: 1 }));
  for (const [name, { data }] of detector.tensors) {
    if (name.endsWith('.anchors')) continue;
    const isFrozen = /^model\.[01]\./.test(name);
    if (isFrozen) expect(result.detector.tensors.get(name)!.data, name).toEqual(data);
    else expect(result.detector.tensors.get(name)!.data, name).not.toEqual(data);
  }
});

test('statistics of frozen layers follow the batches with batch normalization in training mode', async () => {
  const freeze = freezeFor(detector, 2, { freezeBn: 'train' });
  const { result } = await watch(toyRun(detector, { freeze, epochs: 1 }));
  const after = result.detector.tensors;
  expect(after.get('model.0.conv.weight')).toEqual(detector.tensors.get('model.0.conv.weight'));
  expect(after.get('model.0.bn.running_mean')).not.toEqual(detector.tensors.get('model.0.bn.running_mean'));
});

test('a loss that is not finite ends training with what to do', async () => {
  const wild = { ...hyp, lr0: 1e30, warmup_bias_lr: 1e30 };
  await expect(train(toyRun(detector, { hyp: wild, epochs: 20 }))).rejects.toThrow(
    /not finite at epoch \d+, batch \d+ .*lower the learning rate/,
  );
});

test('training stops when no epoch is better for long', async () => {
  const { detector: trained } = await train(learning(12));
  const still = { ...hyp, lr0: 1e-12, warmup_bias_lr: 1e-12 };
  const [easy, impossible] = [toySource(16, 8, 99), toySource(16, 8, 5)];
  let asked = 0;
  const val: BatchSource = {
    length: 2,
    async *epoch(n) {
      const source = asked++ === 0 ? easy : impossible;
      for await (const batch of source.epoch(n))
        yield source === easy ? batch : { ...batch, images: batch.images.map(() => 100) };
    },
  };
  const { result } = await watch(toyRun(trained, { hyp: still, epochs: 9, patience: 2, val }));
  expect(result).toMatchObject({ status: 'patience', bestEpoch: 0 });
  expect(result.bestFitness).toBeGreaterThan(0);
  expect(result.state.progress.epoch).toBe(3);
  // Nothing was cut short where the last epoch is done.
  const whole = await watch(toyRun(trained, { hyp: still, epochs: 3, patience: 2, val }));
  expect(whole.result.status).toBe('finished');
});

test('a start that counts as a result stays the best one until an epoch is as good', async () => {
  const bests: boolean[] = [];
  const run = (startFitness: number) =>
    train(
      toyRun(detector, {
        startFitness,
        epochs: 3,
        patience: 2,
        onEpoch: ({ best }) => void bests.push(best),
      }),
    );
  expect(await run(1)).toMatchObject({ status: 'patience', bestEpoch: -1, bestFitness: 1 });
  expect(bests).toEqual([false, false]);
  expect((await run(0)).bestEpoch).toBeGreaterThanOrEqual(0);
});

test('a state of another freeze is refused', async () => {
  const freeze = freezeFor(detector, 2);
  const { saved } = await watch(toyRun(detector, { freeze, epochs: 2 }), { epoch: 0, batch: 3 });
  await expect(train(toyRun(detector, { resume: saved }))).rejects.toThrow(
    /same model, freeze and optimizer/,
  );
});
