import { expect, test } from 'vitest';
import { createInterpreter } from '../executors/interpreter/interpret.js';
import type { Tensor } from '../graph/node.js';
import { flatVector, joinNodes, packValues, partNodes, unpackValues } from './flat.js';

const vector = flatVector('weights', [
  { name: 'a', shape: [2, 3] },
  { name: 'b', shape: [] },
  { name: 'c', shape: [2] },
]);
const tensor = (shape: number[], data: number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const named = new Map([
  ['a', tensor([2, 3], [1, 2, 3, 4, 5, 6])],
  ['b', tensor([], [7])],
  ['c', tensor([2], [8, 9])],
]);

test('values lie one after the other', () => {
  expect(vector.size).toBe(9);
  const packed = packValues([vector], named);
  expect([...packed.get('weights')!.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('unpacking gives back what was packed, under each prefix', () => {
  const both = new Map([...named, ...[...named].map(([name, value]) => [`ema/${name}`, value] as const)]);
  const packed = packValues([vector], both);
  expect([...packed.keys()]).toEqual(['weights', 'ema/weights']);
  expect(unpackValues([vector], packed)).toEqual(both);
});

test('nodes: parts of a vector joined again are the vector', async () => {
  const executor = createInterpreter();
  const parts = partNodes(vector);
  expect(parts.get('a')!.shape).toEqual([2, 3]);
  const program = await executor.compile({
    outputs: { joined: joinNodes(vector, parts), a: parts.get('a')! },
  });
  const store = await executor.createStore(packValues([vector], named));
  const { joined, a } = await program.run({}, store);
  expect([...joined.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(a.shape).toEqual([2, 3]);
});

test('filters lie in another order, and are read and given back in theirs', async () => {
  const filter = { name: 'w', shape: [2, 3, 1, 2] };
  const ordered = flatVector('filters', [filter, { name: 'b', shape: [2] }], 'HWIO');
  const values = new Map([
    ['w', tensor(filter.shape, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])],
    ['b', tensor([2], [12, 13])],
  ]);
  const packed = packValues([ordered], values);
  expect([...packed.get('filters')!.data]).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11, 12, 13]);
  expect(unpackValues([ordered], packed)).toEqual(values);
  const executor = createInterpreter();
  const parts = partNodes(ordered);
  const program = await executor.compile({
    outputs: { w: parts.get('w')!, joined: joinNodes(ordered, parts) },
  });
  const { w, joined } = await program.run({}, await executor.createStore(packed));
  expect(w).toEqual(values.get('w'));
  expect([...joined.data]).toEqual([...packed.get('filters')!.data]);
});

test('what is missing or unknown is named', () => {
  expect(() => joinNodes(vector, new Map())).toThrow('no value given for "a"');
  expect(() => packValues([vector], new Map([['ema/a', tensor([2, 3], [])]]))).toThrow('"ema/b"');
  expect(() => unpackValues([vector], new Map([['ema/other', tensor([1], [0])]]))).toThrow('"ema/other"');
});
