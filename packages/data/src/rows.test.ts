import { expect, test } from 'vitest';
import { countRows, LABEL_ROW, rowLayout, TARGET_ROW } from './rows.js';

test('a layout gives columns their positions and rows their width', () => {
  const layout = rowLayout('angle', 'x', 'y');
  expect(layout.width).toBe(3);
  expect(layout.at).toEqual({ angle: 0, x: 1, y: 2 });
  expect(countRows(new Float32Array(12), layout)).toBe(4);
});

test('a target is its image and a label', () => {
  expect(TARGET_ROW.columns).toEqual(['image', ...LABEL_ROW.columns]);
});
