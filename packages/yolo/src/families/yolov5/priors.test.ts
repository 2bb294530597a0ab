import { type AnchorSize, checkAnchors } from '@froyolo/boxes';
import { readArrays } from '@froyolo/testing';
import { expect, test } from 'vitest';
import { labelSizes } from './priors.js';

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
