import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eachAtOnce } from './each-at-once.js';

const items = [0, 1, 2, 3, 4, 5];

test.each([1, 2, Number.POSITIVE_INFINITY])(
  '%s at a time: all in order, never more at once',
  async (limit) => {
    const begun: number[] = [];
    let [now, most] = [0, 0];
    await eachAtOnce(items, limit, async (item) => {
      begun.push(item);
      most = Math.max(most, ++now);
      await delay(1);
      now--;
      return 'go on';
    });
    expect(begun).toEqual(items);
    expect(most).toBe(Math.min(limit, items.length));
  },
);

test('after a stop nothing more begins', async () => {
  const begun: number[] = [];
  await eachAtOnce(items, 1, async (item) => {
    begun.push(item);
    return item === 2 ? 'stop' : 'go on';
  });
  expect(begun).toEqual([0, 1, 2]);
});

test('after an error what is under way ends first', async () => {
  const ended: number[] = [];
  const work = eachAtOnce(items, 2, async (item) => {
    if (item === 0) throw new Error('no');
    await delay(5);
    ended.push(item);
    return 'go on';
  });
  await expect(work).rejects.toThrow('no');
  expect(ended).toEqual([1]);
});
