import { expect, test } from 'vitest';
import { type Contest, fastest, rememberedDevice } from './fastest-device.js';
import type { OwnValues } from './own-values.js';

/** A browser's memory that ends with the test. */
function memory(): OwnValues & { readonly values: Map<string, unknown> } {
  const values = new Map<string, unknown>();
  return {
    values,
    read: async (key) => values.get(key),
    write: async (key, value) => {
      values.set(key, value);
    },
  };
}

const never = () => new Promise<number>(() => {});
const contest = (own: OwnValues, measures: Readonly<Record<string, () => Promise<number>>>): Contest => ({
  key: 'this GPU',
  memory: own,
  devices: Object.entries(measures).map(([name, measure]) => ({ name, measure })),
  // Long enough for what is there already, and soon over for what never comes.
  budgetMs: 20,
});

test('the fastest is remembered for this GPU and browser, and no other', async () => {
  const own = memory();
  const figures = await fastest(contest(own, { 'tfjs-webgpu': async () => 5, wgsl: async () => 20 }));
  expect([...figures]).toEqual([
    ['wgsl', 20],
    ['tfjs-webgpu', 5],
  ]);
  expect(await rememberedDevice('this GPU', own)).toBe('wgsl');
  expect(await rememberedDevice('another GPU', own)).toBeUndefined();
});

test('what fails, or is not there in time, counts as nothing', async () => {
  const own = memory();
  const fails = () => Promise.reject(new Error('lost'));
  expect([...(await fastest(contest(own, { a: never, b: fails, c: async () => 1 })))]).toEqual([
    ['c', 1],
    ['a', 0],
    ['b', 0],
  ]);
  expect(await rememberedDevice('this GPU', own)).toBe('c');
  await fastest(contest(own, { a: never, b: fails }));
  expect(await rememberedDevice('this GPU', own)).toBe('a');
});

test('what someone else wrote there is not believed', async () => {
  const own = memory();
  for (const value of [undefined, 3, {}, { key: 'this GPU' }, { key: 'this GPU', device: 1 }]) {
    own.values.set('device', value);
    expect(await rememberedDevice('this GPU', own)).toBeUndefined();
  }
});
