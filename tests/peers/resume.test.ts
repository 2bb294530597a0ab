/** Runs that begin in YOLOv5 and go on here, and the other way round: the losses are those of a run that stays. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { resumeOnFiles, trainOnFiles } from '@froyolo/run/node';
import { loadCheckpoint } from '@froyolo/weights';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { hasPyTorch, python, someOfCoco128, WEIGHTS, why } from './peers.js';

const EPOCHS = 3;
const IMAGES = 8;
const IMGSZ = 640;
/** Largest difference of a loss, as a part of it: weights pass through half precision on the way. */
const TOLERANCE = 0.01;

/** Losses of training (box, objectness, class) by epoch. */
function losses(csv: string): Map<number, number[]> {
  const [, ...rows] = readFileSync(csv, 'utf8').trim().split('\n');
  return new Map(
    rows.map((row) => {
      const [epoch = Number.NaN, ...values] = row.split(',').map(Number);
      return [epoch, values.slice(0, 3)];
    }),
  );
}

function expectSame(actual: Map<number, number[]>, expected: Map<number, number[]>, epochs: number[]): void {
  for (const epoch of epochs) {
    const [found = [], wanted = []] = [actual.get(epoch), expected.get(epoch)];
    expect(wanted, `epoch ${epoch}`).toHaveLength(3);
    wanted.forEach((value, i) => {
      expect(Math.abs(Number(found[i]) - value) / value, `epoch ${epoch}, loss ${i}`).toBeLessThan(TOLERANCE);
    });
  }
}

const OPTIMIZERS = ['SGD', 'Adam', 'AdamW'] as const;
/** Steps of Adam don't shrink with the gradients. */
const RATES = { SGD: 0.01, Adam: 0.0002, AdamW: 0.0002 };

describe.skipIf(!hasPyTorch)(`a run that changes programs (${why})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-resume-'));
  const at = (...names: string[]) => join(folder, ...names);
  let data = '';

  // One batch of all images, none of them changed: nothing is left to chance.
  beforeAll(() => {
    data = someOfCoco128(at('data'), IMAGES, loadCheckpoint(readFileSync(WEIGHTS)).names ?? []);
    const { unfreeze, lr_scale, warmup_steps, nbs, ema_tau, ...hyp } = hypPresets['no-augmentation'];
    for (const optimizer of OPTIMIZERS)
      writeFileSync(at(`${optimizer}.yaml`), stringify({ ...hyp, lr0: RATES[optimizer] }));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const reference = (...args: string[]) =>
    python(['train.py', '--device', 'cpu', '--workers', '0', '--noplots', ...args]);

  test.each(OPTIMIZERS)(
    'from YOLOv5 to here: weights, averages, %s, epoch, settings',
    async (optimizer) => {
      reference(
        ...['--weights', WEIGHTS, '--data', data, '--hyp', at(`${optimizer}.yaml`), '--imgsz', String(IMGSZ)],
        ...['--epochs', String(EPOCHS), '--batch-size', String(IMAGES), '--noautoanchor'],
        ...['--optimizer', optimizer, '--save-period', '1', '--project', at('theirs'), '--name', optimizer],
      );
      const expected = losses(at('theirs', optimizer, 'results.csv'));
      const checkpoint = at('theirs', optimizer, 'weights/epoch0.pt');
      const result = await resumeOnFiles(checkpoint, {
        project: at('ours'),
        name: `${optimizer}-on`,
        device: 'cpu',
        workers: 0,
      });
      expect(result.status).toBe('finished');
      const found = losses(join(result.folder, 'results.csv'));
      expect([...found.keys()]).toEqual([1, 2]);
      expectSame(found, expected, [1, 2]);
    },
    900_000,
  );

  test.each(OPTIMIZERS)(
    'from here to YOLOv5 with %s',
    async (optimizer) => {
      const options = {
        weights: WEIGHTS,
        data,
        imgsz: IMGSZ,
        epochs: EPOCHS,
        batchSize: IMAGES,
        optimizer,
        hyp: at(`${optimizer}.yaml`),
        noautoanchor: true,
        device: 'cpu',
        workers: 0,
        project: at('ours'),
        savePt: true,
      };
      const whole = await trainOnFiles({ ...options, name: `${optimizer}-whole` });
      const stop = new AbortController();
      const stopped = await trainOnFiles(
        { ...options, name: `${optimizer}-stopped` },
        { signal: stop.signal, onEpoch: () => stop.abort() },
      );
      expect(stopped.status).toBe('stopped');
      reference('--resume', join(stopped.folder, 'weights/last.pt'));
      const found = losses(join(stopped.folder, 'results.csv'));
      expectSame(found, losses(join(whole.folder, 'results.csv')), [1, 2]);
    },
    900_000,
  );
});
