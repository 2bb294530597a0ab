import { expect, test } from 'vitest';
import { matchLabels } from './import-labels.js';

const file = (path: string) => ({ path, blob: new Blob([]) });
const PICTURES = [
  { id: 1, path: 'images/train/a.jpg' },
  { id: 2, path: 'b.png' },
  { id: 3, path: 'x/c.jpg' },
  { id: 4, path: 'y/c.jpg' },
];

test('label files belong to the pictures that are called so, wherever they lay', () => {
  const files = ['labels/a.txt', 'b.xml', 'data.yaml', 'classes.txt'].map(file);
  const { matched, unused } = matchLabels(files, PICTURES);
  expect([...matched].map(([id, { path }]) => [id, path])).toEqual([
    [1, 'labels/a.txt'],
    [2, 'b.xml'],
  ]);
  expect(unused).toEqual([]);
});

test('labels that Label Studio exports belong to the pictures as they were before the upload', () => {
  const { matched } = matchLabels(['labels/3f8a1b2c-a.txt', '9c8b7a6d-b.xml'].map(file), PICTURES);
  expect([...matched.keys()]).toEqual([1, 2]);
});

test('what fits no picture, or more than one, is said', () => {
  const { matched, unused } = matchLabels(['c.txt', 'd.txt', 'a.txt', 'old/a.txt'].map(file), PICTURES);
  expect([...matched.keys()]).toEqual([1]);
  expect(unused).toEqual([
    'c.txt: more than one file is called c (not used)',
    'd.txt: no picture is called so (not used)',
    'old/a.txt: more than one file is called a (not used)',
  ]);
});
