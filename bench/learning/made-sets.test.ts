import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '@froyolo/data/node';
import { generateShapes } from '@froyolo/shapes/node';
import { afterAll, expect, test } from 'vitest';
import { makeFrequent } from './made-sets.js';

const folder = mkdtempSync(join(tmpdir(), 'made-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the most frequent classes become a set of their own, numbered anew', async () => {
  const all = join(folder, 'all');
  await generateShapes({ out: all, classes: ['cross'], train: 6, val: 1, imgsz: 64 });
  // Class 6 is in one image only, the others in two each.
  const classes = [[0, 6], [1, 0], [2, 1], [3, 2], [4, 3], [4]];
  for (const [i, list] of classes.entries()) {
    const lines = list.map((cls) => `${cls} 0.5 0.5 0.25 0.${cls + 1}`);
    writeFileSync(join(all, 'labels', 'train', `train-0000${i}.txt`), `${lines.join('\n')}\n`);
  }
  const from = join(all, 'renamed.yaml');
  writeFileSync(from, 'train: images/train\nval: images/val\nnames: [e, d, c, b, a, x, y]\n');

  const yaml = await makeFrequent(join(folder, 'few'), from);
  const [train, val] = [await openDataset(yaml, 'train'), await openDataset(yaml, 'val')];
  expect(train.names).toEqual(['e', 'd', 'c', 'b', 'a']);
  expect([train.images.length, val.images.length]).toEqual([4, 2]);
  expect(readFileSync(join(folder, 'few', 'labels', 'val', '0000.txt'), 'utf8')).toMatch(
    /^0 0\.5 0\.5 0\.25 0\.1\d*\n$/,
  );
  expect(readdirSync(folder).sort()).toEqual(['all', 'few']);
});
