import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { createDetector } from '@froyolo/yolo';
import { expect, test } from 'vitest';
import { withFreezePicked } from './auto-freeze.js';
import { type OptionsOf, resolveSettings, SETTINGS } from './settings/index.js';

/** Small, so that plans take no time. */
const MODEL = readFileSync(join(import.meta.dirname, '../../shapes/embedded/model.yaml'), 'utf8');
const detector = createDetector(MODEL, { names: ['a', 'b'], seed: 0 });
const hyp = hypPresets['scratch-low'];
const given = { weights: '', data: 'data.yaml', imgsz: 300, batchSize: 16 };
const resolved = (options: Partial<OptionsOf<typeof SETTINGS, 'train'>>) =>
  resolveSettings(SETTINGS, 'train', { ...given, ...options });
const pick = (options: Parameters<typeof resolved>[0]) => withFreezePicked(detector, resolved(options), hyp);

test('a freeze that is given stays', () => {
  for (const freeze of [undefined, [10], ['backbone'], ['auto', 3]])
    expect(pick({ freeze })).toEqual({ settings: resolved({ freeze }) });
});

test('less memory, more frozen layers; larger images too', () => {
  const depth = (options: Parameters<typeof resolved>[0]) =>
    Number(pick({ freeze: ['auto'], ...options }).settings.freeze[0]);
  const [large, medium, small] = [4e9, 1e9, 0.75e9].map((memory) => depth({ memory })) as [
    number,
    number,
    number,
  ];
  expect(large).toBe(0);
  expect(medium).toBeGreaterThan(0);
  expect(small).toBeGreaterThan(medium);
  expect(depth({ memory: 2e9, multiScale: true })).toBeGreaterThan(0);
  const { settings, freezeReason } = pick({ freeze: ['auto'], memory: 1e9 });
  expect(freezeReason).toContain(`freeze ${settings.freeze[0]}: training takes about`);
});

test('what is missing is said', () => {
  expect(() => pick({ freeze: ['auto'] })).toThrow('say how much there is');
  expect(() => pick({ freeze: ['auto'], memory: 1e9, batchSize: -1 })).toThrow('give one of them');
  expect(() => pick({ freeze: ['auto'], memory: 0.2e9 })).toThrow('no freeze fits into 0.2 GB');
});
