import { numel } from '@froyolo/common';
import { describe, expect, test } from 'vitest';
import { createInterpreter } from '../executors/interpreter/interpret.js';
import { type Graph, input, isLeaf, type Tensor, tensor, topologicalOrder } from '../graph/node.js';
import type { OptimizerName } from './optimizers.js';
import {
  accumulate,
  buildUpdate,
  initialState,
  type Parameter,
  parameterGroup,
  updateFeeds,
} from './update.js';

/** Four updates by torch 2.9.1 (SGD with nesterov, Adam, AdamW; clip_grad_norm_) of the values and settings below. */
const TORCH = {
  SGD: {
    parameters: {
      'conv.weight': [1.0671613, 0.30863437, -1.146693, -0.01314422],
      'bn.weight': [1.0124767, -1.0225772],
      'bn.bias': [-1.6142989, -2.4994719],
    },
    ema: {
      'conv.weight': [1.0670737, 0.30867651, -1.1466163, -0.013206133],
      'bn.weight': [1.0124267, -1.0223869],
      'bn.bias': [-1.6136539, -2.4988501],
    },
    norms: [16.19224, 2.030309, 16.006001, 1.9698464],
  },
  Adam: {
    parameters: {
      'conv.weight': [0.86806744, 0.40733939, -0.97695088, -0.15744111],
      'bn.weight': [0.94185162, -0.58464104],
      'bn.bias': [-0.10901649, -1.2304553],
    },
    ema: {
      'conv.weight': [0.86805707, 0.40734729, -0.97694159, -0.15745042],
      'bn.weight': [0.94184935, -0.58461916],
      'bn.bias': [-0.10892204, -1.2303816],
    },
    norms: [16.19224, 2.030309, 16.006001, 1.9698464],
  },
  AdamW: {
    parameters: {
      'conv.weight': [0.86663944, 0.40694442, -0.9753893, -0.15719131],
      'bn.weight': [0.94185162, -0.58464104],
      'bn.bias': [-0.10901649, -1.2304553],
    },
    ema: {
      'conv.weight': [0.86662972, 0.40695256, -0.9753806, -0.15720072],
      'bn.weight': [0.94184935, -0.58461916],
      'bn.bias': [-0.10892204, -1.2303816],
    },
    norms: [16.19224, 2.030309, 16.006001, 1.9698464],
  },
};

const shapes = { 'conv.weight': [2, 2, 1, 1], 'bn.weight': [2], 'bn.bias': [2] };
const parameters: Parameter[] = Object.entries(shapes).map(([name, shape]) => ({
  name,
  shape,
  group: parameterGroup(name, shape),
}));
const settings = { lr: { weight: 0.01, bn: 0.02, bias: 0.1 }, momentum: 0.9, weightDecay: 0.05 };

const wave = (shape: readonly number[], phase: number, scale: number): Tensor => {
  const length = numel(shape);
  return tensor(
    Float32Array.from({ length }, (_, i) => scale * Math.sin(1 + phase + 1.7 * i)),
    shape,
  );
};

/** To the rounding of float32, in which PyTorch computed: parts in a million of the largest value. */
function expectClose(actual: ArrayLike<number>, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(...expected.map(Math.abs));
  expected.forEach((v, i) => {
    expect(Math.abs(actual[i] - v)).toBeLessThanOrEqual(1e-6 * scale);
  });
}

describe('four updates, two of them with clipped gradients', () => {
  test.each(Object.keys(TORCH) as OptimizerName[])('%s as in PyTorch', async (optimizer) => {
    const expected = TORCH[optimizer];
    const options = { parameters, optimizer };
    const values = new Map(parameters.map(({ name, shape }, i) => [name, wave(shape, i, 1)]));
    const executor = createInterpreter();
    const program = await executor.compile(buildUpdate(options));
    const store = await executor.createStore(new Map([...values, ...initialState(options, values)]));
    for (let update = 1; update <= 4; update++) {
      const scale = update % 2 ? 8 : 1;
      await store.write(
        new Map(
          parameters.map(({ name, shape }, i) => [`grad/${name}`, wave(shape, 10 * update + i, scale)]),
        ),
      );
      const { gradNorm } = await program.run(updateFeeds({ ...settings, update }), store);
      expectClose(gradNorm.data, [expected.norms[update - 1]]);
    }
    const result = await store.read();
    for (const { name } of parameters) {
      const key = name as keyof typeof shapes;
      expectClose(result.get(name)!.data, expected.parameters[key]);
      expectClose(result.get(`ema/${name}`)!.data, expected.ema[key]);
      expect(result.get(`grad/${name}`)?.data.every((v) => v === 0)).toBe(true);
    }
  });
});

const sizeOf = (graph: Graph) =>
  topologicalOrder(Object.values(graph.outputs)).filter((node) => !isLeaf(node)).length;

test('few ops per parameter', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ name: `${i}.weight`, shape: [4], group: 'weight' as const }));
  const perParameter = (optimizer: OptimizerName) =>
    (sizeOf(buildUpdate({ parameters: many(12), optimizer })) -
      sizeOf(buildUpdate({ parameters: many(2), optimizer }))) /
    10;
  // Norm 3, clipping 1, average 3; the rest is the update itself.
  expect(perParameter('SGD')).toBe(7 + 8);
  expect(perParameter('AdamW')).toBe(7 + 14);
});

test('a learning rate of its own', async () => {
  const moved = async (lrScale?: number) => {
    const options = {
      parameters: [{ name: 'w', shape: [1], group: 'bn' as const, ...(lrScale ? { lrScale } : {}) }],
      optimizer: 'SGD' as const,
    };
    const values = new Map([['w', tensor([0])]]);
    const executor = createInterpreter();
    const program = await executor.compile(buildUpdate(options));
    const state = new Map([...values, ...initialState(options, values), ['grad/w', tensor([1])] as const]);
    const store = await executor.createStore(state);
    await program.run(updateFeeds({ ...settings, update: 1 }), store);
    return (await store.read()).get('w')!.data[0];
  };
  expect(await moved(0.1)).toBeCloseTo(0.1 * (await moved()), 9);
});

test.each(['SGD', 'Adam', 'AdamW'] as const)(
  '%s: what joins later begins like what was there first',
  async (optimizer) => {
    const options = {
      parameters: [
        { name: 'old', shape: [2], group: 'bn' as const },
        { name: 'new', shape: [2], group: 'bn' as const, cohort: 1 },
      ],
      optimizer,
    };
    const start = new Map([...['old', 'new']].map((name) => [name, tensor([1, -2])]));
    const executor = createInterpreter();
    const program = await executor.compile(buildUpdate(options));
    const fresh = new Map([...start, ...initialState(options, start)]);
    const store = await executor.createStore(fresh);
    const step = async (names: readonly string[], update: number) => {
      await store.write(new Map(names.map((name) => [`grad/${name}`, tensor([0.3, -0.02])])));
      await program.run(updateFeeds({ ...settings, update, joined: [5] }), store);
      const values = await store.read();
      return names.map((name) => [...values.get(name)!.data]);
    };
    const first = [...(await step(['old'], 1)), ...(await step(['old'], 2))];
    for (let update = 3; update <= 5; update++) await step(['old'], update);
    const own = [...fresh].filter(([name]) => name === 'new' || name.endsWith('/new'));
    await store.write(new Map(own));
    expect([...(await step(['new'], 6)), ...(await step(['new'], 7))]).toEqual(first);
  },
);

test('running statistics are averaged, not trained', () => {
  const options = { parameters, emaBuffers: [{ name: 'bn.mean', shape: [2] }], optimizer: 'SGD' as const };
  const { outputs, state } = buildUpdate(options);
  expect(outputs['ema/bn.mean']).toBeDefined();
  expect(outputs['bn.mean']).toBeUndefined();
  expect(state?.gradNorm).toBeUndefined();
  const values = new Map(
    [...parameters, ...options.emaBuffers].map(({ name, shape }) => [name, wave(shape, 1, 1)]),
  );
  expect([...initialState(options, values).keys()].sort()).toEqual(
    [
      'ema/bn.mean',
      ...parameters.flatMap(({ name }) => [`ema/${name}`, `grad/${name}`, `momentum/${name}`]),
    ].sort(),
  );
  expect(() => initialState(options, new Map())).toThrow('no value given for "conv.weight"');
});

test('gradients accumulate', async () => {
  const executor = createInterpreter();
  const program = await executor.compile(accumulate({ w: input('g', [2]) }));
  const store = await executor.createStore(new Map([['grad/w', tensor([0, 0])]]));
  await program.run({ g: tensor([1, 2]) }, store);
  await program.run({ g: tensor([1, -3]) }, store);
  expect([...(await store.read()).get('grad/w')!.data]).toEqual([2, -1]);
});

test('groups', () => {
  expect(parameterGroup('model.0.conv.weight', [16, 3, 6, 6])).toBe('weight');
  expect(parameterGroup('model.0.bn.weight', [16])).toBe('bn');
  expect(parameterGroup('model.0.bn.bias', [16])).toBe('bias');
  expect(parameterGroup('model.24.m.0.bias', [255])).toBe('bias');
});
