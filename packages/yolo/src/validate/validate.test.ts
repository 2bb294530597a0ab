import { disposable, type Executor } from '@froyolo/core';
import type { Batch } from '@froyolo/data';
import { architectureYaml } from '@froyolo/model-yaml';
import { expect, test } from 'vitest';
import { createDetector } from '../detector/detector.js';
import { type ImageDetections, validate } from './validate.js';

const detector = createDetector(architectureYaml('yolov5n'), { names: ['cat', 'dog'], seed: 0 });

/** Finds one dog in every image: 16 by 32 pixels around (32, 24). */
const executor: Executor = disposable({
  name: 'fixed',
  async compile() {
    const data = Float32Array.of(32, 24, 16, 32, 0.9, 0, 1);
    const predictions = { dtype: 'float32', shape: [1, 1, 7], data } as const;
    return { run: async () => ({ predictions }), dispose: async () => {} };
  },
  createStore: () => Promise.reject(new Error('not used')),
  dispose: async () => {},
});

/** An image of 128 by 96 pixels fitted into 64 by 64, with 8 rows of padding above and below; a cat where the dog is. */
async function* batches(): AsyncGenerator<Batch> {
  yield {
    images: new Uint8Array(3 * 64 * 64),
    shape: [1, 3, 64, 64],
    targets: Float32Array.of(0, 0, 32 / 64, 24 / 64, 16 / 64, 32 / 64),
    paths: ['images/one.jpg'],
    meta: [{ index: 0, originalShape: [96, 128], ratio: [0.5, 0.5], pad: [0, 8] }],
  };
}

test('a detection of another class is wrong, unless all classes count as one', async () => {
  const strict = await validate(detector, batches(), { executor });
  expect([strict.mAP50, strict.instances, strict.classes.map(({ name }) => name)]).toEqual([0, 1, ['cat']]);
  const single = await validate(detector, batches(), { executor, singleCls: true });
  expect(single.mAP50).toBeCloseTo(0.995, 6);
  expect(single.classes.map(({ name }) => name)).toEqual(['item']);
});

test('detections of each image, in its own pixels', async () => {
  const images: ImageDetections[] = [];
  await validate(detector, batches(), { executor, onImage: (event) => void images.push(event) });
  expect(images).toEqual([
    {
      path: 'images/one.jpg',
      width: 128,
      height: 96,
      detections: [{ classId: 1, name: 'dog', confidence: expect.closeTo(0.9, 6), box: [48, 0, 80, 64] }],
    },
  ]);
});
