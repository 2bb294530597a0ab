/**
 * Many values as one vector. Training keeps the parameters of a group, their gradients, momentum and averages in one
 * vector each: an update is then a few ops on long vectors instead of many on short ones, and only a handful of values
 * pass between a program and its store.
 */
import { numel } from '@froyolo/common';
import { GraphError, type Node, param, type Tensor } from '../graph/node.js';
import { concat, reshape, slice } from '../ops/build.js';
import type { NamedShape } from './update.js';

interface Part extends NamedShape {
  /** Offset in the vector, in elements. */
  readonly offset: number;
}

export interface FlatVector {
  readonly name: string;
  /** Elements in all. */
  readonly size: number;
  readonly parts: readonly Part[];
}

/** @param name of the vector in a store; must differ from the names of what any vector holds */
export function flatVector(name: string, values: readonly NamedShape[]): FlatVector {
  let size = 0;
  const parts = values.map(({ name: part, shape }) => {
    const offset = size;
    size += numel(shape);
    return { name: part, shape, offset };
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
    parts.map(({ name: part, shape, offset }) => [
      part,
      reshape(slice(vector, 0, offset, offset + numel(shape)), shape),
    ]),
  );
}

/** The vector `[size]` made of a node for each of its values. */
export function joinNodes({ parts }: FlatVector, nodes: ReadonlyMap<string, Node>): Node {
  const flat = parts.map(({ name, shape }) => reshape(requiredValue(nodes, name), [numel(shape)]));
  return concat(flat, 0);
}

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
  for (const { name, offset } of parts) data.set(requiredValue(values, prefix + name).data, offset);
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
    for (const { name, shape, offset } of vector.parts)
      values.set(prefix + name, { dtype, shape, data: data.slice(offset, offset + numel(shape)) });
  }
  return values;
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
