import { expect, test } from 'vitest';
import { CocoPredictions, categoryIds, cocoAnnotations, imageId } from './coco-results.js';

test("images whose name is a number have it, as COCO's do", () => {
  expect(['a/000000000139.jpg', 'b/photo 1.png'].map(imageId)).toEqual([139, 'photo 1']);
});

test("classes have COCO's numbers for its validation images alone", () => {
  const ids = categoryIds(80, ['../datasets/coco/val2017.txt']);
  expect([ids.length, ids[0], ids[11], ids[79]]).toEqual([80, 1, 13, 90]);
  expect(categoryIds(3, ['coco/val2017.txt'])).toEqual([0, 1, 2]);
  expect(categoryIds(80, ['images/val'])[79]).toBe(79);
});

test('detections and labels are boxes of left, top, width, height in pixels', () => {
  const predictions = new CocoPredictions([0, 1]);
  const detection = { classId: 1, name: 'b', confidence: 0.123456789, box: [1.00049, 2, 11, 22.5] as const };
  predictions.add({ path: 'x/7.jpg', detections: [detection, detection] });
  expect(JSON.parse(predictions.json)).toEqual(
    Array(2).fill({ image_id: 7, category_id: 1, bbox: [1, 2, 10, 20.5], score: 0.12346 }),
  );
  expect(JSON.parse(new CocoPredictions([]).json)).toEqual([]);
  const image = { path: 'x/7.jpg', width: 100, height: 50, labels: Float32Array.of(1, 0.5, 0.5, 0.25, 0.5) };
  expect(cocoAnnotations({ images: [image], names: ['a', 'b'] }, [0, 1])).toMatchObject({
    images: [{ id: 7, file_name: '7.jpg', width: 100, height: 50 }],
    annotations: [{ id: 1, image_id: 7, category_id: 1, bbox: [37.5, 12.5, 25, 25], area: 625, iscrowd: 0 }],
    categories: [
      { id: 0, name: 'a' },
      { id: 1, name: 'b' },
    ],
  });
});
