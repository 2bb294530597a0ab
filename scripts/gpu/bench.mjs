// Times training steps on a device, pixels sent from the host each time. One line per network and freeze.
//
//   node bench.mjs DEVICE MODEL IMGSZ BATCH FREEZES [REPETITIONS] [SECONDS]
//
// DEVICE is a name of the device table, or `NAME,OPTION=VALUE…`: `half=true` for half precision, `programs=2` for gradients
// and update apart where they would be one program, `filters=OIHW` for filters as they lie elsewhere, `format=NHWC` and
// `fuseBatchNorm=false` for other options of the SavedModel. `scripts/gpu/bundle.sh` makes one file of this and the packages.
import { execFileSync } from 'node:child_process';
import { chain, packValues, updateFeeds } from '@froyolo/core';
import { DEVICES, tryDevice } from '@froyolo/core/devices';
import { createTensorflowExecutor, temporaryFolder } from '@froyolo/core/tensorflow';
import { hypPresets } from '@froyolo/data';
import { parseFreeze, resolveFreeze } from '@froyolo/freeze';
import { architectureYaml } from '@froyolo/model-yaml';
import { buildTrainingStep, createDetector, stepFeeds, syntheticBatch } from '@froyolo/yolo';

const [name, architecture, imgsz, batchSize, freezes, repetitions = '20', seconds = '15'] =
  process.argv.slice(2);
const RATES = {
  lr: { weight: 0.001, bn: 0.001, bias: 0.001 },
  momentum: 0.937,
  weightDecay: 0.0005,
  update: 1,
};

const asked = (option) => name.split(',').includes(option);

/** Memory in use on the GPU in MB and utilization in %, by the driver. */
function gpu() {
  try {
    const args = ['--query-gpu=memory.used,utilization.gpu', '--format=csv,noheader,nounits'];
    return execFileSync('nvidia-smi', args, { encoding: 'utf8', timeout: 3000 }).trim();
  } catch {
    return '-, -';
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

async function timeSteps(executor, freezeDepth) {
  const began = performance.now();
  const detector = createDetector(architectureYaml(architecture), { names: ['a', 'b', 'c'], seed: 0 });
  const settings = { hyp: hypPresets['scratch-low'], imgsz: Number(imgsz) };
  const freeze = resolveFreeze(parseFreeze([freezeDepth]), detector.model.parameters);
  const { filterOrder, prefersOneProgram } = executor;
  const step = buildTrainingStep(detector, {
    ...settings,
    freeze,
    optimizer: 'SGD',
    amp: asked('half=true'),
    filterOrder: asked('filters=OIHW') ? 'OIHW' : filterOrder,
  });
  const built = performance.now();
  const isOne = prefersOneProgram && !asked('programs=2');
  const gradient = await executor.compile(
    isOne ? chain(step.gradientGraph, step.updateGraph) : step.gradientGraph,
  );
  const update = isOne ? undefined : await executor.compile(step.updateGraph);
  const store = await executor.createStore(packValues(step.vectors, step.initialState));
  const batch = syntheticBatch(Number(batchSize), Number(imgsz), 3);
  const times = [];
  const losses = [];
  let first;
  const until = performance.now() + Number(seconds) * 1000;
  for (let i = 0; i < Number(repetitions) && (i < 5 || performance.now() < until); i++) {
    const t0 = performance.now();
    const feeds = stepFeeds(batch, detector, settings);
    const { loss } = await gradient.run(isOne ? { ...feeds, ...updateFeeds(RATES) } : feeds, store);
    const t1 = performance.now();
    await update?.run(updateFeeds(RATES), store);
    const t2 = performance.now();
    first ??= t2 - built;
    times.push({ gradient: t1 - t0, update: t2 - t1, step: t2 - t0 });
    losses.push(loss.data[0]);
  }
  const memory = gpu();
  for (const held of [gradient, update, store]) await held?.dispose();
  return { times: times.slice(2), losses, first, memory, build: built - began };
}

function line(freezeDepth, { times, losses, first, memory, build }) {
  const of = (part) => median(times.map((time) => time[part]));
  const rate = (ms) => ((1000 * Number(batchSize)) / ms).toFixed(1);
  return [
    `OURS ${name} ${architecture} ${imgsz} b${batchSize} f${freezeDepth}: ${rate(of('step'))} img/s`,
    `best ${rate(Math.min(...times.map(({ step }) => step)))}`,
    `gradient ${of('gradient').toFixed(1)} ms, update ${of('update').toFixed(1)} ms`,
    `first step ${(first / 1000).toFixed(2)} s, graphs ${(build / 1000).toFixed(2)} s`,
    `GPU MB, % ${memory}`,
    `losses ${losses
      .slice(0, 3)
      .map((loss) => loss.toFixed(4))
      .join(' ')}`,
  ].join('; ');
}

/** Options of the SavedModel; other words after the device's name only tell one run from another. */
const MODEL_OPTIONS = ['format', 'fuseBatchNorm', 'sumsByRow'];
const BOOLEANS = { true: true, false: false };

/** The device of the table, or its package with an executor of other options. */
async function open() {
  const [row, ...options] = name.split(',');
  const opened = await tryDevice(
    DEVICES.find((device) => device.name === row),
    { platform: 'node' },
  );
  const given = options.map((option) => option.split('=')).filter(([key]) => MODEL_OPTIONS.includes(key));
  if (given.length === 0 || 'reason' in opened) return opened;
  const packageName = `@tensorflow/tfjs-node${row === 'tf-cuda' ? '-gpu' : ''}`;
  const { default: tf } = await import(packageName);
  const own = Object.fromEntries(given.map(([key, value]) => [key, BOOLEANS[value] ?? value]));
  const gpu = row === 'tf-cuda';
  const model = { fuseBatchNorm: gpu, sumsByRow: !gpu, ...own };
  return { ...opened, executor: createTensorflowExecutor(tf, { name, keep: temporaryFolder, model }) };
}

const opened = await open();
if ('reason' in opened) console.log(`OURS ${name} NOT OPENED: ${opened.reason}`);
else
  for (const freezeDepth of freezes.split(',')) {
    try {
      console.log(line(freezeDepth, await timeSteps(opened.executor, freezeDepth)));
    } catch (error) {
      console.log(
        `OURS ${name} ${architecture} ${imgsz} b${batchSize} f${freezeDepth}: FAILED ${String(error.message).slice(0, 500)}`,
      );
    }
  }
process.exit(0);
