import { expect, test } from 'vitest';
import { createInterpreter } from '../executors/interpreter/interpret.js';
import { input, type Node, param, type Tensor } from '../graph/node.js';
import { conv2d } from '../ops/build.js';
import { flatVector, packValues } from './flat.js';
import { buildUpdate, initialState, updateFeeds } from './update.js';
import { linearLayers, momentGraph, whitening, whiteningMatrix, whiteningOf } from './whitening.js';

const tensor = (shape: number[], data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});

const x = input('x', ['batch', 2, 1, 1]);
const layer = (from: Node, name: string, shape = [2, 2, 1, 1]) =>
  conv2d(from, param(`${name}.weight`, shape), param(`${name}.bias`, [2]));
const trained = (...names: string[]) => new Set(names.flatMap((name) => [`${name}.weight`, `${name}.bias`]));
const found = (output: Node, names: ReadonlySet<string>) =>
  linearLayers([output], names).map(({ weight }) => weight);

test('a layer is whitened where both its parameters learn', () => {
  const chain = layer(layer(x, 'a'), 'b');
  expect(found(chain, trained('b'))).toEqual(['b.weight']);
  expect(found(chain, trained('a', 'b'))).toEqual(['a.weight', 'b.weight']);
  expect(found(chain, new Set(['b.weight']))).toEqual([]);
  expect(found(chain, trained())).toEqual([]);
});

test('layers of another kind are left as they are', () => {
  const image = input('x', ['batch', 2, 4, 4]);
  const wide = conv2d(image, param('a.weight', [2, 2, 3, 3]), param('a.bias', [2]), { pad: 1 });
  const grouped = conv2d(image, param('a.weight', [2, 1, 1, 1]), param('a.bias', [2]), { groups: 2 });
  const striding = conv2d(image, param('a.weight', [2, 2, 1, 1]), param('a.bias', [2]), { stride: 2 });
  const noBias = conv2d(image, param('a.weight', [2, 2, 1, 1]));
  for (const node of [wide, grouped, striding, noBias]) expect(found(node, trained('a'))).toEqual([]);
});

test('the matrix is the inverse of the moments, scaled to a mean of 1 and damped', async () => {
  const layers = linearLayers([layer(x, 'a')], trained('a'));
  const executor = createInterpreter();
  const program = await executor.compile(momentGraph(layers));
  const runs = [
    await program.run({ x: tensor([1, 2, 1, 1], [1, 0]) }),
    await program.run({ x: tensor([3, 2, 1, 1], [-1, 0, 3, 4, 1, 0]) }),
  ];
  const matrix = whiteningMatrix(layers[0], runs, 0.5);
  // Means 1 and 1, of squares 3 and 4, of the product 3: their mean is 3.5.
  const [a, b, c] = [3 / 3.5 + 0.5, 4 / 3.5 + 0.5, 1 / 3.5 + 0.5];
  const [p, q] = [3 / 3.5, 1 / 3.5];
  const moments = [
    [a, p, q],
    [p, b, q],
    [q, q, c],
  ];
  expect(matrix.shape).toEqual([3, 3]);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++) {
      const product = moments[i].reduce((sum, value, k) => sum + value * matrix.data[3 * k + j], 0);
      expect(product).toBeCloseTo(Number(i === j), 5);
    }
});

test('inputs that are all zero give a finite matrix', async () => {
  const layers = linearLayers([layer(x, 'a')], trained('a'));
  const program = await createInterpreter().compile(momentGraph(layers));
  const run = await program.run({ x: tensor([2, 2, 1, 1], [0, 0, 0, 0]) });
  expect(whiteningMatrix(layers[0], [run], 0.1).data.every(Number.isFinite)).toBe(true);
});

/** Inputs whose two values hardly differ, and what a linear function makes of them. */
const SAMPLES = Array.from({ length: 16 }, (_, i) => [1 + 0.1 * Math.sin(i), 1 + 0.1 * Math.cos(3 * i)]);
const LINEAR = [1, -1, 0.5];
const INPUTS = tensor([16, 2, 1, 1], SAMPLES.flat());

const answer = ([u, v]: readonly number[], [a, b, c]: readonly number[]) => a * u + b * v + c;
const errorOf = (values: readonly number[]) =>
  SAMPLES.reduce((sum, x) => sum + (answer(x, values) - answer(x, LINEAR)) ** 2, 0) / SAMPLES.length;

/** Gradient of the mean squared error towards two weights and a bias. */
function slope(values: readonly number[]): number[] {
  const errors = SAMPLES.map((x) => (2 * (answer(x, values) - answer(x, LINEAR))) / SAMPLES.length);
  return [0, 1, 2].map((k) => errors.reduce((sum, e, i) => sum + e * [...SAMPLES[i], 1][k], 0));
}

const PARAMETERS = [
  { name: 'a.weight', shape: [1, 2, 1, 1], group: 'weight' as const },
  { name: 'a.bias', shape: [1], group: 'bias' as const },
];
const NAMED = [
  [PARAMETERS[0].name, tensor([1, 2, 1, 1], [0, 0])],
  [PARAMETERS[1].name, tensor([1], [0])],
] as const;

/** The error of a linear layer after steps of gradient descent. */
async function errorAfter(steps: number, lr: number, damping?: number): Promise<number> {
  const executor = createInterpreter();
  const output = conv2d(x, param('a.weight', [1, 2, 1, 1]), param('a.bias', [1]));
  const layers = linearLayers([output], trained('a'));
  const moments = await (await executor.compile(momentGraph(layers))).run({ x: INPUTS });
  const stored = flatVector('matrices', layers.map(whiteningOf));
  const vectors = PARAMETERS.map((parameter) => flatVector(parameter.name, [parameter]));
  const graph = buildUpdate({
    parameters: PARAMETERS.map(({ name, group }, i) => ({ name, group, shape: [vectors[i].size] })),
    optimizer: 'SGD',
    clipNorm: 1e9,
    ...(damping === undefined ? {} : { precondition: whitening(vectors, layers, stored) }),
  });
  const update = await executor.compile(graph);
  const start = initialState({ parameters: PARAMETERS, optimizer: 'SGD' }, new Map(NAMED));
  const matrix = [whiteningOf(layers[0]).name, whiteningMatrix(layers[0], [moments], damping ?? 1)] as const;
  const store = await executor.createStore(
    packValues([...vectors, stored], new Map([...NAMED, ...start, matrix])),
  );
  const feeds = updateFeeds({ lr: { weight: lr, bn: lr, bias: lr }, momentum: 0, weightDecay: 0, update: 1 });
  const values = async () =>
    [...(await store.read(['a.weight', 'a.bias'])).values()].flatMap(({ data }) => [...data]);
  for (let i = 0; i < steps; i++) {
    const [u, v, bias] = slope(await values());
    await store.write(
      new Map([
        ['grad/a.weight', tensor([2], [u, v])],
        ['grad/a.bias', tensor([1], [bias])],
      ]),
    );
    await update.run(feeds, store);
  }
  return errorOf(await values());
}

test('descent goes along all directions alike: what plain steps hardly begin, whitened ones end', async () => {
  // The largest steps that plain descent bears: 1 over the sum of the second moments.
  expect(await errorAfter(100, 0.3)).toBeGreaterThan(1e-3);
  expect(await errorAfter(100, 0.3, 1e-4)).toBeLessThan(1e-6);
});
