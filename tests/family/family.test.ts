import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { hypPresets } from '@froyolo/data';
import { planFreeze } from '@froyolo/run';
import { createRandom, drawScene, type ShapeClass } from '@froyolo/shapes';
import { readCheckpoint, writeCheckpoint } from '@froyolo/weights';
import {
  checkpointOf,
  createDetector,
  createPredictor,
  type Detector,
  detectorFromCheckpoint,
  type EpochEvent,
  freezeFor,
  registerFamily,
  splitStep,
  type TrainResult,
  train,
} from '@froyolo/yolo';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { points } from './points.js';
import { sceneSource } from './scenes.js';

const CLASSES: readonly ShapeClass[] = ['circle', 'star'];
const IMGSZ = 64;
const BATCH = 16;
const EPOCHS = 12;
/** Half a minute on two cores of its own; more where others work too. */
const TIMEOUT = 900_000;

const hyp = {
  ...hypPresets['scratch-low'],
  box: 2,
  cls: 1,
  lr0: 0.004,
  lrf: 0.05,
  warmup_bias_lr: 0.01,
  // Few updates: each batch makes one, and what is validated looks back a short way.
  nbs: BATCH,
  warmup_steps: 20,
  ema_tau: 100,
};

registerFamily(points);
const yaml = readFileSync(join(import.meta.dirname, 'points.yaml'), 'utf8');
const detector = createDetector(yaml, { names: CLASSES, seed: 1, fileName: 'points.yaml' });

let executor: Executor;
beforeAll(() => {
  executor = createOnnxExecutor(ort);
});
afterAll(() => executor.dispose());

describe('a family of another kind', () => {
  const epochs: EpochEvent[] = [];
  let result: TrainResult;
  beforeAll(async () => {
    const common = { batchSize: BATCH, imgsz: IMGSZ };
    result = await train({
      detector,
      executor,
      hyp,
      epochs: EPOCHS,
      optimizer: 'AdamW',
      ...common,
      train: sceneSource(CLASSES, { ...common, count: 768, seed: 1, flips: true }),
      val: sceneSource(CLASSES, { ...common, count: 64, seed: 2 }),
      freeze: freezeFor(detector, 0),
      onEpoch: (event) => void epochs.push(event),
    });
  }, TIMEOUT);

  test('is found by its head and learns rendered shapes', () => {
    expect(detector.family).toBe(points);
    expect(Math.max(...epochs.map(({ validation }) => validation?.mAP50 ?? 0))).toBeGreaterThanOrEqual(0.9);
  });

  test('has its own terms in every event', () => {
    for (const { losses, validation } of epochs) {
      expect(Object.keys(losses)).toEqual(['box', 'cls']);
      expect(Object.keys(validation?.losses ?? {})).toEqual(['box', 'cls']);
    }
  });

  test('is saved with its name and detects again', async () => {
    const saved = readCheckpoint(writeCheckpoint(checkpointOf(result.detector)));
    expect([saved.family, saved.anchors]).toEqual(['points', undefined]);
    const predictor = createPredictor(detectorFromCheckpoint(saved), { executor, imgsz: IMGSZ });
    const { pixels, objects } = drawScene(createRandom(3, 7), CLASSES, IMGSZ);
    const { detections } = await predictor.predict({ width: IMGSZ, height: IMGSZ, data: pixels });
    await predictor.dispose();
    expect(detections.length).toBeGreaterThan(0);
    expect(detections.length).toBeLessThanOrEqual(2 * objects.length);
    for (const { name } of detections) expect(CLASSES).toContain(name);
  });
});

test('freezing, plans and cached features need nothing from the family', () => {
  const depths = planFreeze(detector, { hyp, imgsz: IMGSZ, batchSize: BATCH, optimizer: 'SGD' });
  expect(depths.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const [free, frozen] = [depths[0], depths[5]];
  expect(frozen?.peakBytes).toBeLessThan(Number(free?.peakBytes));
  const options = { hyp, imgsz: IMGSZ, optimizer: 'SGD', freeze: freezeFor(detector, 5) } as const;
  expect(splitStep(detector, options).cut.map(({ shape }) => shape.slice(1))).toEqual([[64, 8, 8]]);
});

test('an architecture with an unknown head says which there are', () => {
  const broken = (): Detector =>
    createDetector(yaml.replace('Points', 'Dots'), { names: CLASSES, seed: 1, fileName: 'dots.yaml' });
  expect(broken).toThrow(/^dots\.yaml:11: layer 6 \(Dots\): Detect or Points has to be the last layer/);
});
