import { cosineFactor, emaDecay, linearFactor } from '@froyolo/core';
import { describe, expect, test } from 'vitest';
import {
  fullAccumulation,
  type ScheduleOptions,
  scaledWeightDecay,
  scheduleAt,
  warmupIterations,
} from './schedule.js';

/** Computed by YOLOv5 v7.0: factors per epoch of 30, and the decay at updates 1, 10, 100, 1000, 10000. */
const LRF = 0.01;
const LINEAR = [
  1.0, 0.967, 0.934, 0.901, 0.868, 0.8350000000000001, 0.802, 0.7689999999999999, 0.7360000000000001, 0.703,
  0.67, 0.637, 0.604, 0.571, 0.538, 0.505, 0.47200000000000003, 0.439, 0.406, 0.37300000000000005, 0.34,
  0.30700000000000005, 0.2740000000000001, 0.24099999999999996, 0.20799999999999996, 0.17499999999999996,
  0.142, 0.10899999999999997, 0.07599999999999998, 0.043,
];
const COSINE = [
  1.0, 0.9972883382072952, 0.9891830623632338, 0.975772975566101, 0.9572050015330874, 0.9336825748732972,
  0.905463412215599, 0.8728566886113102, 0.8362196501476349, 0.7959536998847743, 0.7525000000000001,
  0.7063346383225212, 0.6579634122155991, 0.6079162869547907, 0.5567415893174885, 0.5050000000000001,
  0.4532584106825116, 0.40208371304520907, 0.35203658778440106, 0.30366536167747893, 0.25750000000000006,
  0.21404630011522596, 0.17378034985236535, 0.13714331138868996, 0.104536587784401, 0.07631742512670281,
  0.05279499846691249, 0.03422702443389891, 0.020816937636766175, 0.012711661792704665,
];
const EMA_DECAY = [
  0.000499825033328626, 0.0049870220552369485, 0.048765698441736054, 0.39342999335333784, 0.9931627267956145,
];

const each = (length: number, f: (i: number) => number) => Array.from({ length }, (_, i) => f(i));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expected.forEach((v, i) => {
    expect(actual[i]).toBeCloseTo(v, 12);
  });
}

test('factors of the learning rate and decay of the average', () => {
  expectClose(
    each(30, (epoch) => linearFactor(epoch, 30, LRF)),
    LINEAR,
  );
  expectClose(
    each(30, (epoch) => cosineFactor(epoch, 30, LRF)),
    COSINE,
  );
  expectClose(
    each(5, (i) => emaDecay(10 ** i)),
    EMA_DECAY,
  );
});

const options: ScheduleOptions = {
  optimizer: 'SGD',
  epochs: 30,
  batchesPerEpoch: 50,
  batchSize: 16,
  lr0: 0.01,
  lrf: LRF,
  cosine: false,
  momentum: 0.937,
  weightDecay: 0.0005,
  warmupEpochs: 3,
  warmupMomentum: 0.8,
  warmupBiasLr: 0.1,
};

describe('warm-up', () => {
  test('starts, is half way and ends', () => {
    expect(scheduleAt(options, 0)).toEqual({
      lr: { weight: 0, bn: 0, bias: 0.1 },
      momentum: 0.8,
      weightDecay: 0.0005,
      accumulate: 1,
    });
    const half = scheduleAt(options, 75);
    const lr = 0.01 * LINEAR[1];
    expectClose([half.lr.weight, half.lr.bias], [lr / 2, (0.1 + lr) / 2]);
    expectClose([half.momentum, half.accumulate], [0.8685, 2]);
    for (const iteration of [150, 151, 199]) {
      const after = scheduleAt(options, iteration);
      expectClose(Object.values(after.lr), [0.01 * LINEAR[3], 0.01 * LINEAR[3], 0.01 * LINEAR[3]]);
      expectClose([after.momentum, after.accumulate], [0.937, 4]);
    }
  });

  test('after it the learning rate is that of the epoch before, as in the reference', () => {
    // Column x/lr2 of its results.csv: epoch 8 of 13 batches, the first whole one after 100 iterations, repeats epoch 7.
    const lr = (epoch: number) => scheduleAt({ ...options, batchesPerEpoch: 13 }, 13 * epoch + 12).lr.weight;
    expectClose([7, 8, 9, 29].map(lr), [
      0.01 * LINEAR[7],
      0.01 * LINEAR[7],
      0.01 * LINEAR[8],
      0.01 * LINEAR[28],
    ]);
  });

  test('is at least 100 iterations', () => {
    expect(warmupIterations(3, 50)).toBe(150);
    expect(warmupIterations(3, 4)).toBe(100);
    expect(scheduleAt({ ...options, batchesPerEpoch: 4 }, 50).lr.weight).toBeCloseTo(0.005 * LINEAR[12], 12);
  });

  test("leaves Adam's momentum", () => {
    expect(scheduleAt({ ...options, optimizer: 'AdamW' }, 0).momentum).toBe(0.937);
  });
});

test('accumulation and weight decay follow the batch size', () => {
  expect([1, 16, 24, 64, 128].map((size) => fullAccumulation(size))).toEqual([64, 4, 3, 1, 1]);
  expectClose(
    [1, 16, 24, 128].map((size) => scaledWeightDecay(0.0005, size)),
    [0.0005, 0.0005, (0.0005 * 72) / 64, 0.001],
  );
});

test('another nominal batch, warm-up in iterations and time constant of the average', () => {
  expect([1, 16, 24, 64].map((size) => fullAccumulation(size, 16))).toEqual([16, 1, 1, 1]);
  expectClose([scaledWeightDecay(0.0005, 16, 16), scaledWeightDecay(0.0005, 8, 16)], [0.0005, 0.0005]);
  expectClose([emaDecay(60, 60), emaDecay(2000)], [0.9999 * (1 - Math.exp(-1)), emaDecay(60, 60)]);
  const short = { ...options, nominalBatch: 16, warmupSteps: 30, batchesPerEpoch: 2 };
  expect(scheduleAt(short, 0).lr.bias).toBe(0.1);
  expectClose(
    [scheduleAt(short, 15).lr.weight, scheduleAt(short, 15).momentum],
    [0.005 * (LINEAR[7] ?? 0), 0.8685],
  );
  expect([0, 15, 30, 59].map((iteration) => scheduleAt(short, iteration).accumulate)).toEqual([1, 1, 1, 1]);
  expect(scheduleAt(short, 30).momentum).toBe(0.937);
  expect(scheduleAt({ ...short, warmupSteps: 0 }, 0).lr.weight).toBe(0.01);
});
