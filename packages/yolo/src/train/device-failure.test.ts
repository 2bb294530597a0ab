import type { Executor, Tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { hypPresets } from '@froyolo/data';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { BatchSource } from '../batches/sources.js';
import { createDetector } from '../detector/detector.js';
import { freezeFor } from '../detector/freeze.js';
import { TrainingDeviceError } from '../errors.js';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '../testing/toys.js';
import type { CheckpointEvent, TrainOptions } from './events.js';
import { train } from './trainer.js';

const BATCHES = 3;
const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const options = (executor: Executor, changes: Partial<TrainOptions> = {}): TrainOptions => ({
  detector,
  executor,
  epochs: 3,
  batchSize: 8,
  imgsz: TOY_IMGSZ,
  train: toySource(8 * BATCHES, 8),
  hyp: { ...hypPresets['scratch-low'], warmup_bias_lr: 0.02 },
  freeze: freezeFor(detector, 0),
  ...changes,
});

const working = () => createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });

interface Failure {
  /** What the device says. */
  readonly message: string;
  /** Fails in place of this run, from 1, of the gradient program or the update program. */
  readonly run: number;
  readonly of: 'gradient' | 'update';
  /** Whether its store can be read afterwards. */
  readonly storeLost?: boolean;
}

/** A working executor until it fails, from then on it only throws. */
function failingExecutor({ message, run: failAt, of, storeLost = false }: Failure): Executor {
  const inner = working();
  let failed = false;
  return {
    ...inner,
    name: 'fake-gpu',
    async compile(graph) {
      const program = await inner.compile(graph);
      const kind = 'loss' in graph.outputs ? 'gradient' : 'update';
      let runs = 0;
      return {
        async run(feeds, store) {
          failed ||= kind === of && ++runs === failAt;
          if (failed) throw new Error(message);
          return program.run(feeds, store);
        },
        async dispose() {
          if (failed) throw new Error('nothing works any more');
          await program.dispose();
        },
      };
    },
    async createStore(values) {
      const store = await inner.createStore(values);
      const { read } = store;
      store.read = async (names) => {
        if (failed && storeLost) throw new Error(message);
        return read.call(store, names);
      };
      return store;
    },
  };
}

/** Trains until the device fails; what was saved, and the error. */
async function trainToFailure(failure: Failure) {
  const saved: CheckpointEvent[] = [];
  const onCheckpoint = (event: CheckpointEvent) => void saved.push(event);
  const error = await train(options(failingExecutor(failure), { onCheckpoint })).then(
    () => new Error('training went through'),
    (thrown: unknown) => thrown as Error,
  );
  return { error, saved };
}

const OUT_OF_MEMORY = 'CUDA failure 2: out of memory';

test('out of memory in the middle of an epoch: saved, and what needs less memory', async () => {
  const { error, saved } = await trainToFailure({ message: OUT_OF_MEMORY, run: 5, of: 'gradient' });
  expect(error).toBeInstanceOf(TrainingDeviceError);
  expect(error.message.split('\n')).toEqual([
    `epoch 2, after 1 batches: the device fake-gpu failed: ${OUT_OF_MEMORY}`,
    'All 4 batches until then are saved.',
    'Less memory is needed with a smaller batch (it is 8), smaller images (64 px) or more layers frozen.',
  ]);
  expect(saved.map(({ failed, state: { progress } }) => [failed, progress.epoch, progress.batch])).toEqual([
    [undefined, 1, 0],
    [true, 1, 1],
  ]);
});

test.each([
  ['the gradients', { message: OUT_OF_MEMORY, run: 5, of: 'gradient' }],
  ['the gradients of the first batch of an epoch', { message: OUT_OF_MEMORY, run: 4, of: 'gradient' }],
] as const)(
  'resumed on another device after %s failed, it ends as if nothing had happened',
  async (_, failure) => {
    const { saved } = await trainToFailure(failure);
    const resumed = await train(options(working(), { resume: saved.at(-1)!.state }));
    const whole = await train(options(working()));
    expectSame(resumed.state.tensors, whole.state.tensors);
  },
);

test('an update that fails leaves a state from which training goes on', async () => {
  const { error, saved } = await trainToFailure({ message: 'Device was lost', run: 2, of: 'update' });
  expect(error.message).toContain('Try another device');
  const resume = saved.at(-1)!.state;
  expect(resume.progress.updates).toBe(1);
  expect((await train(options(working(), { resume }))).status).toBe('finished');
});

test('a device that lost its values: the last checkpoint is named and stays as it was', async () => {
  const failure = { message: 'Device was lost', run: 5, of: 'gradient', storeLost: true } as const;
  const { error, saved } = await trainToFailure(failure);
  expect(error.message).toContain('lost what it held since the last checkpoint, that of epoch 1.');
  expect(saved.map(({ state: { progress } }) => progress.epoch)).toEqual([1]);
});

test('a device that fails at the first batch: nothing to save', async () => {
  const { error, saved } = await trainToFailure({ message: OUT_OF_MEMORY, run: 1, of: 'gradient' });
  expect(error.message).toContain('Nothing was learned yet');
  expect(saved).toEqual([]);
});

test('an error that is not of the device stays what it is', async () => {
  const broken: BatchSource = {
    length: 1,
    async *epoch(n) {
      if (n === 0) throw new Error('no such image');
      yield* toySource(8, 8).epoch(n);
    },
  };
  await expect(train(options(working(), { train: broken }))).rejects.toThrow(/^no such image$/);
});

function expectSame(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>) {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, { data }] of a) expect(b.get(name)!.data, name).toEqual(data);
}
