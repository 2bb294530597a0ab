import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EpochEvent } from '@froyolo/yolo';
import { afterAll, expect, test } from 'vitest';
import { scalarsRecord, versionRecord } from './event-file.js';
import { Loggers } from './logger.js';
import { openLoggers } from './open-loggers.js';

const folder = mkdtempSync(join(tmpdir(), 'froyolo-loggers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const epoch = (n: number): EpochEvent => ({
  epoch: n,
  epochs: 2,
  losses: { box: 0.5 },
  lr: { bias: 0.1, weight: 0.01, bn: 0.01 },
  fitness: 0,
  best: true,
  freeze: '10',
  seconds: { training: 1, waiting: 0, validation: 0 },
});

test('records are those that TensorBoard 2 writes', () => {
  // By its EventFileWriter, for the same time, step and value.
  expect(versionRecord(1.5).toString('hex')).toBe(
    '1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c',
  );
  expect(scalarsRecord(1.5, 300, { a: 0.5 }).toString('hex')).toBe(
    '1800000000000000a37f4b2209000000000000f83f10ac022a0a0a080a0161150000003f64076a3f',
  );
});

test('TensorBoard gets a file in the folder of the run, with a record per epoch', async () => {
  const loggers = new Loggers(await openLoggers(['tensorboard']), {});
  // Only the folder is looked at.
  await (await openLoggers(['tensorboard']))
    .get('tensorboard')
    ?.onSetup?.call(undefined, { folder } as never);
  const [file = ''] = readdirSync(folder);
  expect(file).toMatch(/^events\.out\.tfevents\.\d+\..+\.0$/);
  expect(readFileSync(join(folder, file)).length).toBe(40);
  await loggers.events.onEpoch?.(epoch(0));
});

test('a module of the user is told everything; one that fails is left out and the training goes on', async () => {
  const good = join(folder, 'good.mjs');
  const bad = join(folder, 'bad.mjs');
  writeFileSync(
    good,
    'export const seen = [];\nexport default () => ({ onEpoch: ({ epoch }) => void seen.push(epoch) });\n',
  );
  writeFileSync(bad, 'export default { onEpoch() { throw new Error("no network"); } };\n');
  const warnings: string[] = [];
  const loggers = new Loggers(await openLoggers([bad, good]), { onWarning: (text) => warnings.push(text) });
  for (const n of [0, 1]) await loggers.events.onEpoch?.(epoch(n));
  const { seen } = await import(good);
  expect(seen).toEqual([0, 1]);
  expect(warnings).toEqual([`logger ${bad}: no network; it gets no more events`]);
});

test('what the system refuses a logger is told in words', async () => {
  const full = join(folder, 'full.mjs');
  const thrown = 'Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" })';
  writeFileSync(full, `export default { onEpoch() { throw ${thrown}; } };\n`);
  const warnings: string[] = [];
  const loggers = new Loggers(await openLoggers([full]), { onWarning: (text) => warnings.push(text) });
  await loggers.events.onEpoch?.(epoch(0));
  expect(warnings.join()).toMatch(/full\.mjs: no space left on the disk: make room/);
});

test.each([
  ['a module that is not there', './none.mjs', /can't be loaded/],
  ['a package that is not installed', 'no-such-logger', /can't be loaded/],
])('%s is an error', async (_, name, message) => {
  await expect(openLoggers([name])).rejects.toThrow(message);
});

test('a module without a logger says what one is', async () => {
  const file = join(folder, 'empty.mjs');
  writeFileSync(file, 'export default 1;\n');
  await expect(openLoggers([file])).rejects.toThrow(/onSetup, onStart, onBatch, onEpoch or onEnd/);
  expect(await openLoggers(['none'])).toEqual(new Map());
});
