/**
 * pnpm bench [--reference DIR] [--python PYTHON] [--rounds N] [--only WORK,WORK,…]
 * pnpm bench --device all|chromium|NAME
 *
 * Images per second and peak memory of one training step (yolov5n, 320 px, batch 16, 3 classes) at freeze 0, 10 and
 * 24, also with cached features; of a whole epoch from image files, and the part of it in which the step waits for
 * them; inference of the layers that 10 and 24 freeze, and the same with its results kept on disk; and latency of
 * inference at 640 px, batch 1, beside that of onnxruntime on an ONNX file. Each figure is measured in its own process,
 * the best of several repetitions. With `--reference`, a PyTorch YOLOv5 checkout does the same work in turn, round by round. With
 * `--device`, the training step on that device, on those of headless Chromium, or on each one that is there.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deviceTable } from './devices.js';
import { EPOCH_IMAGES, withDataset } from './epoch.js';
import { BATCH } from './training-step.js';

const { values: options } = parseArgs({
  // pnpm passes its own `--` on.
  args: process.argv.slice(2).filter((arg) => arg !== '--'),
  options: {
    reference: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    device: { type: 'string' },
  },
});

const WORKS = [
  '0',
  '10',
  '24',
  'cached-10',
  'cached-24',
  'prefix-10',
  'fill-10',
  'prefix-24',
  'fill-24',
  'inference',
  'onnx',
  'epoch-0',
  'epoch-10',
  'epoch-24',
];
/** Least ratio to the reference's images/s that we aim for. */
const AIMS: Record<string, number> = {
  '0': 0.9,
  '10': 1.3,
  '24': 2,
  inference: 2,
  'cached-10': 2,
  'cached-24': 30,
};
const IMAGES: Record<string, number> = { inference: 1, onnx: 1, epoch: EPOCH_IMAGES };

const NAMES: Record<string, string> = {
  '': 'training step, freeze',
  cached: 'training step on cached features, freeze',
  prefix: 'inference of the frozen layers, freeze',
  fill: 'filling the cache (inference and keeping), freeze',
  epoch: 'whole epoch, freeze',
};

/** `cached-10` is the work `10` to the reference, which has no cache; it has nothing to compare `prefix` and `fill` with. */
function parse(work: string): { name: string; reference?: string } {
  if (work === 'inference') return { name: 'inference 640 px, batch 1', reference: work };
  if (work === 'onnx') return { name: 'onnxruntime on an ONNX file, 640 px, batch 1' };
  const [, kind = '', depth = ''] = /^(?:(\w+)-)?(\d+)$/.exec(work) ?? [];
  const name = `${NAMES[kind]} ${depth}`;
  if (kind === 'epoch') return { name, reference: work };
  return work in AIMS ? { name, reference: depth } : { name };
}

interface Measurement {
  /** Seconds of the best repetition. */
  readonly seconds: number;
  /** Megabytes of the process at its peak. */
  readonly peakMegabytes: number;
  /** Seconds in which the step waited for images, of an epoch. */
  readonly waiting?: number;
}

function measure(command: string, args: readonly string[]): Measurement {
  const run = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const line = run.stdout?.trim().split('\n').at(-1) ?? '';
  if (run.status !== 0 || !line.startsWith('{'))
    throw new Error(`${command} ${args.join(' ')} failed:\n${run.stderr || run.error}`);
  return JSON.parse(line) as Measurement;
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const needsData = (work: string) => work.startsWith('epoch');
const dataFor = (work: string, data: string) => (needsData(work) ? [data] : []);
const ours = (work: string, data: string) =>
  measure(process.execPath, [file('./work.js'), work, ...dataFor(work, data)]);
const theirs = (work: string, data: string) =>
  measure(options.python, [file('../reference.py'), options.reference ?? '', work, ...dataFor(work, data)]);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [below, above] = [Math.floor, Math.ceil].map((to) => sorted[to((values.length - 1) / 2)]);
  return (below + above) / 2;
}

function row(work: string, data: string) {
  const { name, reference } = parse(work);
  const pairs = Array.from({ length: Number(options.rounds) }, () => ({
    ours: ours(work, data),
    theirs: options.reference && reference ? theirs(reference, data) : undefined,
  }));
  const images = IMAGES[work.replace(/-.*$/, '')] ?? BATCH;
  const rate = (m: Measurement) => images / m.seconds;
  const references = pairs.flatMap(({ theirs }) => (theirs ? [theirs] : []));
  const ratios = pairs.flatMap((p) => (p.theirs ? [rate(p.ours) / rate(p.theirs)] : []));
  const aim = AIMS[work];
  const waiting = pairs.flatMap(({ ours: { waiting: some, seconds } }) =>
    some === undefined ? [] : [some / seconds],
  );
  return {
    work: name,
    'images/s': median(pairs.map((p) => rate(p.ours))).toFixed(1),
    'peak MB': median(pairs.map((p) => p.ours.peakMegabytes)).toFixed(0),
    ...(ratios.length > 0 && {
      'reference images/s': median(references.map(rate)).toFixed(1),
      'reference peak MB': median(references.map(({ peakMegabytes }) => peakMegabytes)).toFixed(0),
      ratio: median(ratios).toFixed(2),
      ...(aim && { aim: `${aim} (${median(ratios) >= aim ? 'met' : 'missed'})` }),
    }),
    ...(waiting.length > 0 && { waiting: `${(100 * median(waiting)).toFixed(1)} %` }),
  };
}

const only = options.only?.split(',') ?? WORKS;
for (const work of only) if (!WORKS.includes(work)) throw new Error(`no work "${work}"; there are ${WORKS}`);
const rows = (data: string) => only.map((work) => row(work, data));
const worksTable = async () => (only.some(needsData) ? withDataset(rows) : rows(''));
console.table(options.device ? await deviceTable(options.device) : await worksTable());
