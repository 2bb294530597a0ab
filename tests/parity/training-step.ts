/** The training step of yolov5n on one executor against the reference's numbers. */
import { readFileSync } from 'node:fs';
import {
  chain,
  type Executor,
  type OptimizerName,
  packValues,
  type Tensor,
  unpackValues,
  updateFeeds,
} from '@froyolo/core';
import { hypPresets } from '@froyolo/data';
import { goldensTitle, noGoldens, norm, relativeError, sharedPath } from '@froyolo/testing';
import { loadTorchCheckpoint } from '@froyolo/weights';
import {
  buildTrainingStep,
  type Detector,
  detectorFromCheckpoint,
  freezeFor,
  stepFeeds,
} from '@froyolo/yolo';
import { beforeAll, describe, expect, test } from 'vitest';
import { goldenBatch, goldenJson, goldenTensors } from './goldens.js';

/** The goldens' gains are not scaled to the image size. */
const SETTINGS = { hyp: hypPresets['scratch-low'], imgsz: 640 };
const SHAPE = [320, 320] as const;

interface StepGolden {
  readonly loss: number;
  readonly box: number;
  readonly obj: number;
  readonly cls: number;
  readonly grad_norm: Readonly<Record<string, number>>;
}

interface OptimizerGolden {
  readonly lr: number;
  readonly momentum: number;
  readonly weight_decay: number;
  readonly losses: readonly (readonly [number, number, number, number])[];
  readonly param_norm: Readonly<Record<string, number>>;
  readonly ema_norm: Readonly<Record<string, number>>;
}

const GRADIENTS = [
  ['f0', 0, 'train'],
  ['f10', 10, 'train'],
  ['f10_bneval', 10, 'eval'],
  ['f24', 24, 'train'],
  ['f24_bneval', 24, 'eval'],
] as const;
const OPTIMIZERS = ['SGD', 'Adam', 'AdamW'] as const;

export interface ParityOptions {
  /** Why the executor isn't there, for the title of what is skipped. */
  readonly missing?: string;
  /** For executors that are slow: which freezes and optimizers. By default all. */
  readonly gradients?: readonly (typeof GRADIENTS)[number][0][];
  readonly optimizers?: readonly OptimizerName[];
}

/** Declares the tests of one executor. */
export function describeTrainingStep(
  name: string,
  open: () => Executor | Promise<Executor>,
  { missing, gradients, optimizers }: ParityOptions = {},
): void {
  const skipped = missing === undefined ? goldensTitle : ` (skipped: ${missing})`;
  describe.skipIf(noGoldens || missing !== undefined)(`training step of yolov5n on ${name}${skipped}`, () => {
    let executor: Executor;
    let detector: Detector;
    beforeAll(async () => {
      executor = await open();
      const bytes = readFileSync(sharedPath('weights/yolov5n.pt'));
      detector = detectorFromCheckpoint(loadTorchCheckpoint(bytes));
    });

    async function compiled(layers: number, freezeBn: 'eval' | 'train', optimizer: OptimizerName) {
      const freeze = freezeFor(detector, layers, { freezeBn });
      const { filterOrder } = executor;
      const step = buildTrainingStep(detector, { ...SETTINGS, freeze, shape: SHAPE, optimizer, filterOrder });
      const store = await executor.createStore(packValues(step.vectors, step.initialState));
      const values = async () => unpackValues(step.vectors, await store.read());
      return { step, store, values };
    }

    const feeds = () => stepFeeds(goldenBatch(), detector, SETTINGS);
    const scalarOf = (results: Record<string, Tensor>, name: string) => results[name]!.data[0]!;

    test.each(GRADIENTS.filter(([name]) => gradients?.includes(name) ?? true))(
      '%s: losses, gradients and statistics',
      async (name, layers, freezeBn) => {
        const golden = goldenJson<Record<string, StepGolden>>('gradients')[name]!;
        const { step, store, values } = await compiled(layers, freezeBn, 'SGD');
        const program = await executor.compile(step.gradientGraph);
        const results = await program.run(feeds(), store);
        for (const part of ['loss', 'box', 'obj', 'cls'] as const)
          expect(Math.abs(scalarOf(results, part) / golden[part] - 1), part).toBeLessThan(1e-4);

        const after = await values();
        const gradients = [...after.keys()].filter((key) => key.startsWith('grad/'));
        expect(gradients.sort()).toEqual(
          Object.keys(golden.grad_norm)
            .map((key) => `grad/${key}`)
            .sort(),
        );
        const norms = Object.entries(golden.grad_norm).map(([key, expected]) => ({
          key,
          error: Math.abs(norm(after.get(`grad/${key}`)!.data) / expected - 1),
        }));
        expect(norms.filter(({ error }) => error > 1e-3)).toEqual([]);

        const arrays = [...goldenTensors('gradients')].filter(([key]) => key.startsWith(`${name}/`));
        expect(arrays.length).toBeGreaterThan(1);
        for (const [key, expected] of arrays) {
          const own = key.slice(name.length + 1);
          const actual = own.startsWith('after/')
            ? (after.get(own.slice('after/'.length)) ?? detector.tensors.get(own.slice('after/'.length))!)
            : after.get(`grad/${own}`)!;
          expect(relativeError(actual.data, expected.data as Float32Array), own).toBeLessThan(2e-3);
        }
        await program.dispose();
      },
    );

    test.each(OPTIMIZERS.filter((name) => optimizers?.includes(name) ?? true))(
      'five steps of %s',
      async (optimizer) => {
        const golden = goldenJson<Record<string, OptimizerGolden>>('optimiser')[optimizer]!;
        const { step, store, values } = await compiled(0, 'eval', optimizer);
        const { gradientGraph, updateGraph } = step;
        // As training does it where every batch is followed by an update.
        const graphs = executor.prefersOneProgram
          ? [chain(gradientGraph, updateGraph)]
          : [gradientGraph, updateGraph];
        const [program, update] = await Promise.all(graphs.map((graph) => executor.compile(graph)));
        const lr = { weight: golden.lr, bn: golden.lr, bias: golden.lr };
        const errors: number[] = [];
        for (const [i, [loss]] of golden.losses.entries()) {
          const settings = { lr, momentum: golden.momentum, weightDecay: golden.weight_decay, update: i + 1 };
          const rates = updateFeeds(settings);
          const results = await program!.run(update ? feeds() : { ...feeds(), ...rates }, store);
          errors.push(Math.abs(scalarOf(results, 'loss') / loss - 1));
          await update?.run(rates, store);
        }
        expect(errors.filter((error) => error > 1e-3)).toEqual([]);
        const after = await values();
        for (const [prefix, norms] of [
          ['', golden.param_norm],
          ['ema/', golden.ema_norm],
        ] as const)
          for (const [name, expected] of Object.entries(norms))
            expect(Math.abs(norm(after.get(prefix + name)!.data) / expected - 1), prefix + name).toBeLessThan(
              1e-3,
            );
        await program!.dispose();
        await update?.dispose();
      },
    );
  });
}
