/**
 * Gradual unfreezing, and learning rates by layer, in the training loop. Longer than other files on purpose: the tests share
 * one small run and the way it is watched.
 */
import type { Executor, OptimizerName, Tensor } from '@froyolo/core';
import { createOnnxExecutor } from '@froyolo/core/onnx';
import { type Hyperparameters, hypPresets } from '@froyolo/data';
import { FreezeError, type FreezePolicy, type FrozenBatchNorm } from '@froyolo/freeze';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDetector } from '../detector/detector.js';
import { freezeFor } from '../detector/freeze.js';
import { TrainingDeviceError, TrainingError } from '../errors.js';
import type { Losses } from '../loss/losses.js';
import { StepRunner } from '../step/step-runner.js';
import { TOY_ARCHITECTURE, TOY_IMGSZ, TOY_NAMES, toySource } from '../testing/toys.js';
import type { EpochEvent, StageEvent, TrainingState, TrainOptions } from './events.js';
import { stepOptionsOf, trainingStages } from './stages.js';
import { train } from './trainer.js';

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const BATCHES = 3;

/** Layers 0 to 4 are frozen at first, 0 and 1 after an epoch, none after two. */
const hyp: Hyperparameters = {
  ...hypPresets['scratch-low'],
  obj: 60,
  cls: 15,
  warmup_bias_lr: 0.02,
  unfreeze: '2:1,0:2',
};
const freezing = (selector: string | number, freezeBn: FrozenBatchNorm = 'eval') =>
  freezeFor(detector, selector, { freezeBn });

let executor: Executor;
beforeAll(() => {
  executor = createOnnxExecutor(ort, { session: { intraOpNumThreads: 1 } });
});
afterAll(() => executor.dispose());

function toyRun(changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    detector,
    executor,
    hyp,
    freeze: freezing(5),
    epochs: 4,
    batchSize: 8,
    imgsz: TOY_IMGSZ,
    train: toySource(8 * BATCHES, 8),
    ...changes,
  };
}

interface Place {
  readonly epoch: number;
  readonly batch: number;
}

/** Runs and keeps what it says; stops after the batch that `stop` names. */
async function watch(options: TrainOptions, stop?: Place) {
  const controller = new AbortController();
  const losses: Losses[] = [];
  const epochs: EpochEvent[] = [];
  const stages: StageEvent[] = [];
  const lr: number[] = [];
  const saved: TrainingState[] = [];
  const result = await train({
    ...options,
    signal: controller.signal,
    onStage: (event) => {
      stages.push(event);
      options.onStage?.(event);
    },
    onBatch: (event) => {
      losses.push(event.losses);
      lr.push(event.lr.weight);
      if (event.epoch === stop?.epoch && event.batch === stop.batch) controller.abort();
    },
    onEpoch: (event) => void epochs.push(event),
    onCheckpoint: ({ state }) => void saved.push(state),
  });
  return { result, losses, epochs, stages, lr, saved };
}

function expectSame(a: ReadonlyMap<string, Tensor>, b: ReadonlyMap<string, Tensor>) {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, { data }] of a) expect(b.get(name)!.data, name).toEqual(data);
}

/** As it comes back from a file. */
const fromJson = ({ progress, tensors }: TrainingState): TrainingState => ({
  progress: JSON.parse(JSON.stringify(progress)),
  tensors,
});

const ownName = (name: string) => name.slice(name.lastIndexOf('/') + 1);
const weightOf = (name: string) => ownName(name).replace(/running_\w+$/, 'weight');

describe('when a stage begins', () => {
  const slots = { SGD: ['momentum'], Adam: ['adam.m', 'adam.v'], AdamW: ['adam.m', 'adam.v'] };
  const lr = { weight: 0.01, bn: 0.01, bias: 0.01 };

  test.each<[OptimizerName, FrozenBatchNorm, string]>([
    ['SGD', 'eval', ''],
    ['AdamW', 'eval', '*.bn.*=0.5'],
    ['SGD', 'stats', ''],
  ])(
    '%s, batch normalization %s, lr_scale "%s": kept to the bit, or fresh',
    async (optimizer, mode, lr_scale) => {
      const stages = trainingStages(detector, freezing(5, mode), { ...hyp, lr_scale });
      const options = (index: number) => ({
        hyp,
        imgsz: TOY_IMGSZ,
        optimizer,
        ...stepOptionsOf(stages, index),
      });
      const old = await StepRunner.create(detector, executor, options(0));
      for await (const batch of toySource(16, 8).epoch(0)) {
        await old.step(batch);
        await old.update({ lr, momentum: 0.9, weightDecay: 0.01, update: 1 });
      }
      const tensors = await old.readState(false);
      await old.dispose();
      const next = await StepRunner.create(detector, executor, options(1), {
        tensors,
        freeze: stages.stages[0].policy,
      });
      const begun = await next.readState(true);
      await next.dispose();

      for (const [name, { data }] of tensors) expect(begun.get(name)!.data, name).toEqual(data);
      const freed = [...begun].filter(([name]) => !tensors.has(name) && !name.startsWith('grad/'));
      const { frozen } = stages.stages[1].policy;
      const isFreed = (name: string) => stages.stages[0].policy.frozen.has(name) && !frozen.has(name);
      const parameters = detector.model.parameters.map(({ name }) => name).filter(isFreed);
      // In the other modes the statistics of frozen layers were followed before, too.
      const statistics =
        mode === 'eval' ? [...begun.keys()].filter((name) => /^[^/]*running_/.test(name)) : [];
      const expected = [...parameters, ...statistics.filter((name) => isFreed(weightOf(name)))];
      expect(expected.includes('model.3.bn.running_var')).toBe(mode === 'eval');
      expect(new Set(freed.map(([name]) => ownName(name)))).toEqual(new Set(expected));
      for (const [name, { data }] of freed) {
        const isSlot = slots[optimizer].some((slot) => name.startsWith(`${slot}/`));
        const value = isSlot ? data.map(() => 0) : detector.tensors.get(ownName(name))!.data;
        expect(data, name).toEqual(value);
        expect(frozen.has(weightOf(name))).toBe(false);
      }
      for (const slot of slots[optimizer]) expect(begun.has(`${slot}/model.3.conv.weight`)).toBe(true);
      for (const [name, { data }] of begun)
        if (name.startsWith('grad/')) expect(data.every((value) => value === 0)).toBe(true);
    },
  );

  test('the front-end is told, the programs before are gone, and the epochs say what was frozen', async () => {
    const alive = { programs: 0, stores: 0 };
    const counting: Executor = {
      ...executor,
      async compile(graph) {
        const program = await executor.compile(graph);
        alive.programs++;
        return {
          run: (feeds, store) => program.run(feeds, store),
          dispose: () => {
            alive.programs--;
            return program.dispose();
          },
        };
      },
      async createStore(values) {
        const store = await executor.createStore(values);
        const dispose = store.dispose.bind(store);
        alive.stores++;
        store.dispose = () => {
          alive.stores--;
          return dispose();
        };
        return store;
      },
    };
    const atStage: (typeof alive)[] = [];
    const onStage = () => void atStage.push({ ...alive });
    const { stages, epochs, result } = await watch(toyRun({ executor: counting, onStage }));
    expect(stages.map(({ epoch, before, freeze }) => [epoch, before.label, freeze.label])).toEqual([
      [1, '5', '2'],
      [2, '2', '0'],
    ]);
    expect(epochs.map(({ freeze }) => freeze)).toEqual(['5', '2', '0', '0']);
    expect(atStage).toEqual([
      { programs: 0, stores: 0 },
      { programs: 0, stores: 0 },
    ]);
    expect(alive).toEqual({ programs: 0, stores: 0 });
    expect(result.state.progress.stageUpdates).toEqual([BATCHES, 2 * BATCHES]);
  });
});

test('what a stage frees stays as it was until then, and learns from then on', async () => {
  const { saved } = await watch(toyRun());
  const moved = (state: TrainingState, name: string) => {
    const value = state.tensors.get(name);
    return value !== undefined && !value.data.every((v, i) => v === detector.tensors.get(name)!.data[i]);
  };
  const names = [
    'model.5.m.0.weight',
    'model.3.conv.weight',
    'model.3.bn.running_mean',
    'model.0.conv.weight',
  ];
  expect(saved.map((state) => names.map((name) => moved(state, name)))).toEqual([
    [true, false, false, false],
    [true, true, true, false],
    [true, true, true, true],
    [true, true, true, true],
  ]);
});

test.each<[OptimizerName, string]>([
  ['SGD', ''],
  ['AdamW', '3-5=0.5,0-2=0.1'],
])(
  '%s, lr_scale "%s": resumed anywhere, it equals a run that is not interrupted',
  async (optimizer, lr_scale) => {
    const settings = { optimizer, epochs: 3, hyp: { ...hyp, lr_scale } };
    const whole = await watch(toyRun(settings));
    for (const stop of [
      { epoch: 0, batch: BATCHES },
      { epoch: 1, batch: 1 },
      { epoch: 2, batch: 2 },
    ]) {
      const first = await watch(toyRun(settings), stop);
      expect(first.result.status).toBe('stopped');
      const resume = fromJson(first.result.state);
      const rest = await watch(toyRun({ ...settings, detector: first.result.detector, resume }));
      expect([...first.losses, ...rest.losses]).toEqual(whole.losses);
      expectSame(rest.result.state.tensors, whole.result.state.tensors);
      expectSame(rest.result.detector.tensors, whole.result.detector.tensors);
      expect(rest.result.state.progress).toEqual(whole.result.state.progress);
    }
  },
);

test('from the change on it is a run with the other freeze, started from the same values', async () => {
  const freed: FreezePolicy = freezing(2);
  const schedule = { ...hyp, unfreeze: '2:2' };
  const { saved, result } = await watch(toyRun({ hyp: schedule }));
  const { progress, tensors } = saved[1];
  // Written out here, without what the trainer does when a stage begins.
  const values = new Map(tensors);
  for (const [name, value] of detector.tensors) {
    if (!/^model\.[234]\./.test(name)) continue;
    values.set(name, value);
    values.set(`ema/${name}`, value);
    if (freed.trainable.includes(name))
      values.set(`momentum/${name}`, { ...value, data: new Float32Array(value.data.length) });
  }
  const { stageUpdates: _, ...plain } = progress;
  const other = await watch(
    toyRun({
      hyp: { ...hyp, unfreeze: '' },
      freeze: freed,
      resume: { progress: plain, tensors: values },
    }),
  );
  expectSame(other.result.state.tensors, result.state.tensors);
});

test("Adam's first update of what is freed is as long as a first update is", async () => {
  const run = toyRun({ optimizer: 'AdamW', hyp: { ...hyp, unfreeze: '2:2', weight_decay: 0 } });
  const { result, lr } = await watch(run, { epoch: 2, batch: 1 });
  expect(result.state.progress.updates).toBe(2 * BATCHES + 1);
  const name = 'model.3.conv.weight';
  const [before, after] = [detector.tensors.get(name)!.data, result.state.tensors.get(name)!.data];
  // The first step of Adam is the learning rate, whatever the gradient.
  const steps = Array.from(after, (value, i) => Math.abs(value - before[i]) / lr.at(-1)!);
  expect(Math.max(...steps)).toBeGreaterThan(0.99);
  expect(Math.max(...steps)).toBeLessThan(1.01);
});

test('a factor of the learning rate makes updates shorter by it, from the first of warm-up on', async () => {
  const changes = async (lr_scale: string, batches: number) => {
    const options = toyRun({ freeze: freezing(0), hyp: { ...hyp, unfreeze: '', lr_scale } });
    const { tensors } = (await watch(options, { epoch: 0, batch: batches })).result.state;
    return (name: string) =>
      Array.from(tensors.get(name)!.data, (value, i) => value - detector.tensors.get(name)!.data[i]);
  };
  const largest = (values: number[]) => Math.max(...values.map(Math.abs));
  const [one, shorter] = [await changes('', 1), await changes('0-1=0.25', 1)];
  for (const [i, value] of one('model.0.bn.bias').entries())
    expect(shorter('model.0.bn.bias')[i] / value).toBeCloseTo(0.25, 3);
  for (const [i, value] of one('model.4.bn.bias').entries())
    expect(shorter('model.4.bn.bias')[i] / value).toBeCloseTo(1, 3);
  // Warm-up of weights starts from a learning rate of 0: they move at the second update.
  const [two, still] = [await changes('', 2), await changes('0-1=1e-6', 2)];
  for (const name of ['model.0.conv.weight', 'model.0.bn.weight'])
    expect(largest(still(name))).toBeLessThan(1e-4 * largest(two(name)));
  expect(largest(still('model.4.conv.weight'))).toBeGreaterThan(0.1 * largest(two('model.4.conv.weight')));
});

test('a device that fails as a stage begins: all until then is saved, and goes on elsewhere', async () => {
  const failing: Executor = {
    ...executor,
    compile: (graph) => executor.compile(graph),
    createStore: (values) => {
      if (values.has('momentum/group.weight') && created++ > 0) throw new Error('out of memory');
      return executor.createStore(values);
    },
  };
  let created = 0;
  let state: TrainingState | undefined;
  const failed = train({
    ...toyRun({ executor: failing }),
    onCheckpoint: (event) => {
      if (event.failed) state = event.state;
    },
  });
  await expect(failed).rejects.toThrow(TrainingDeviceError);
  await expect(failed).rejects.toThrow(/epoch 2, after 0 batches.*\nAll 3 batches until then are saved\./);
  const resumed = await watch(toyRun({ resume: fromJson(state!) }));
  const whole = await watch(toyRun());
  expectSame(resumed.result.state.tensors, whole.result.state.tensors);
});

test('a state of another schedule is refused, and a schedule that means nothing', async () => {
  const { result } = await watch(toyRun(), { epoch: 2, batch: 1 });
  const resume = result.state;
  const other = toyRun({ resume, hyp: { ...hyp, unfreeze: '2:1' } });
  await expect(train(other)).rejects.toThrow(TrainingError);
  await expect(train(other)).rejects.toThrow(/is of stage 3 of gradual unfreezing and epoch 3 is of stage 2/);
  await expect(train(toyRun({ hyp: { ...hyp, unfreeze: '7:1' } }))).rejects.toThrow(FreezeError);
  await expect(train(toyRun({ hyp: { ...hyp, lr_scale: 'nek=2' } }))).rejects.toThrow(FreezeError);
});
