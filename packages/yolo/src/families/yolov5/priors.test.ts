import { type AnchorSize, checkAnchors } from '@froyolo/boxes';
import { hypPresets } from '@froyolo/data';
import { architectureYaml, buildModel, parseModelYaml } from '@froyolo/model-yaml';
import { readArrays } from '@froyolo/testing';
import { expect, test } from 'vitest';
import { fitModelAnchors, labelSizes } from './priors.js';
import { yolov5 } from './yolov5.js';

test('sizes are in pixels of images with the long side at imgsz', () => {
  const image = { labels: Float32Array.of(0, 0.5, 0.5, 0.5, 0.25), width: 200, height: 100 };
  expect(Array.from(labelSizes([image], 640))).toEqual([320, 80]);
});

test('the default anchors reach nearly all objects of real images', () => {
  const { data } = readArrays(new URL('../../fixtures/targets.safetensors', import.meta.url))('targets');
  const sizes = Array.from(data)
    .filter((_, i) => i % 6 >= 4)
    .map((side) => side * 320);
  const anchors = [10, 16, 33, 30, 62, 59, 116, 156, 373].map(
    (w, i): AnchorSize => [w, [13, 30, 23, 61, 45, 119, 90, 198, 326][i]],
  );
  expect(checkAnchors(sizes, anchors).bestPossibleRecall).toBeGreaterThan(0.98);
});

test('anchors that a head keeps its rows with stay where they fit most of the boxes', () => {
  const model = buildModel(parseModelYaml(architectureYaml('yolov5n')), yolov5.head);
  const hyp = hypPresets['scratch-low'];
  /** Boxes of 10 to 40 pixels, and a share of 2 to 3 pixels, which no anchor can be matched to. */
  const images = (tiny: number) =>
    Array.from({ length: 100 }, (_, i) => {
      const side = i < 100 * tiny ? 2.1 + i / 100 : 10 + 0.3 * i;
      return { labels: Float32Array.of(0, 0.5, 0.5, side / 320, side / 320), width: 320, height: 320 };
    });
  const fit = (tiny: number, hasRows: boolean) =>
    fitModelAnchors(model, images(tiny), { imgsz: 320, hyp, seed: 0, hasRows });
  expect(fit(0.2, true)).toEqual({
    recall: 0.8,
    recallBefore: 0.8,
    warning: 'with others the last layer would start fresh',
  });
  expect(fit(0.5, true).replacement).toBeDefined();
  expect(fit(0.2, false).recall).toBeGreaterThan(0.9);
  expect(fit(0, true).warning).toBeUndefined();
});
