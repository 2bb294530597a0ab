/**
 * One measurement in a process of its own; prints one line of JSON. `work.js WORK [DEVICE]`, where WORK is a freeze
 * depth, `cached-DEPTH` (the step on cached features), `prefix-DEPTH` (inference of the frozen layers), `fill-DEPTH` (the
 * same, kept on disk), `inference`, or `onnx` (the network as an ONNX file on onnxruntime); `work.js epoch-DEPTH
 * DATA_YAML`: a whole epoch.
 */

import { packValues, updateFeeds } from '@froyolo/core';
import { createOnnxExecutor, toOnnx } from '@froyolo/core/onnx';
import { type Batch, hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { architectureYaml } from '@froyolo/model-yaml';
import {
  buildInferenceGraph,
  buildTrainingStep,
  createDetector,
  createPredictor,
  stepFeeds,
} from '@froyolo/yolo';
import { createNodeExecutor } from '@froyolo/yolo/node';
import * as ort from 'onnxruntime-node';
import { cachedStep, filling } from './cached.js';
import { epoch } from './epoch.js';

const REPETITIONS = 8;
/** Of what takes milliseconds. */
const MANY_REPETITIONS = 40;
/** No further repetition once so much time has gone by: some devices take minutes for a step. */
const ENOUGH_SECONDS = 40;
const IMGSZ = 320;
const BATCH = 16;
const NAMES = ['a', 'b', 'c'];

const detector = createDetector(architectureYaml('yolov5n'), { names: NAMES, seed: 0 });
const [work, device] = process.argv.slice(2);
const [kind, depth] = work!.split('-') as [string, string];
/** Features are read while the step runs: as in training, its threads leave the cores to who has work. */
const asTraining = /^(cached|prefix|fill)-/.test(work!) ? 'cpu' : undefined;
const executorOn = kind === 'epoch' ? undefined : (device ?? asTraining);
const executor = executorOn ? await createNodeExecutor({ device: executorOn }) : createOnnxExecutor(ort);

/** Ten targets an image, spread over the image; noise for pixels: the same work as the reference's script. */
function syntheticBatch(): Batch {
  const images = Uint8Array.from({ length: BATCH * 3 * IMGSZ ** 2 }, (_, i) => (i * 2654435761) >>> 24);
  const targets = Float32Array.from(
    Array.from({ length: BATCH * 10 }, (_, i) => {
      const spread = (step: number) => (i * step) % 1;
      return [
        Math.floor(i / 10),
        i % 3,
        0.2 + 0.6 * spread(0.618),
        0.2 + 0.6 * spread(0.414),
        0.05 + 0.2 * spread(0.73),
        0.05 + 0.2 * spread(0.27),
      ];
    }).flat(),
  );
  return { images, shape: [BATCH, 3, IMGSZ, IMGSZ], targets, paths: [], meta: [] };
}

async function bestOf(run: () => Promise<unknown>, repetitions = REPETITIONS): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  const enough = () => performance.now() - begun > 1000 * ENOUGH_SECONDS;
  for (let i = 0; i < repetitions && !(i > 1 && enough()); i++) {
    const start = performance.now();
    await run();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

/** Gradients and update in every repetition: what a nominal batch of one batch costs. */
async function trainingStep(depth: string): Promise<number> {
  const freeze = resolveFreeze(parseFreeze([depth]), detector.model.parameters);
  const settings = { hyp: hypPresets['scratch-low'], imgsz: IMGSZ };
  const step = buildTrainingStep(detector, { ...settings, freeze, optimiser: 'SGD' });
  const gradient = await executor.compile(step.gradientGraph);
  const update = await executor.compile(step.updateGraph);
  const store = await executor.createStore(packValues(step.vectors, step.initialState));
  const batch = syntheticBatch();
  const rates = {
    lr: { weight: 0.01, bn: 0.01, bias: 0.01 },
    momentum: 0.937,
    weightDecay: 0.0005,
    update: 1,
  };
  return bestOf(async () => {
    await gradient.run(stepFeeds(batch, detector, settings), store);
    await update.run(updateFeeds(rates), store);
  });
}

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
  if (kind === 'epoch') return epoch(depth, device!);
  if (kind === 'inference') return inference();
  if (kind === 'onnx') return onnxFile();
  const cached = { detector, executor, depth, batch: syntheticBatch(), bestOf };
  if (kind === 'cached') return cachedStep(cached);
  if (kind === 'prefix' || kind === 'fill') return filling(cached, kind === 'fill');
  return trainingStep(work!);
}

const figure = await measured();
const times = typeof figure === 'number' ? { seconds: figure } : figure;
console.log(JSON.stringify({ ...times, peakMegabytes: process.resourceUsage().maxRSS / 1000 }));
