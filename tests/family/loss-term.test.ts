import { createOnnxExecutor } from '@froyolo/core/onnx';
import { hypPresets } from '@froyolo/data';
import { resultsHeader, resultsRow } from '@froyolo/run';
import { readCheckpoint, writeCheckpoint } from '@froyolo/weights';
import {
  checkpointOf,
  createDetector,
  detectorFromCheckpoint,
  type EpochEvent,
  freezeFor,
  registerFamily,
  train,
} from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '@froyolo/yolo/testing';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { yolov5WithSize } from './size-term.js';

test('a term that one file adds is trained on, shown and validated', async () => {
  const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1, family: yolov5WithSize });
  const epochs: EpochEvent[] = [];
  const executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
  await train({
    detector,
    executor,
    epochs: 6,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    optimizer: 'AdamW',
    hyp: { ...hypPresets['scratch-low'], lr0: 0.004, warmup_bias_lr: 0.02 },
    train: toySource(40, 8),
    val: toySource(8, 8, 99),
    freeze: freezeFor(detector, 0),
    onEpoch: (event) => void epochs.push(event),
  });
  await executor.dispose();
  const [first, last] = [epochs[0], epochs.at(-1)];
  if (!first || !last) throw new Error('no epochs');
  expect(Object.keys(first.losses)).toEqual(['box', 'obj', 'cls', 'size']);
  expect(last.losses.size).toBeLessThan(Number(first.losses.size));
  expect(last.validation?.losses?.size).toBeGreaterThan(0);
  expect(resultsHeader(Object.keys(last.losses))).toContain('train/size_loss');
  expect(resultsRow(last).split(',')).toHaveLength(resultsHeader(Object.keys(last.losses)).split(',').length);
});

test('a checkpoint names its family, which has to be known where it is read', () => {
  const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1, family: yolov5WithSize });
  const saved = readCheckpoint(writeCheckpoint(checkpointOf(detector)));
  expect(saved.family).toBe('yolov5-size');
  expect(() => detectorFromCheckpoint(saved)).toThrow('no family "yolov5-size" of detectors');
  registerFamily(yolov5WithSize);
  expect(detectorFromCheckpoint(saved).family).toBe(yolov5WithSize);
});
