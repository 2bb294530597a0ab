import { expect, test } from 'vitest';
import { identityOf } from './arm-identity.js';

const options = { data: 'data.yaml', freeze: ['24'], unfreeze: ['10:1,0:5'], seed: 3, epochs: 7 };
const identity = identityOf(options);

test('it has the freeze as the study writes it, and the seed', () => {
  expect(identity).toMatchObject({ freeze: '24/10:1,0:5', seed: 3 });
  expect(identityOf({ data: 'data.yaml' })).toMatchObject({ freeze: '0', seed: 0 });
  expect(identityOf({ data: 'data.yaml', freeze: ['0-9', 17] }).freeze).toBe('0-9,17');
});

test.each([
  { epochs: 8 },
  { imgsz: 320 },
  { optimizer: 'Adam' },
  { lrScale: ['backbone=0.1'] },
  { cache: 'features' },
] as const)('%j makes other settings', (change) => {
  expect(identityOf({ ...options, ...change }).settings).not.toBe(identity.settings);
});

test.each([
  { data: '/elsewhere/data.yaml' },
  { device: 'cuda:0' },
  { weights: '/cache/0123.pt' },
  { hyp: '/cache/hyp.yaml' },
  { workers: 2 },
  { imgsz: 640 },
])('%j does not: a path, a machine, a default', (change) => {
  expect(identityOf({ ...options, ...change })).toEqual(identity);
});
