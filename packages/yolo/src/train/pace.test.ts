import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { type Hyperparameters, hypPresets } from '@froyolo/data';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDetector } from '../detector/detector.js';
import { freezeFor } from '../detector/freeze.js';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '../testing/toys.js';
import type { EpochEvent, Pace } from './events.js';
import { train } from './trainer.js';

let executor: Executor;
beforeAll(() => {
  executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
});
afterAll(() => executor.dispose());

const hyp: Hyperparameters = {
  ...hypPresets['scratch-low'],
  nbs: 8,
  warmup_steps: 0,
  unfreeze: '0:1',
};
const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });

/** Ends after `batches`; validates after the third epoch; the second stage is due from half of them on. */
class CountingPace implements Pace {
  batches = 0;
  readonly #last: number;

  constructor(last: number) {
    this.#last = last;
  }

  elapsed = () => 3 * this.batches;
  share = () => this.batches / this.#last;
  stage = () => (this.share() >= 0.5 ? 1 : 0);
  isValidationDue = () => this.batches === 9;
  isOver = () => this.batches >= this.#last;
  onBatch = (seconds: number) => {
    expect(seconds).toBeGreaterThan(0);
    this.batches++;
  };
}

test('a pace says when training validates, goes on to the next stage and ends, and what the learning rate is', async () => {
  const epochs: EpochEvent[] = [];
  const stages: number[] = [];
  const rates: number[] = [];
  const pace = new CountingPace(11);
  const { status, state } = await train({
    detector,
    executor,
    train: toySource(22, 8),
    val: toySource(8, 8, 99),
    epochs: 1000,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    hyp,
    freeze: freezeFor(detector, 2),
    pace,
    onBatch: ({ lr }) => rates.push(lr.weight),
    onStage: ({ epoch }) => stages.push(epoch),
    onEpoch: (event) => {
      epochs.push(event);
    },
  });
  expect(status).toBe('finished');
  expect(pace.batches).toBe(11);
  expect(state.progress).toMatchObject({ epoch: 4, batch: 0, updates: 11, seconds: 33 });
  expect(epochs.map(({ validation }) => validation !== undefined)).toEqual([false, false, true, true]);
  expect(stages).toEqual([2]);
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(hyp.lr0 * ((1 - i / 11) * (1 - hyp.lrf) + hyp.lrf), 10);
  });
});

test('time that runs out while an epoch is saved leaves no training without a last validation', async () => {
  const pace = new CountingPace(1000);
  let isLate = false;
  pace.isOver = () => isLate;
  const validated: boolean[] = [];
  await train({
    detector,
    executor,
    train: toySource(16, 8),
    val: toySource(8, 8, 99),
    epochs: 1000,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    hyp: { ...hyp, unfreeze: undefined },
    freeze: freezeFor(detector, 2),
    pace,
    onEpoch: ({ validation }) => {
      validated.push(validation !== undefined);
    },
    onCheckpoint: () => {
      isLate = true;
    },
  });
  expect(validated).toEqual([false, true]);
  expect(pace.batches).toBe(3);
});

test('a pace may have fewer checkpoints; the result is that of the last epoch all the same', async () => {
  const pace = Object.assign(new CountingPace(100), { isCheckpointDue: () => false });
  const saved: number[] = [];
  const { state } = await train({
    detector,
    executor,
    train: toySource(22, 8),
    epochs: 3,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    hyp: { ...hyp, unfreeze: undefined },
    freeze: freezeFor(detector, 2),
    pace,
    onCheckpoint: (event) => {
      saved.push(event.state.progress.epoch);
    },
  });
  expect(saved).toEqual([3]);
  expect(state.progress.epoch).toBe(3);
});
