import { numel } from '@froyolo/common';
import { hypPresets } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { createDetector, freezeFor } from '@froyolo/yolo';
import { describe, expect, test } from 'vitest';
import { pickFreeze } from './pick-freeze.js';
import { planFreeze } from './plan-freeze.js';
import { planTrainingStep } from './plan-step.js';
import { surroundingBytes } from './process-bytes.js';

const detector = createDetector(architectureYaml('yolov5n'), { names: ['a', 'b', 'c'], seed: 0 });
const options = { hyp: hypPresets['scratch-low'], imgsz: 64, batchSize: 4, optimizer: 'SGD' } as const;
const sizes = new Map(detector.model.parameters.map(({ name, shape }) => [name, numel(shape)]));

describe('planFreeze', () => {
  const rows = planFreeze(detector, { ...options, depths: [0, 1, 5, 10, 24] });

  test('trainable parameters are those that the freeze leaves', () => {
    for (const { depth, trainableParameters } of rows) {
      const { trainable } = freezeFor(detector, depth);
      expect(trainableParameters).toBe(trainable.reduce((sum, name) => sum + sizes.get(name)!, 0));
    }
  });

  test('the deeper the freeze, the less there is to compute and to keep', () => {
    for (const [i, row] of rows.slice(1).entries()) {
      const before = rows[i];
      expect(row.backwardFlops).toBeLessThan(before.backwardFlops);
      expect(row.peakActivationBytes).toBeLessThan(before.peakActivationBytes);
      expect(row.peakBytes).toBeLessThan(before.peakBytes);
      expect(row.optimizerBytes).toBeLessThan(before.optimizerBytes);
      expect(row.relativeTime).toBeLessThan(before.relativeTime);
    }
    expect(rows[0].relativeTime).toBe(1);
  });

  test('the feature cache takes the frozen layers out of the step, where there are some', () => {
    expect(rows[0].cached).toBeUndefined();
    for (const { cached, ...row } of rows.slice(1)) {
      expect(cached!.forwardFlops).toBeLessThan(row.forwardFlops);
      expect(cached!.backwardFlops).toBeCloseTo(row.backwardFlops, -3);
      expect(cached!.relativeTime).toBeLessThan(row.relativeTime);
    }
    const [moving] = planFreeze(detector, { ...options, depths: [10], freezeBn: 'train' });
    expect(moving.cached).toBeUndefined();
  });

  test('forward FLOPs are the multiply-adds of the model, twice, and little more', () => {
    const convolutions = 2 * 4 * detector.model.macs(64);
    expect(rows[3].forwardFlops).toBeGreaterThan(convolutions);
    expect(rows[3].forwardFlops).toBeLessThan(1.1 * convolutions);
  });

  test('SGD keeps momentum, gradient and average of each parameter; Adam one value more', () => {
    const { trainable } = freezeFor(detector, 24);
    const elements = trainable.reduce((sum, name) => sum + sizes.get(name)!, 0);
    expect(rows[4].optimizerBytes).toBe(3 * 4 * elements);
    const [adam] = planFreeze(detector, { ...options, optimizer: 'Adam', depths: [24] });
    expect(adam.optimizerBytes).toBe(4 * 4 * elements);
  });
});

describe('pickFreeze', () => {
  const bytesAt = (depth: number) => {
    const freeze = freezeFor(detector, depth);
    return planTrainingStep(detector, freeze, options).peakBytes + surroundingBytes(detector, options);
  };

  test('the shallowest that fits', () => {
    expect(pickFreeze(detector, { ...options, memory: bytesAt(0) }).depth).toBe(0);
    const picked = pickFreeze(detector, { ...options, memory: bytesAt(0) - 1 });
    expect(picked.depth).toBe(1);
    expect(picked.reason).toMatch(
      /^freeze 1: training takes about .* GB of .* GB; freeze 0 would take .* GB$/,
    );
    expect(pickFreeze(detector, { ...options, memory: bytesAt(10) }).depth).toBe(10);
  });

  test('none fits', () => {
    expect(() => pickFreeze(detector, { ...options, memory: 0.25e9, depths: [10, 24] })).toThrow(
      /no freeze fits into 0.25 GB: the smallest, 24, takes about .* with batches of 4 images of 64 px/,
    );
  });
});
