import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { mapLimited } from './map-limited.js';

test('at most so many at once, results in order', async () => {
  let [now, most] = [0, 0];
  const doubled = await mapLimited([3, 1, 2, 0], 2, async (value) => {
    most = Math.max(most, ++now);
    await delay(value);
    now--;
    return 2 * value;
  });
  expect([doubled, most]).toEqual([[6, 2, 4, 0], 2]);
});

test('after an error nothing begins, and what is under way ends first', async () => {
  const ended: number[] = [];
  const work = async (value: number) => {
    if (value === 1) throw new Error('one');
    await delay(10);
    ended.push(value);
  };
  await expect(mapLimited([0, 1, 2, 3, 4, 5], 3, work)).rejects.toThrow('one');
  expect(ended).toEqual([0, 2]);
});
