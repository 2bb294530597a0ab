import { fitness } from '@froyolo/boxes';
import { openDevice } from '@froyolo/core/devices';
import { createDetector, type ValidationResult } from '@froyolo/yolo';
import { TOY_ARCHITECTURE, TOY_NAMES, toySource } from '@froyolo/yolo/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MemoryStore } from './memory-store.js';
import { openedFitness } from './opened-fitness.js';

type Run = Parameters<typeof openedFitness>[0];

let device: Run['device'];
beforeAll(async () => {
  device = await openDevice('cpu', { platform: 'node', threads: 1 });
});
afterAll(() => device.executor.dispose());

const detector = createDetector(TOY_ARCHITECTURE, { names: TOY_NAMES, seed: 1 });
const taught = { kept: 9, total: 9, fresh: [] };
const last = { ...taught, fresh: ['model.5.m.0.weight'] };
const val = { ...toySource(4, 4, 2), warnings: [], close: () => {} };

async function opened(start: Pick<Run, 'transferred' | 'classes'>, settings = {}, signal?: AbortSignal) {
  const store = new MemoryStore();
  const figures: ValidationResult[] = [];
  const run = {
    detector,
    device,
    settings: { noval: false, nosave: false, ...settings },
    ...start,
  };
  const value = await openedFitness(run, val, store, {
    signal,
    onOpened: (event) => void figures.push(event),
  });
  return { value, kept: store.detector('best'), figures };
}

test.each([
  ['all tensors are those of the checkpoint', { transferred: taught }],
  [
    'each class starts from one that is known',
    { transferred: last, classes: TOY_NAMES.map((name) => ({ name, from: 'dog' })) },
  ],
])('where %s, the detector is validated and is the best one', async (_, start) => {
  const { value, kept, figures } = await opened(start);
  expect(kept).toBe(detector);
  expect(figures.map(fitness)).toEqual([value]);
  expect(figures[0]?.instances).toBe(4);
});

test.each([
  ['with fresh tensors', { transferred: last }, {}],
  ['with a fresh class', { transferred: last, classes: [{ name: 'a', from: 'dog' }, { name: 'b' }] }, {}],
  ['from fresh values', {}, {}],
  ['without validation', { transferred: taught }, { noval: true }],
  ['without a best checkpoint', { transferred: taught }, { nosave: true }],
] as const)('a start %s is no result', async (_, start, settings) => {
  expect(await opened(start, settings)).toEqual({ value: undefined, kept: undefined, figures: [] });
});

test('figures of a validation that was aborted are no result', async () => {
  const { value, kept } = await opened({ transferred: taught }, {}, AbortSignal.abort());
  expect([value, kept]).toEqual([undefined, undefined]);
});
