/**
 * Whitening: the gradient of a linear layer is multiplied by the inverse of its inputs' second moments, as if the inputs
 * were uncorrelated and of one size. Descent is then as fast along a direction in which inputs hardly vary as along the one in
 * which they vary most; for a layer that learns alone this is most of what a second-order method gains. It is the factor of
 * the inputs in K-FAC (Martens & Grosse, 2015), used alone as in FOOF (Benzing, 2022). Inputs are measured once, when the layer
 * begins to learn.
 */
import { numel } from '@froyolo/common';
import type { Executor, Store } from '../executors/executor.js';
import { type Graph, GraphError, type Node, type Tensor, topologicalOrder } from '../graph/node.js';
import { apply } from '../ops/apply.js';
import { concat, matmul, reduceSum, reshape, size, slice } from '../ops/build.js';
import { isOp, type OpNode } from '../ops/op-node.js';
import { fixedSize } from '../ops/shapes.js';
import { type FlatVector, joinNodes, partNodes } from './flat.js';
import type { NamedShape } from './update.js';

/** A 1 × 1 convolution with a bias, both trained. */
export interface LinearLayer {
  /** Names of its parameters, `[O, C, 1, 1]` and `[O]`. */
  readonly weight: string;
  readonly bias: string;
  /** `[N, C, H, W]` */
  readonly inputs: Node;
  /** C, and one for the bias. */
  readonly width: number;
}

const AXES = { batch: 0, rows: 2, columns: 3 };
const POSITIONS = Object.values(AXES);

/** The layers of a graph that can be whitened. */
export const linearLayers = (outputs: readonly Node[], trained: ReadonlySet<string>): LinearLayer[] =>
  topologicalOrder(outputs).flatMap((node) => {
    if (!isOp(node, 'conv2d') || !isPointwise(node)) return [];
    const [inputs, weight, bias] = node.inputs;
    if (!bias || !isTrained(weight, trained) || !isTrained(bias, trained)) return [];
    return [{ weight: weight.name, bias: bias.name, inputs, width: fixedSize(inputs.shape, 1) + 1 }];
  });

const isTrained = (node: Node, trained: ReadonlySet<string>): node is Node & { readonly name: string } =>
  node.op === 'param' && node.name !== undefined && trained.has(node.name);

const isPointwise = ({ inputs: [x, weight], shape, attrs: { groups } }: OpNode<'conv2d'>): boolean =>
  groups === 1 &&
  numel(weight.shape.slice(2) as number[]) === 1 &&
  [AXES.rows, AXES.columns].every((axis) => x.shape[axis] === shape[axis]);

/** The matrix of a layer among what is stored: `[C + 1, C + 1]`. */
export const whiteningOf = ({ weight, width }: LinearLayer): NamedShape => ({
  name: weight.replace(/weight$/, 'whitening'),
  shape: [width, width],
});

/** Whether a stored value is the matrix of a layer: it is measured, not learned, so nothing is its average. */
export const isWhitening = (name: string): boolean => name.endsWith('.whitening');

/** Sums over the inputs of a batch: of products `products/WEIGHT` `[C, C, 1, 1]`, of values `sums/WEIGHT` `[C]`, and how many. */
export function momentGraph(layers: readonly LinearLayer[]): Graph {
  const ofLayer = ({ weight, inputs: x }: LinearLayer): [string, Node][] => [
    [`products/${weight}`, apply('conv2dBackwardWeight', [x, x], POINTWISE)],
    [`sums/${weight}`, reduceSum(x, POSITIONS)],
    [`count/${weight}`, size(x, POSITIONS)],
  ];
  return { outputs: Object.fromEntries(layers.flatMap(ofLayer)) };
}

const POINTWISE = { stride: [1, 1], pad: [0, 0], dilation: [1, 1], groups: 1, kernel: [1, 1] } as const;

/** The gradients by name, those of the layers multiplied by their matrices. */
function whitened(
  gradients: ReadonlyMap<string, Node>,
  layers: readonly LinearLayer[],
  matrices: ReadonlyMap<string, Node>,
): Map<string, Node> {
  const all = new Map(gradients);
  for (const layer of layers) {
    const [weight, bias] = [layer.weight, layer.bias].map((name) => named(gradients, name));
    const [rows, columns] = [fixedSize(weight.shape, 0), layer.width - 1];
    const flat = concat([reshape(weight, [rows, columns]), reshape(bias, [rows, 1])], 1);
    const product = matmul(flat, named(matrices, whiteningOf(layer).name));
    all.set(layer.weight, reshape(slice(product, 1, 0, columns), [rows, columns, 1, 1]));
    all.set(layer.bias, reshape(slice(product, 1, columns, columns + 1), [rows]));
  }
  return all;
}

/** The same for gradients that lie in vectors: what `buildUpdate` is given. The matrices are parts of a vector, too. */
export function whitening(
  vectors: readonly FlatVector[],
  layers: readonly LinearLayer[],
  stored: FlatVector,
): (gradients: ReadonlyMap<string, Node>) => Map<string, Node> {
  return (gradients) => {
    const parts = new Map(vectors.flatMap((vector) => [...partNodes(vector, gradients.get(vector.name))]));
    const next = whitened(parts, layers, partNodes(stored));
    return new Map(vectors.map((vector) => [vector.name, joinNodes(vector, next)]));
  };
}

function named(nodes: ReadonlyMap<string, Node>, name: string): Node {
  const node = nodes.get(name);
  if (!node) throw new GraphError(`no node given for "${name}"`);
  return node;
}

/** A matrix that changes nothing, until one is measured. */
export function unwhitened(layer: LinearLayer): [name: string, Tensor] {
  const { name, shape } = whiteningOf(layer);
  const data = Float32Array.from({ length: layer.width ** 2 }, (_, i) => Number(i % (layer.width + 1) === 0));
  return [name, { dtype: 'float32', shape, data }];
}

/**
 * The matrices by name, measured on what a moment graph is fed.
 * @param damping as for `whiteningMatrix`
 * @param store values of what is trained before the layers
 */
export async function measureWhitening(
  executor: Executor,
  { graph, layers }: { readonly graph: Graph; readonly layers: readonly LinearLayer[] },
  feeds: AsyncIterable<Readonly<Record<string, Tensor>>>,
  damping: number,
  store?: Store,
): Promise<Map<string, Tensor>> {
  const program = await executor.compile(graph);
  try {
    const batches: Record<string, Tensor>[] = [];
    for await (const feed of feeds) batches.push(await program.run(feed, store));
    return new Map(
      layers.map((layer) => [whiteningOf(layer).name, whiteningMatrix(layer, batches, damping)]),
    );
  } finally {
    await program.dispose();
  }
}

/**
 * A layer's matrix from outputs of its moment graph: (M / m + damping · 1)⁻¹, where M are the second moments of its inputs
 * and of a constant 1 for the bias, and m is the mean of those of the inputs.
 * @param batches outputs of one or more batches
 * @param damping what directions without any variance count, above 0: the step along them is at most 1 / damping times as long
 */
export function whiteningMatrix(
  layer: LinearLayer,
  batches: readonly Readonly<Record<string, Tensor>>[],
  damping: number,
): Tensor {
  const { weight, width } = layer;
  const total = (kind: string) => sumOf(batches.map((outputs) => outputs[`${kind}/${weight}`]));
  const [products, sums, [count]] = [total('products'), total('sums'), total('count')];
  const inputs = width - 1;
  const moments = Array.from({ length: width }, (_, i) =>
    Float64Array.from({ length: width }, (_, j) => {
      if (i < inputs && j < inputs) return products[i * inputs + j] / count;
      return i === j ? 1 : sums[Math.min(i, j)] / count;
    }),
  );
  const mean = moments.slice(0, inputs).reduce((sum, row, i) => sum + row[i], 0) / inputs || 1;
  for (const [i, row] of moments.entries())
    for (let j = 0; j < width; j++) row[j] = row[j] / mean + (i === j ? damping : 0);
  invert(moments);
  const data = Float32Array.from({ length: width ** 2 }, (_, i) => moments[Math.floor(i / width)][i % width]);
  return { dtype: 'float32', shape: [width, width], data };
}

function sumOf(tensors: readonly Tensor[]): Float64Array {
  const sum = new Float64Array(tensors[0]?.data.length ?? 0);
  for (const { data } of tensors) for (let i = 0; i < sum.length; i++) sum[i] += data[i];
  return sum;
}

/** Inverts a matrix in place by Gauss and Jordan's elimination; symmetric ones without an eigenvalue near 0 need no pivots. */
function invert(rows: readonly Float64Array[]): void {
  for (const [column, pivot] of rows.entries()) {
    const scale = pivot[column];
    pivot[column] = 1;
    for (let j = 0; j < pivot.length; j++) pivot[j] /= scale;
    for (const row of rows) if (row !== pivot) eliminate(row, pivot, column);
  }
}

function eliminate(row: Float64Array, pivot: Float64Array, column: number): void {
  const factor = row[column];
  row[column] = 0;
  for (let j = 0; j < row.length; j++) row[j] -= factor * pivot[j];
}
