import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hypPresets, parseHyp } from '@froyolo/data';
import { openDataset } from '@froyolo/data/node';
import { buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { createRandom, DEMO_CLASSES, drawScene, PRETRAIN_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { expect, test } from 'vitest';

const EMBEDDED = join(import.meta.dirname, '../../packages/shapes/embedded');
const read = (name: string) => readFileSync(join(EMBEDDED, name), 'utf8');
const model = buildModel(parseModelYaml(read('model.yaml'), { fileName: 'model.yaml' }));

test('the embedded architecture detects the pretraining classes with under half a million parameters', () => {
  expect(model.numClasses).toBe(PRETRAIN_CLASSES.length);
  expect(model.layers.reduce((sum, layer) => sum + layer.parameterCount, 0)).toBeLessThan(500_000);
});

test.each(['pretrain-hyp.yaml', 'demo-hyp.yaml'])('%s gives classes weight and keeps boxes exact', (name) => {
  const hyp = parseHyp(read(name), name);
  expect(hyp.cls).toBeGreaterThan(hypPresets['scratch-low'].cls);
  expect(hyp.degrees).toBe(0);
});

test('every shape at 160 px has an anchor of a similar size', () => {
  const anchors = [...read('model.yaml').matchAll(/- \[([\d, ]+)\] # stride/g)]
    .flatMap(([, row]) => row!.split(',').map(Number))
    .flatMap((width, i, all) => (i % 2 === 0 ? [[width, all[i + 1]!] as const] : []));
  expect(anchors).toHaveLength(9);
  for (let i = 0; i < 60; i++) {
    for (const { box } of drawScene(createRandom(i), [...PRETRAIN_CLASSES, ...DEMO_CLASSES], 160).objects) {
      const [w, h] = [box[2] - box[0], box[3] - box[1]];
      const ratios = anchors.map(([aw, ah]) => Math.max(w / aw, aw / w, h / ah, ah / h));
      expect(Math.min(...ratios)).toBeLessThan(2.5);
    }
  }
});

test('the data loader reads a generated dataset without a complaint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'froyolo-shapes-'));
  const yaml = await generateShapes({ out: join(folder, 'data'), classes: DEMO_CLASSES, train: 4, val: 2 });
  const { images, names, warnings, counts } = await openDataset(yaml, 'train');
  expect(names).toEqual(DEMO_CLASSES);
  expect(images).toHaveLength(4);
  expect(warnings).toEqual([]);
  expect(counts).toEqual({ missing: 0, empty: 0, corrupt: 0 });
  rmSync(folder, { recursive: true });
});
