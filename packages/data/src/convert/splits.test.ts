import { expect, test } from 'vitest';
import { holdOut, splitByFolder, splitOfName } from './splits.js';

test.each([
  ['images/train/a.jpg', 'images/val/b.jpg'],
  ['train2017/a.jpg', 'val2017/b.jpg'],
  ['set/train/images/a.jpg', 'set/valid/images/b.jpg'],
  ['Training/a.jpg', 'Validation/b.jpg'],
])('folders say what is for training and for validation: %s, %s', (train, val) => {
  expect(splitByFolder([train, val, 'test/c.jpg'])).toEqual({
    train: [train],
    val: [val],
    test: ['test/c.jpg'],
    notes: [],
  });
});

test('a folder named like a split in part is none', () => {
  expect(splitByFolder(['trains/a.jpg', 'valley/b.jpg']).notes).toHaveLength(1);
});

test('without folders every fifth image is held out, and said so; test images stay out', () => {
  const paths = Array.from({ length: 11 }, (_, i) => `images/${i}.jpg`);
  const { train, val, notes } = splitByFolder([...paths, 'test/x.jpg']);
  expect(val).toEqual(['images/4.jpg', 'images/9.jpg']);
  expect([...train, ...val].sort()).toEqual([...paths].sort());
  expect(notes[0]).toContain('every fifth');
});

test('fewer than five images are trained and validated on', () => {
  expect(holdOut(['a.jpg', 'b.jpg'])).toMatchObject({ train: ['a.jpg', 'b.jpg'], val: ['a.jpg', 'b.jpg'] });
});

test.each([
  ['instances_train2017', 'train'],
  ['valid', 'val'],
  ['my-validation-set', 'val'],
  ['TestImages', 'test'],
  ['latest', undefined],
  ['contest', undefined],
  ['retrained', undefined],
  ['instances_default', undefined],
])('only whole words name a split: %s', (name, split) => {
  expect(splitOfName(name)).toBe(split);
});
