import { expect, test } from 'vitest';
import { peakMemory } from './peak-memory.js';

test('the peak is at least the present memory, and never falls', () => {
  const before = peakMemory();
  const block = Buffer.alloc(32 << 20, 1);
  const after = peakMemory();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after).toBeGreaterThan(block.length);
});
