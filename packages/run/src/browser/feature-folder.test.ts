import { expect, test } from 'vitest';
import { identifyPageImages, openPageFeatures } from './feature-folder.js';

const image = { path: 'a.jpg', width: 4, height: 2, labels: Float32Array.from([0, 0.5, 0.5, 0.2, 0.2]) };
const dataset = (content: string, labels = image.labels) => ({
  split: 'train' as const,
  images: [{ ...image, labels }],
  names: ['a'],
  warnings: [],
  counts: { missing: 0, empty: 0, corrupt: 0 },
  files: new Map([['a.jpg', new Blob([content])]]),
});
const identityOf = async (one: ReturnType<typeof dataset>) => (await identifyPageImages(one, [one]))[0];

test('an image is another one when its labels, its beginning, its end or its length differ', async () => {
  const long = 'x'.repeat(20_000);
  const first = await identityOf(dataset(`a${long}b`));
  expect(await identityOf(dataset(`a${long}b`))).toBe(first);
  const others = [
    dataset(`c${long}b`),
    dataset(`a${long}c`),
    dataset(`a${long}xb`),
    dataset(`a${long}b`, Float32Array.from([1, 0.5, 0.5, 0.2, 0.2])),
  ];
  for (const other of others) expect(await identityOf(other)).not.toBe(first);
});

test('without a folder features are kept in memory', async () => {
  const told: unknown[] = [];
  const store = await openPageFeatures(
    {
      key: 'k',
      dataset: dataset('x'),
      elements: 3,
      settings: { cacheVariants: 2, cacheIn: 'disk' },
      onFeatures: (event) => told.push(event),
      onDamaged: expect.fail,
    },
    undefined,
  );
  expect(told).toEqual([{ there: 0, wanted: 2, capacity: 2, entryBytes: 6 }]);
  const id = { index: 0, slot: 1, draw: 1 };
  await store.write(id, { features: Uint16Array.of(1, 2, 3), labels: new Float32Array() });
  expect(store.has(id)).toBe(true);
});
