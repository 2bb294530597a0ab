/**
 * One measurement in its own process; prints one line of JSON. `work.js WORK [DEVICE]`, where WORK is a freeze
 * depth, `cached-DEPTH` (the step on cached features), `prefix-DEPTH` (inference of the frozen layers), `fill-DEPTH` (the
 * same, kept on disk), `inference`, or `onnx` (the network as an ONNX file on onnxruntime); `work.js epoch-DEPTH
 * DATA_YAML`: a whole epoch.
 */

import { peakMemory } from '@froyolo/common/node';
import { createOnnxExecutor, toOnnx } from '@froyolo/core/onnx';
import { createNodeExecutor } from '@froyolo/run/node';
import { buildInferenceGraph, createPredictor } from '@froyolo/yolo';
import * as ort from 'onnxruntime-node';
import { cachedStep, filling } from './cached.js';
import { epoch } from './epoch.js';
import { benchBatch, benchDetector, bestOf, timeTrainingStep } from './training-step.js';

/** Repetitions of work that takes milliseconds. */
const MANY_REPETITIONS = 40;

const detector = benchDetector();
const [work = '', device = ''] = process.argv.slice(2);
const [kind, depth] = work.split('-');
/** Features are read while the step runs: as in training, its threads don't spin on the cores while they wait. */
const asTraining = /^(cached|prefix|fill)-/.test(work) ? 'cpu' : undefined;
const executorOn = kind === 'epoch' ? undefined : device || asTraining;
const executor = executorOn ? await createNodeExecutor({ device: executorOn }) : createOnnxExecutor(ort);

async function inference(): Promise<number> {
  const predictor = createPredictor(detector, { executor, imgsz: 640 });
  const image = {
    width: 640,
    height: 640,
    data: Uint8Array.from({ length: 640 * 640 * 3 }, (_, i) => (i * 2654435761) >>> 24),
  };
  return bestOf(() => predictor.predict(image), MANY_REPETITIONS);
}

/** Inference without anything of this project's around it: standard ops, default session. */
async function onnxFile(): Promise<number> {
  const model = toOnnx(buildInferenceGraph(detector, [640, 640], { batchSize: 1 }), { contrib: false });
  const session = await ort.InferenceSession.create(model.bytes);
  const pixels = Uint8Array.from({ length: 3 * 640 * 640 }, (_, i) => (i * 2654435761) >>> 24);
  const images = new ort.Tensor('uint8', pixels, [1, 3, 640, 640]);
  return bestOf(() => session.run({ images }), MANY_REPETITIONS);
}

async function measured(): Promise<number | { seconds: number; waiting: number }> {
  if (kind === 'epoch') return epoch(depth, device);
  if (kind === 'inference') return inference();
  if (kind === 'onnx') return onnxFile();
  const cached = { detector, executor, depth, batch: benchBatch(), bestOf };
  if (kind === 'cached') return cachedStep(cached);
  if (kind === 'prefix' || kind === 'fill') return filling(cached, kind === 'fill');
  return timeTrainingStep(detector, executor, work);
}

const figure = await measured();
const times = typeof figure === 'number' ? { seconds: figure } : figure;
console.log(JSON.stringify({ ...times, peakMegabytes: peakMemory() / 1e6 }));
