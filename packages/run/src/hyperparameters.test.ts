import { type Hyperparameters, hypPresets } from '@froyolo/data';
import { expect, test } from 'vitest';
import { hyperparametersOf } from './hyperparameters.js';

const low: Hyperparameters = hypPresets['scratch-low'];
const read = (hyp: Partial<Hyperparameters>, labelSmoothing?: number) =>
  hyperparametersOf(
    { readHyp: () => Promise.reject(new Error('nothing is to be read')) },
    { hyp, labelSmoothing },
  );

test('values that are not given are as in scratch-low; a setting replaces its own', async () => {
  expect(await read({})).toEqual(low);
  expect(await read({ lr0: 0.1, mosaic: 0 }, 0.2)).toEqual({
    ...low,
    lr0: 0.1,
    mosaic: 0,
    label_smoothing: 0.2,
  });
});

test('what no hyperparameter is, or can be, is refused by name', async () => {
  const misspelled: Record<string, number> = { lr: 0.1 };
  await expect(read(misspelled)).rejects.toThrow(/hyp:1: unknown hyperparameter "lr"/);
  await expect(read({ lr0: Number.NaN })).rejects.toThrow(/"lr0"/);
  await expect(read({ mosaic: 2 })).rejects.toThrow(/"mosaic"/);
});
