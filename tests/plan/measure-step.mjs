/**
 * What training steps take in a process of their own: `measure-step.mjs FREEZE IMGSZ BATCH ARCHITECTURE [cached]`.
 * Prints one line of JSON: bytes that they add to the process, bytes that were there before (Node, the libraries, the
 * compiled graphs), and seconds of the fastest run of the gradient and the update graph.
 */
import { packValues, splitPrefix, updateFeeds } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { architectureYaml } from '@froyolo/model-yaml';
import { buildTrainingStep, createDetector, stepFeeds, syntheticBatch } from '@froyolo/yolo';
import * as ort from 'onnxruntime-node';

const STEPS = 4;

const [freeze, ...rest] = process.argv.slice(2);
const [imgsz, batchSize] = rest.map(Number);
const detector = createDetector(architectureYaml(rest[2]), { names: ['a', 'b', 'c'], seed: 0 });
const settings = { hyp: hypPresets['scratch-low'], imgsz };
const step = buildTrainingStep(detector, {
  ...settings,
  freeze: resolveFreeze(parseFreeze([freeze]), detector.model.parameters),
  optimizer: 'SGD',
});
const executor = createOnnxExecutor(ort, {
  session: { extra: { session: { intra_op: { allow_spinning: '0' } } } },
});
const split = rest[3] === 'cached' ? splitPrefix(step.gradientGraph) : undefined;
const gradient = await executor.compile(split?.rest ?? step.gradientGraph);
const update = await executor.compile(step.updateGraph);
globalThis.gc();
const before = process.memoryUsage.rss();

const store = await executor.createStore(packValues(step.vectors, step.initialState));
const { images, ...targets } = stepFeeds(
  syntheticBatch(batchSize, imgsz, detector.names.length),
  detector,
  settings,
);
const feeds = { ...targets, ...(split ? features(split.cut) : { images }) };
const rates = { lr: { weight: 0.01, bn: 0.01, bias: 0.01 }, momentum: 0.937, weightDecay: 0.0005, update: 1 };
const seconds = { gradient: Number.POSITIVE_INFINITY, update: Number.POSITIVE_INFINITY };
for (let i = 0; i < STEPS; i++) {
  await timed('gradient', () => gradient.run(feeds, store));
  await timed('update', () => update.run(updateFeeds(rates), store));
}
const bytes = process.resourceUsage().maxRSS * 1024 - before;
console.log(JSON.stringify({ bytes, before, seconds }));

async function timed(what, run) {
  // Results that training has replaced stay until they are collected: what the executor takes is measured, not those.
  globalThis.gc();
  const start = performance.now();
  await run();
  seconds[what] = Math.min(seconds[what], (performance.now() - start) / 1000);
}

/** Noise in the place of what the frozen layers would give. */
function features(cut) {
  return Object.fromEntries(
    cut.map(({ name, shape, elements }) => {
      const data = Float32Array.from({ length: batchSize * elements }, (_, i) => Math.sin(i));
      return [name, { dtype: 'float32', shape: [batchSize, ...shape.slice(1)], data }];
    }),
  );
}
