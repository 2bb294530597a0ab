/** What freezing has to be, on small architectures drawn at random. */
import {
  createInterpreter,
  type OptimizerName,
  packValues,
  type Store,
  type Tensor,
  topologicalOrder,
  unpackValues,
  updateFeeds,
} from '@froyolo/core';
import { type Batch, hypPresets, Rng } from '@froyolo/data';
import { FreezeError, type FreezePolicy } from '@froyolo/freeze';
import { propertySeed } from '@froyolo/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDetector, type Detector } from '../detector/detector.js';
import { freezeFor } from '../detector/freeze.js';
import { stepFeeds } from '../step/feeds.js';
import { buildTrainingStep, type TrainingStep, type TrainingStepOptions } from '../step/step-graph.js';
import { TOY_NAMES } from '../testing/toys.js';

fc.configureGlobal({ seed: propertySeed });

const IMGSZ = 32;

/** Layers between the stem and the head; each keeps the size, so that any of them can follow any other. */
const MODULES = ['Conv, [8, 1, 1]', 'Conv, [8, 3, 1]', 'C3, [8]', 'SPPF, [8, 3]', 'Bottleneck, [8]'];

const architecture = fc
  .array(fc.constantFrom(...MODULES), { minLength: 1, maxLength: 3 })
  .map((modules) =>
    [
      'nc: 2\ndepth_multiple: 1.0\nwidth_multiple: 1.0\nanchors:\n  - [12,12, 16,16]\nbackbone:',
      ...['Conv, [8, 6, 2, 2]', ...modules].map((module) => `  - [-1, 1, ${module}]`),
      `head:\n  - [-1, 1, Conv, [8, 3, 2]]\n  - [[${modules.length + 1}], 1, Detect, [nc, anchors]]\n`,
    ].join('\n'),
  )
  .map((text) => createDetector(text, { names: TOY_NAMES, seed: 3 }));

const selector = fc.oneof(
  fc.integer({ min: 1, max: 5 }).map(String),
  fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 2 })).map(([a, b]) => `${a}-${a + b}`),
  fc.constantFrom(
    'backbone',
    'backbone,!model.0',
    '*.bn.*',
    '*.conv.weight',
    'model.1.*',
    'model.*.cv1',
    '*.bias',
  ),
);

const freezeBn = fc.constantFrom('eval', 'stats', 'train');

/** A detector with a freeze that it understands. */
const frozen = fc.tuple(architecture, selector, freezeBn).map(([detector, text, mode]) => {
  try {
    const policy = freezeFor(detector, text, {
      freezeBn: mode,
    });
    return { detector, policy };
  } catch (error) {
    if (!(error instanceof FreezeError)) throw error;
    return undefined;
  }
});

const optionsOf = (freeze: FreezePolicy, optimizer: OptimizerName = 'SGD'): TrainingStepOptions => ({
  hyp: { ...hypPresets['scratch-low'], obj: 60, cls: 15 },
  imgsz: IMGSZ,
  freeze,
  optimizer,
});

/** Two images of noise, an object in each. */
function noise(seed: number): Batch {
  const rng = new Rng(seed);
  const images = Uint8Array.from({ length: 2 * 3 * IMGSZ ** 2 }, () => 255 * rng.random());
  const targets = Float32Array.from([0, 1].flatMap((n) => [n, n, rng.random(), rng.random(), 0.4, 0.5]));
  return { images, shape: [2, 3, IMGSZ, IMGSZ], targets, paths: [], meta: [] };
}

const partsOf = ({ vectors }: TrainingStep, kind: 'group' | 'statistics') =>
  vectors.filter(({ name }) => name.startsWith(kind)).flatMap(({ parts }) => parts.map(({ name }) => name));

test('whatever is frozen, no gradient is built towards it and nothing reads it but as a constant', () => {
  fc.assert(
    fc.property(frozen, (drawn) => {
      fc.pre(drawn !== undefined);
      const { detector, policy } = drawn;
      const step = buildTrainingStep(detector, optionsOf(policy));
      const trained = partsOf(step, 'group');
      expect([...trained].sort()).toEqual([...policy.trainable].sort());
      const order = topologicalOrder(Object.values(step.gradientGraph.outputs));
      const read = order.filter(({ op }) => op === 'param').map(({ name }) => name!);
      const own = new Set(step.vectors.flatMap(({ name }) => [name, `grad/${name}`]));
      expect(read.filter((name) => !own.has(name))).toEqual([]);
      const convolutions = trained.filter((name) => name.endsWith('.weight') && !name.includes('.bn.'));
      expect(order.filter(({ op }) => op === 'conv2dBackwardWeight')).toHaveLength(convolutions.length);
      for (const name of partsOf(step, 'statistics'))
        expect(policy.freezeBn !== 'eval' || !policy.frozen.has(name.replace(/running_\w+$/, 'weight'))).toBe(
          true,
        );
      for (const name of step.initialState.keys())
        expect(policy.frozen.has(name.replace(/^.*\//, ''))).toBe(false);
    }),
    { numRuns: 40 },
  );
});

/**
 * A policy under which all is trained, with batch normalization frozen where `policy` freezes it. (The step
 * reads the mode of a normalization off the frozen names, and what to train off the trainable ones.)
 */
function thawed(policy: FreezePolicy, { model }: Detector): FreezePolicy {
  return { ...policy, trainable: model.parameters.map(({ name }) => name) };
}

/** Parameters by name after some steps; `spoil` may change the gradients before each update. */
async function trainedFor(
  detector: Detector,
  options: TrainingStepOptions,
  spoil: (gradients: Map<string, Tensor>) => void = () => undefined,
): Promise<Map<string, Tensor>> {
  const executor = createInterpreter();
  const step = buildTrainingStep(detector, options);
  const [gradient, update] = await Promise.all(
    [step.gradientGraph, step.updateGraph].map((g) => executor.compile(g)),
  );
  const store: Store = await executor.createStore(packValues(step.vectors, step.initialState));
  for (let n = 1; n <= 3; n++) {
    await gradient.run(stepFeeds(noise(n), detector, options), store);
    const names = store.names.filter((name) => name.startsWith('grad/'));
    const gradients = unpackValues(step.vectors, await store.read(names));
    spoil(gradients);
    await store.write(packValues(step.vectors, gradients));
    const lr = { weight: 0.01, bn: 0.01, bias: 0.01 };
    await update.run(updateFeeds({ lr, momentum: 0.9, weightDecay: 0, update: n }), store);
  }
  return unpackValues(step.vectors, await store.read());
}

// With SGD: AdamW divides each gradient by its own size, so that what rounding leaves of a zero is a step like others.
test('a freeze run equals a full run whose frozen gradients are zeroed', async () => {
  await fc.assert(
    fc.asyncProperty(frozen, async (drawn) => {
      fc.pre(drawn !== undefined && drawn.policy.freezeBn === 'eval');
      const { detector, policy } = drawn;
      const freezing = await trainedFor(detector, optionsOf(policy, 'SGD'));
      const full = await trainedFor(detector, optionsOf(thawed(policy, detector), 'SGD'), (gradients) => {
        for (const name of policy.frozen) gradients.get(`grad/${name}`)!.data.fill(0);
      });
      for (const name of policy.frozen)
        expect(full.get(name)!.data).toEqual(detector.tensors.get(name)!.data);
      const learnt = policy.trainable.flatMap((name) => [name, `ema/${name}`]);
      for (const name of learnt) {
        const { data } = freezing.get(name)!;
        const expected = full.get(name)!.data;
        const scale = Math.max(...expected.map(Math.abs), 1e-3);
        const worst = Math.max(...data.map((v, i) => Math.abs(v - expected[i])));
        expect(worst / scale, name).toBeLessThan(1e-6);
      }
    }),
    { numRuns: 8 },
  );
});
