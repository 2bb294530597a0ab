/** What every device in Chromium must compute: each op, and a whole training step of a tiny detector. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createInterpreter,
  type Executor,
  mixedPrecision,
  type Node,
  type OptimizerName,
  packValues,
  type Tensor,
  topologicalOrder,
  unpackValues,
  updateFeeds,
} from '@froyolo/core';
import { type Batch, hypPresets } from '@froyolo/data';
import { createRandom, drawScene, PRETRAIN_CLASSES } from '@froyolo/shapes';
import { norm, relativeError } from '@froyolo/testing';
import { loadCheckpoint } from '@froyolo/weights';
import { buildTrainingStep, detectorFromCheckpoint, freezeFor, stepFeeds } from '@froyolo/yolo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpret } from '../../packages/core/src/executors/interpreter/interpret.js';
import {
  CASES,
  CONVOLUTIONS,
  convolutionWithGradients,
  expectClose,
  FEEDS,
  feed,
  normalizedConvolutions,
  pointwiseConvolutions,
} from '../../packages/core/src/testing/executor-cases.js';
import type { DeviceUnderTest } from './chromium-device.js';

/** Convolutions, their gradients and batch normalization in half precision, for images of these sizes. */
export function describeHalves(
  { title, executor, missing }: DeviceUnderTest,
  sizes: readonly (readonly [height: number, width: number])[],
): void {
  const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;
  const cases = Object.entries({ normalizedConvolutions, pointwiseConvolutions }).flatMap(([name, graph]) =>
    sizes.map((size) => [name, size, graph] as const),
  );
  describe.skipIf(!executor)(`half precision on ${title} gives what float32 gives, to 1%${skipped}`, () => {
    test.each(cases)('%s of images of %j', async (_name, size, graph) => {
      const { outputs } = graph([...size]);
      const leaves = topologicalOrder(Object.values(outputs)).filter(({ op }) => op === 'input');
      const feeds = Object.fromEntries(leaves.map((leaf) => feed(leaf, { batch: 2 })));
      const program = await executor!.compile(mixedPrecision({ outputs }));
      const [actual, expected] = [await program.run(feeds), interpret(outputs, feeds)];
      for (const name of Object.keys(outputs)) {
        const largest = Math.max(...expected[name]!.data.map(Math.abs));
        const errors = actual[name]!.data.map((value, i) => Math.abs(value - expected[name]!.data[i]!));
        expect(Math.max(...errors) / largest, name).toBeLessThan(0.01);
      }
      await program.dispose();
    });
  });
}

/** Ops whose programs are others where the GPU has subgroups; those of halves are in `describeHalves`. */
export const USING_FEATURES = /sum|dot|reduce/i;

/**
 * All ops are one graph: a GPU that is imitated on the CPU takes most of its time to compile programs.
 * @param only which of the cases, by name; by default all, and all convolutions
 */
export function describeOps({ title, executor, missing }: DeviceUnderTest, only?: RegExp): void {
  const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;
  describe.skipIf(!executor)(`each op on ${title} gives what the interpreter gives${skipped}`, () => {
    const { cases, convolutions, outputs, feeds } = everyOp(only);
    let actual: Record<string, Tensor> = {};
    let expected: Record<string, Tensor> = {};
    beforeAll(async () => {
      const program = await executor!.compile({ outputs });
      actual = await program.run(feeds);
      await program.dispose();
      expected = interpret(outputs, feeds);
    });
    const expectSame = (name: string) => expectClose(name, actual[name]!, expected[name]!);
    test.each(cases)('%s', expectSame);
    test.each(convolutions)(
      'convolution $kernel×$kernel, $channels → $out, stride $stride, pad $pad, groups $groups, dilation $dilation',
      ({ names }) => {
        expect(names).toHaveLength(4);
        names.forEach(expectSame);
      },
    );
  });
}

function everyOp(only?: RegExp) {
  const chosen = Object.entries(CASES).filter(([name]) => only?.test(name) ?? true);
  const convolutions = (only ? [] : CONVOLUTIONS).map((options, i) => {
    const prefix = `convolution ${i} `;
    const { outputs, feeds } = convolutionWithGradients(options, [11, 8], prefix);
    const named = Object.entries(outputs).map(([name, node]) => [prefix + name, node] as const);
    return { ...options, names: named.map(([name]) => name), outputs: Object.fromEntries(named), feeds };
  });
  return {
    cases: chosen.map(([name]) => name),
    convolutions,
    outputs: Object.assign(
      Object.fromEntries(chosen),
      ...convolutions.map(({ outputs }) => outputs),
    ) as Record<string, Node>,
    feeds: Object.assign({ ...FEEDS }, ...convolutions.map(({ feeds }) => feeds)) as typeof FEEDS,
  };
}

const IMGSZ = 64;
const BATCH = 2;
const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: IMGSZ };
const EMBEDDED = join(import.meta.dirname, '../../packages/shapes/embedded/shapes.safetensors');

type TinyStep = readonly [freeze: number, freezeBn: 'eval' | 'train', optimizer: OptimizerName];

const TINY_STEPS: readonly TinyStep[] = [
  [0, 'train', 'SGD'],
  [0, 'eval', 'Adam'],
  [10, 'eval', 'AdamW'],
];

/** The network of the embedded checkpoint: losses, gradients, statistics and one update, on the device and in float64. */
export function describeTinyStep(
  { title, executor, missing }: DeviceUnderTest,
  cases: readonly TinyStep[] = TINY_STEPS,
): void {
  const skipped = missing === undefined ? '' : ` (skipped: ${missing})`;
  describe.skipIf(!executor)(`training step of the embedded network on ${title}${skipped}`, () => {
    test.each(cases)('freeze %i, batch normalization %s, %s', async (layers, freezeBn, optimizer) => {
      const { gradientsOn, updatedOn } = tinyStep(layers, freezeBn, optimizer);
      const reference = createInterpreter();
      const expected = await gradientsOn(reference);
      const actual = await gradientsOn(executor!);
      for (const part of ['loss', 'box', 'obj', 'cls'])
        expect(errorOf(actual.losses[part]!, expected.losses[part]!), part).toBeLessThan(1e-4);
      expectCloseValues(actual.values, expected.values);
      // Both update from the same gradients: Adam makes a step of full size of the last digits of those near zero.
      expectCloseValues(
        await updatedOn(executor!, expected.state),
        await updatedOn(reference, expected.state),
      );
    });
    afterAll(() => executor?.dispose());
  });
}

function expectCloseValues(actual: ReadonlyMap<string, Tensor>, expected: ReadonlyMap<string, Tensor>): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  expect(expected.size).toBeGreaterThan(20);
  const errors = [...expected].map(([name, value]) => ({ name, error: errorOf(actual.get(name)!, value) }));
  expect(errors.filter(({ error }) => !(error < 1e-3))).toEqual([]);
}

/** Relative to the largest value; absolute where all are zero, as momentum is before the first update. */
function errorOf({ data: actual }: Tensor, { data: expected }: Tensor): number {
  return expected.every((value) => value === 0) ? norm(actual) : relativeError(actual, expected);
}

/** The two halves of a step, each on any executor. */
function tinyStep(layers: number, freezeBn: 'eval' | 'train', optimizer: OptimizerName) {
  const detector = detectorFromCheckpoint(loadCheckpoint(readFileSync(EMBEDDED), 'shapes.safetensors'));
  const freeze = freezeFor(detector, layers, { freezeBn });
  const step = buildTrainingStep(detector, { ...SETTINGS, freeze, shape: [IMGSZ, IMGSZ], optimizer });
  const rates = { lr: { weight: 0.01, bn: 0.01, bias: 0.01 }, momentum: 0.9, weightDecay: 5e-4, update: 1 };
  const unpacked = (state: ReadonlyMap<string, Tensor>) => unpackValues(step.vectors, state);
  return {
    async gradientsOn(executor: Executor) {
      const store = await executor.createStore(packValues(step.vectors, step.initialState));
      const program = await executor.compile(step.gradientGraph);
      const losses = await program.run(stepFeeds(shapesBatch(), detector, SETTINGS), store);
      const state = await store.read();
      await program.dispose();
      return { losses, state, values: unpacked(state) };
    },
    async updatedOn(executor: Executor, state: ReadonlyMap<string, Tensor>) {
      const store = await executor.createStore(state);
      const program = await executor.compile(step.updateGraph);
      await program.run(updateFeeds(rates), store);
      await program.dispose();
      return unpacked(await store.read());
    },
  };
}

/** Rendered shapes with their boxes. */
function shapesBatch(): Batch {
  const scenes = Array.from({ length: BATCH }, (_, i) =>
    drawScene(createRandom(7, i), PRETRAIN_CLASSES, IMGSZ),
  );
  const plane = IMGSZ ** 2;
  const images = new Uint8Array(BATCH * 3 * plane);
  for (const [i, { pixels }] of scenes.entries())
    for (let p = 0; p < plane; p++)
      for (let c = 0; c < 3; c++) images[(i * 3 + c) * plane + p] = pixels[p * 3 + c]!;
  const targets = scenes.flatMap(({ objects }, i) =>
    objects.map(({ classIndex, box: [x1, y1, x2, y2] }) => [
      i,
      classIndex,
      ...[(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1].map((v) => v / IMGSZ),
    ]),
  );
  return {
    images,
    shape: [BATCH, 3, IMGSZ, IMGSZ],
    targets: Float32Array.from(targets.flat()),
    paths: [],
    meta: [],
  };
}
