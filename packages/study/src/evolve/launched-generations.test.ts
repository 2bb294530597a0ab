import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hypPresets } from '@froyolo/data';
import { resultsHeader } from '@froyolo/run';
import { expect, test } from 'vitest';
import type { ArmLauncher, ArmOrder } from '../launcher.js';
import { launchedGenerations } from './launched-generations.js';

test('a generation is the last row of what the launcher leaves, whose folder goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-generations-'));
  const orders: ArmOrder[] = [];
  const header = resultsHeader(['box', 'obj', 'cls']);
  const columns = header.split(',').map((name) => name.trim());
  const row = (values: Readonly<Record<string, number>>) =>
    columns.map((name) => values[name] ?? 0).join(',');
  const launch: ArmLauncher = async (order) => {
    orders.push(order);
    const own = join(folder, order.name);
    mkdirSync(own);
    const rows = [
      row({ epoch: 0 }),
      row({ epoch: 1, 'metrics/mAP_0.5': 0.5, 'metrics/recall': 0.25, 'val/obj_loss': 2 }),
    ];
    writeFileSync(join(own, 'results.csv'), `${header}${rows.join('\n')}\n`);
    return 'finished';
  };
  const order = { folder, generation: 3, options: { data: 'd.yaml', epochs: 2 }, hyp: hypPresets.VOC };
  const generation = launchedGenerations(launch)(order, new AbortController().signal, {});
  expect(await generation).toEqual({
    precision: 0,
    recall: 0.25,
    mAP50: 0.5,
    mAP50_95: 0,
    losses: { box: 0, obj: 2, cls: 0 },
  });
  expect(orders).toEqual([
    {
      folder,
      name: 'generation3',
      settings: { data: 'd.yaml', epochs: 2, hyp: hypPresets.VOC, noval: true },
    },
  ]);
  expect(existsSync(join(folder, 'generation3'))).toBe(false);
  const stopped = launchedGenerations(async () => 'stopped')(order, new AbortController().signal, {});
  expect(await stopped).toBeUndefined();
  rmSync(folder, { recursive: true });
});
