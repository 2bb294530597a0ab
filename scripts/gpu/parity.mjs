// What a device computes against the float64 interpreter (every op, all in one graph) and the reference's numbers
// (losses and norms of gradients of yolov5n). Prints the worst errors.
//
//   node parity.mjs DEVICE [SHARED]     DEVICE may be chromium:NAME; SHARED: folder with goldens/ and weights/
//
// On CUDA with NVIDIA_TF32_OVERRIDE=0, else products have ten bits. `scripts/gpu/bundle.sh` makes one file of this.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  chain,
  mixedPrecision,
  packValues,
  topologicalOrder,
  unpackValues,
  updateFeeds,
} from '@froyolo/core';
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { loadTorchCheckpoint, readSafetensors } from '@froyolo/weights';
import { buildTrainingStep, detectorFromCheckpoint, stepFeeds } from '@froyolo/yolo';
import { interpret } from '../../packages/core/src/executors/interpreter/interpret.ts';
import {
  CASES,
  CONVOLUTIONS,
  convolutionWithGradients,
  FEEDS,
  feed,
  normalizedConvolutions,
  pointwiseConvolutions,
} from '../../packages/core/src/testing/executor-cases.ts';

const [name, shared] = process.argv.slice(2);
const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: 640 };

function worstError(actual, expected) {
  const errors = [...actual].map(
    (value, i) => Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i])),
  );
  return actual.length === expected.length ? Math.max(0, ...errors) : Number.NaN;
}

async function compare(executor, outputs, feeds) {
  const program = await executor.compile({ outputs });
  const actual = await program.run(feeds);
  await program.dispose();
  const expected = interpret(outputs, feeds);
  return Object.keys(outputs).map((key) => [key, worstError(actual[key].data, expected[key].data)]);
}

async function checkOps(executor) {
  const results = await compare(executor, CASES, FEEDS);
  for (const [i, options] of CONVOLUTIONS.entries()) {
    const { outputs, feeds } = convolutionWithGradients(options);
    for (const [key, error] of await compare(executor, outputs, feeds))
      results.push([`convolution ${i} ${key}`, error]);
  }
  const wrong = results.filter(([, error]) => !(error < 1e-4));
  console.log(
    `PARITY ${name} ops: ${results.length - wrong.length} of ${results.length} within 1e-4`,
    wrong.map(([key, error]) => `${key} ${error.toExponential(1)}`).join(', '),
  );
}

/** In half precision, relative to the largest value of each result. */
async function checkHalves(executor, graph) {
  const { outputs } = graph();
  const leaves = topologicalOrder(Object.values(outputs)).filter(({ op }) => op === 'input');
  const feeds = Object.fromEntries(leaves.map((leaf) => feed(leaf, { batch: 2 })));
  const program = await executor.compile(mixedPrecision({ outputs }));
  const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
  await program.dispose();
  const errors = Object.entries(expected).map(([key, { data }]) => {
    const most = Math.max(...data.map(Math.abs));
    return Math.max(...data.map((value, i) => Math.abs(value - actual[key].data[i]))) / most;
  });
  console.log(
    `PARITY ${name} half precision: worst ${Math.max(...errors).toExponential(1)} of the largest value`,
  );
}

const norm = (data) => Math.sqrt(data.reduce((sum, v) => sum + v * v, 0));

async function checkStep(executor, detector, [key, layers, freezeBn]) {
  const golden = JSON.parse(readFileSync(join(shared, 'goldens/gradients.json'), 'utf8'))[key];
  const batch = readSafetensors(readFileSync(join(shared, 'goldens/batch.safetensors'))).tensors;
  const freeze = resolveFreeze(parseFreeze([layers]), detector.model.parameters, { freezeBn });
  const { filterOrder, prefersOneProgram } = executor;
  const options = { ...SETTINGS, freeze, shape: [320, 320], optimizer: 'SGD', filterOrder };
  const step = buildTrainingStep(detector, options);
  const start = packValues(step.vectors, step.initialState);
  const store = await executor.createStore(start);
  const program = await executor.compile(step.gradientGraph);
  const images = { images: batch.get('images').data, shape: [4, 3, 320, 320] };
  const feeds = stepFeeds({ ...images, targets: batch.get('targets').data }, detector, SETTINGS);
  const { loss } = await program.run(feeds, store);
  const after = unpackValues(step.vectors, await store.read());
  const errors = Object.entries(golden.grad_norm).map(([parameter, expected]) =>
    Math.abs(norm(after.get(`grad/${parameter}`).data) / expected - 1),
  );
  const lossError = Math.abs(loss.data[0] / golden.loss - 1);
  console.log(
    `PARITY ${name} ${key}: loss ${lossError.toExponential(1)}, worst norm of a gradient ${Math.max(...errors).toExponential(1)}`,
  );
  if (prefersOneProgram) await checkOneProgram(executor, key, step, { start, feeds, store });
  await program.dispose();
  await store.dispose();
}

/** Gradients and update in one run against what they leave in two, of which the first is done. */
async function checkOneProgram(executor, key, step, { start, feeds, store }) {
  const rates = updateFeeds({
    lr: { weight: 0.01, bn: 0.01, bias: 0.01 },
    momentum: 0.9,
    weightDecay: 5e-4,
    update: 1,
  });
  const update = await executor.compile(step.updateGraph);
  await update.run(rates, store);
  const both = await executor.compile(chain(step.gradientGraph, step.updateGraph));
  const other = await executor.createStore(start);
  await both.run({ ...feeds, ...rates }, other);
  const [expected, actual] = [await store.read(), await other.read()];
  const errors = [...expected].map(([name, { data }]) => {
    const own = actual.get(name).data;
    return norm(data.map((value, i) => value - own[i])) / (norm(data) || 1);
  });
  console.log(`PARITY ${name} ${key} in one run: worst difference ${Math.max(...errors).toExponential(1)}`);
  for (const held of [update, both, other]) await held.dispose();
}

/** A device of Node, or `chromium:NAME`, which runs in the page beside this file on the GPU of the machine. */
async function open() {
  if (!name.startsWith('chromium:'))
    return tryDevice(
      DEVICES.find((row) => row.name === name),
      { platform: 'node' },
    );
  const { openBuiltWorker, openChromiumDevice } = await import('@froyolo/chromium');
  if (!existsSync(join(import.meta.dirname, 'pages/executor')))
    return { reason: 'pages/executor is missing' };
  const page = { folder: join(import.meta.dirname, 'pages/executor'), remove: async () => undefined };
  return openChromiumDevice(name.slice('chromium:'.length), () =>
    openBuiltWorker(page, { hardwareGpu: true }),
  ).catch((error) => ({ reason: error.message.split('\n')[0] }));
}

const opened = await open();
if ('reason' in opened) console.log(`PARITY ${name} NOT OPENED: ${opened.reason}`);
else {
  await checkOps(opened.executor).catch((error) =>
    console.log(`PARITY ${name} ops FAILED: ${error.message}`),
  );
  if (opened.executor.halfPrecision || name === 'chromium:wgsl')
    for (const graph of [normalizedConvolutions, pointwiseConvolutions])
      await checkHalves(opened.executor, graph).catch((error) =>
        console.log(`PARITY ${name} half precision FAILED: ${error.message}`),
      );
  if (shared === undefined) process.exit(0);
  const bytes = readFileSync(join(shared, 'weights/yolov5n.pt'));
  const detector = detectorFromCheckpoint(loadTorchCheckpoint(bytes));
  for (const step of [
    ['f24', 24, 'train'],
    ['f10_bneval', 10, 'eval'],
    ['f0', 0, 'train'],
  ])
    await checkStep(opened.executor, detector, step).catch((error) =>
      console.log(`PARITY ${name} ${step[0]} FAILED: ${error.message}`),
    );
}
process.exit(0);
