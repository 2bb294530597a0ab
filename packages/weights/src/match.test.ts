import { numel } from '@froyolo/common';
import { expect, test } from 'vitest';
import { matchTensors } from './match.js';
import { float32Tensor } from './tensor.js';

test('tensors are sorted by whether name and shape agree', () => {
  const zeros = (...shape: number[]) => float32Tensor(shape, new Float32Array(numel(shape)));
  const stored = new Map([
    ['a', zeros(2, 3)],
    ['b', zeros(4)],
    ['old', zeros(1)],
  ]);
  const match = matchTensors(stored, [
    { name: 'b', shape: [5] },
    { name: 'new', shape: [1] },
    { name: 'a', shape: [2, 3] },
  ]);
  expect([...match.matched]).toEqual([['a', stored.get('a')]]);
  expect(match.missing).toEqual(['new']);
  expect(match.unexpected).toEqual(['old']);
  expect(match.mismatched).toEqual([{ name: 'b', expected: [5], found: [4] }]);
});
