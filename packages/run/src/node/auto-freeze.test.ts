import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { createDetector } from '@froyolo/yolo';
import { expect, test } from 'vitest';
import { withFreezePicked } from './auto-freeze.js';

/** Small, so that plans take no time. */
const MODEL = readFileSync(join(import.meta.dirname, '../../../shapes/embedded/model.yaml'), 'utf8');
const detector = createDetector(MODEL, { names: ['a', 'b'], seed: 0 });
const hyp = hypPresets['scratch-low'];
const settings = { weights: '', data: 'data.yaml', imgsz: 300, batchSize: 16 };
const pick = (options: object) => withFreezePicked(detector, { ...settings, ...options }, hyp);

test('a freeze that is given stays', () => {
  for (const freeze of [undefined, [10], ['backbone'], ['auto', 3]])
    expect(pick({ freeze })).toEqual({ options: { ...settings, freeze } });
});

test('less memory, more frozen layers; larger images too', () => {
  const depth = (options: object) => pick({ freeze: ['auto'], ...options }).options.freeze![0] as number;
  const [large, medium, small] = [4e9, 1e9, 0.75e9].map((memory) => depth({ memory })) as [
    number,
    number,
    number,
  ];
  expect(large).toBe(0);
  expect(medium).toBeGreaterThan(0);
  expect(small).toBeGreaterThan(medium);
  expect(depth({ memory: 2e9, multiScale: true })).toBeGreaterThan(0);
  const { options, freezeReason } = pick({ freeze: ['auto'], memory: 1e9 });
  expect(freezeReason).toContain(`freeze ${options.freeze![0]}: training takes about`);
});

test('what is missing is said', () => {
  expect(() => pick({ freeze: ['auto'] })).toThrow('say how much there is');
  expect(() => pick({ freeze: ['auto'], memory: 1e9, batchSize: -1 })).toThrow('give one of them');
  expect(() => pick({ freeze: ['auto'], memory: 0.2e9 })).toThrow('no freeze fits into 0.2 GB');
});
