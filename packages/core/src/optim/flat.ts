/**
 * Many values as one vector. Training keeps the parameters of a group, their gradients, momentum and averages in one
 * vector each: an update is then a few ops on long vectors instead of many on short ones, and only a handful of values
 * pass between a program and its store.
 */
import { numel } from '@froyolo/common';
import type { FilterOrder } from '../executors/executor.js';
import { GraphError, type Node, param, type Tensor } from '../graph/node.js';
import { concat, reshape, slice, transpose } from '../ops/build.js';
import type { NamedShape } from './update.js';

/** Axes of a filter in the order `HWIO`, and those of what is stored so in a filter's order. */
const HWIO = [2, 3, 1, 0];
const FROM_HWIO = [3, 2, 0, 1];

interface Part extends NamedShape {
  /** Offset in the vector, in elements. */
  readonly offset: number;
  readonly order: FilterOrder;
}

export interface FlatVector {
  readonly name: string;
  /** Elements in all. */
  readonly size: number;
  readonly parts: readonly Part[];
}

/**
 * @param name of the vector in a store; must differ from the names of what any vector holds
 * @param filters how values of four axes lie in it
 */
export function flatVector(
  name: string,
  values: readonly NamedShape[],
  filters: FilterOrder = 'OIHW',
): FlatVector {
  let size = 0;
  const parts = values.map(({ name: part, shape }) => {
    const offset = size;
    size += numel(shape);
    return { name: part, shape, offset, order: shape.length === 4 ? filters : 'OIHW' };
  });
  return { name, size, parts };
}

/**
 * The values that a vector holds, by name, each in its own shape.
 * @param vector its leaf, where the graph has one already
 */
export function partNodes(
  { name, size, parts }: FlatVector,
  vector: Node = param(name, [size]),
): Map<string, Node> {
  return new Map(
    parts.map((part) => {
      const { shape, offset } = part;
      const stored = reshape(slice(vector, 0, offset, offset + numel(shape)), storedShape(part));
      return [part.name, isMoved(part) ? transpose(stored, FROM_HWIO) : stored];
    }),
  );
}

/** The vector `[size]` made of a node for each of its values. */
export function joinNodes({ parts }: FlatVector, nodes: ReadonlyMap<string, Node>): Node {
  const flat = parts.map((part) => {
    const node = requiredValue(nodes, part.name);
    return reshape(isMoved(part) ? transpose(node, HWIO) : node, [numel(part.shape)]);
  });
  return concat(flat, 0);
}

const isMoved = ({ order }: Part) => order === 'HWIO';
const storedShape = ({ shape, order }: Part) => (order === 'HWIO' ? HWIO.map((axis) => shape[axis]) : shape);

/**
 * Packs named values as a store holds them: `PREFIX/NAME` of every part becomes `PREFIX/VECTOR`. A prefix is what
 * stands up to the last slash of a name (`grad/`, `ema/`, or nothing).
 * @throws GraphError when a prefix has some parts of a vector and lacks others
 */
export function packValues(
  vectors: readonly FlatVector[],
  values: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const prefixes = new Set([...values.keys()].map((key) => key.slice(0, key.lastIndexOf('/') + 1)));
  const packed = new Map<string, Tensor>();
  for (const vector of vectors)
    for (const prefix of prefixes)
      if (vector.parts.some(({ name }) => values.has(prefix + name)))
        packed.set(prefix + vector.name, packOne(vector, prefix, values));
  return packed;
}

function packOne({ size, parts }: FlatVector, prefix: string, values: ReadonlyMap<string, Tensor>): Tensor {
  const data = new Float32Array(size);
  for (const part of parts) {
    const { data: own } = requiredValue(values, prefix + part.name);
    data.set(isMoved(part) ? moved(own, part.shape, HWIO) : own, part.offset);
  }
  return { dtype: 'float32', shape: [size], data };
}

/** Splits the vectors of a store into named values: `PREFIX/VECTOR` becomes `PREFIX/NAME` for each of its parts. */
export function unpackValues(
  vectors: readonly FlatVector[],
  stored: ReadonlyMap<string, Tensor>,
): Map<string, Tensor> {
  const values = new Map<string, Tensor>();
  for (const [key, { dtype, data }] of stored) {
    const vector = vectorOf(vectors, key);
    const prefix = key.slice(0, key.length - vector.name.length);
    for (const part of vector.parts) {
      const { name, shape, offset } = part;
      const own = data.slice(offset, offset + numel(shape));
      const inOrder = isMoved(part) ? moved(own, storedShape(part), FROM_HWIO) : own;
      values.set(prefix + name, { dtype, shape, data: inOrder });
    }
  }
  return values;
}

/** The elements of a value of `shape` with its axes in another order. */
function moved(data: Tensor['data'], shape: readonly number[], axes: readonly number[]): Tensor['data'] {
  const strides = shape.map((_, axis) => numel(shape.slice(axis + 1)));
  const [a, b, c, d] = axes.map((axis) => ({ size: shape[axis], stride: strides[axis] }));
  const result = data.slice();
  let to = 0;
  for (let i = 0; i < a.size; i++)
    for (let j = 0; j < b.size; j++)
      for (let k = 0; k < c.size; k++)
        for (let l = 0; l < d.size; l++)
          result[to++] = data[i * a.stride + j * b.stride + k * c.stride + l * d.stride];
  return result;
}

function vectorOf(vectors: readonly FlatVector[], key: string): FlatVector {
  const vector = vectors.find(({ name }) => key === name || key.endsWith(`/${name}`));
  if (!vector) throw new GraphError(`no vector is stored as "${key}"`);
  return vector;
}

function requiredValue<T>(values: ReadonlyMap<string, T>, name: string): T {
  const value = values.get(name);
  if (!value) throw new GraphError(`no value given for "${name}"`);
  return value;
}
