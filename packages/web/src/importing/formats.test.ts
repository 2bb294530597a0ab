import { parseDatasetYaml, parseLabels } from '@froyolo/data';
import { expect, test } from 'vitest';
import type { Picture } from '../library/types.js';
import { cocoFiles, vocFiles, yoloFiles } from './formats.js';

const picture: Picture = {
  project: 'p',
  id: 1,
  path: 'a & b.jpg',
  width: 100,
  height: 50,
  split: 'train',
  done: true,
  boxes: [
    { classId: 1, box: [10, 10, 30, 20] },
    { classId: 0, box: [0, 0, 100, 50] },
  ],
};
const NAMES = ['cat', 'a & b'];
const pictures = [{ picture, stem: 'a & b', image: 'images/train/a & b.jpg' }];

test('YOLO: what the project reads again', () => {
  const files = yoloFiles(NAMES, pictures);
  const { names, train, val } = parseDatasetYaml(files['data.yaml'] ?? '', 'data.yaml');
  expect([names, train, val]).toEqual([NAMES, ['images/train'], ['images/train']]);
  const { labels } = parseLabels(files['labels/train/a & b.txt'] ?? '', 'a.txt', 2);
  expect([...labels].map((value) => +value.toFixed(5))).toEqual([1, 0.2, 0.3, 0.2, 0.2, 0, 0.5, 0.5, 1, 1]);
});

test('VOC: pixels count from 1, and names are escaped', () => {
  const files = vocFiles(NAMES, pictures);
  const xml = files['Annotations/a & b.xml'] ?? '';
  expect(xml).toContain('<name>a &amp; b</name>');
  expect(xml).toContain('<xmin>11</xmin><ymin>11</ymin><xmax>31</xmax><ymax>21</ymax>');
  expect(files['ImageSets/Main/train.txt']).toBe('a & b\n');
});

test('COCO: corner, width and height; numbers from 1', () => {
  const files = cocoFiles(NAMES, pictures);
  expect(Object.keys(files)).toEqual(['annotations/instances_train.json']);
  const { annotations, categories } = JSON.parse(files['annotations/instances_train.json'] ?? '');
  expect(categories).toEqual([
    { id: 1, name: 'cat' },
    { id: 2, name: 'a & b' },
  ]);
  expect(annotations[0]).toMatchObject({ id: 1, image_id: 1, category_id: 2, bbox: [10, 10, 20, 10] });
});
