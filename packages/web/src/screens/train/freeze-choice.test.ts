import { parseFreeze } from '@froyolo/freeze';
import { expect, test } from 'vitest';
import { selectorOf, toggled } from './freeze-choice.js';

test.each([
  [[], '0'],
  [[0, 1, 2], '3'],
  [[2, 0, 1, 17], '0-2,17-17'],
  [[5], '5-5'],
])('layers %j are written as %s', (layers, selector) => {
  expect(selectorOf(layers)).toBe(selector);
  expect(() => parseFreeze([selector])).not.toThrow();
});

test('a layer is switched off and on', () => {
  expect(toggled([0, 1], 1)).toEqual([0]);
  expect(toggled([0], 1)).toEqual([0, 1]);
});
