import { expect, test } from 'vitest';
import { ConfigError, DatasetError, LabelError } from '../errors.js';
import { annotatedLayout } from './annotated-layout.js';
import { FileIndex } from './file-index.js';
import { plainLayout, yamlLayout } from './yolo-layout.js';

const SIZE = { width: 100, height: 50 };

/** Files by path; images are empty, since a layout doesn't decode them. */
function indexOf(files: Readonly<Record<string, string>>): FileIndex {
  return new FileIndex(Object.entries(files).map(([path, text]) => ({ path, blob: new Blob([text]) })));
}

const LABEL = '1 0.5 0.5 0.2 0.4';
const IMAGES = {
  'set/images/train/a.jpg': '',
  'set/labels/train/a.txt': LABEL,
  'set/images/val/b.jpg': '',
  'set/labels/val/b.txt': '',
};

test.each([
  ['relative entries', 'path: .\ntrain: images/train\nval: images/val'],
  ['the path of another machine', 'path: /home/someone/set\ntrain: images/train\nval: images/val'],
  ['entries that go up, as some exporters write', 'train: ../images/train\nval: ../images/val'],
  ['Windows separators', 'path: C:\\data\\set\ntrain: images\\train\nval: images\\val'],
])('a dataset YAML with %s', async (_, splits) => {
  const index = indexOf({ ...IMAGES, 'set/data.yaml': `${splits}\nnames: [cat, dog]` });
  const layout = await yamlLayout(index, 'set/data.yaml');
  expect(layout).toMatchObject({
    train: ['set/images/train/a.jpg'],
    val: ['set/images/val/b.jpg'],
    names: ['cat', 'dog'],
    notes: [],
  });
  const { labels, missing } = await layout.labelsOf('set/images/train/a.jpg', SIZE);
  expect([...labels].map((value) => +value.toFixed(3))).toEqual([1, 0.5, 0.5, 0.2, 0.4]);
  expect(missing).toBe(false);
});

test('an entry may be a list of images', async () => {
  const list = './images/train/a.jpg\n\n# not this one\n/elsewhere/set/images/val/b.jpg\n';
  const index = indexOf({ ...IMAGES, 'set/all.txt': list, 'set/data.yaml': 'train: all.txt\nnames: [x, y]' });
  const { train } = await yamlLayout(index, 'set/data.yaml');
  expect(train).toEqual(['set/images/train/a.jpg', 'set/images/val/b.jpg']);
});

test('without a validation set images are held out, and said so', async () => {
  const index = indexOf({ ...IMAGES, 'set/data.yaml': 'train: images\nnames: [x, y]' });
  expect((await yamlLayout(index, 'set/data.yaml')).notes).toHaveLength(1);
});

test('a YAML whose images were not opened with it says so', async () => {
  const index = indexOf({ 'data.yaml': 'train: images/train\nnames: [x]', 'other/c.jpg': '' });
  await expect(yamlLayout(index, 'data.yaml')).rejects.toThrow(DatasetError);
  await expect(yamlLayout(index, 'data.yaml')).rejects.toThrow('images/train');
});

test('pictures, labels and YAML picked without their folders belong together by name', async () => {
  const index = indexOf({
    'a.jpg': '',
    'a.txt': LABEL,
    'b.jpg': '',
    'b.txt': '',
    'data.yaml': 'train: images/train\nval: images/val\nnames: [cat, dog]',
  });
  const { train, val, names, notes, labelsOf } = await yamlLayout(index, 'data.yaml');
  expect([...new Set([...train, ...val])].sort()).toEqual(['a.jpg', 'b.jpg']);
  expect(names).toEqual(['cat', 'dog']);
  expect(notes).toContain('Class names are from data.yaml.');
  expect((await labelsOf('a.jpg', SIZE)).labels).toHaveLength(5);
});

test('a bad YAML is an error with its line', async () => {
  const index = indexOf({ ...IMAGES, 'data.yaml': 'train: images\nnames: 3' });
  await expect(yamlLayout(index, 'data.yaml')).rejects.toThrow(ConfigError);
  await expect(yamlLayout(index, 'data.yaml')).rejects.toThrow('data.yaml:2');
});

test('labels beside their images, classes from classes.txt', async () => {
  const index = indexOf({ 'a.png': '', 'a.txt': LABEL, 'b.png': '', 'classes.txt': 'cat\ndog\n' });
  const layout = (await plainLayout(index))!;
  expect(layout.names).toEqual(['cat', 'dog']);
  expect((await layout.labelsOf('a.png', SIZE)).labels).toHaveLength(5);
  expect(await layout.labelsOf('b.png', SIZE)).toMatchObject({ missing: true });
});

test('classes without names are numbered', async () => {
  const index = indexOf({ 'images/a.png': '', 'labels/a.txt': '2 0.5 0.5 0.1 0.1' });
  const { names, notes } = (await plainLayout(index))!;
  expect(names).toEqual(['class 0', 'class 1', 'class 2']);
  expect(notes.join(' ')).toContain('have no names');
});

test('a bad label names its file and line', async () => {
  const index = indexOf({ 'a.png': '', 'a.txt': `${LABEL}\n0 0.5 1.5 0.1 0.1`, 'classes.txt': 'cat\ndog' });
  const labels = (await plainLayout(index))!.labelsOf('a.png', SIZE);
  await expect(labels).rejects.toThrow(LabelError);
  await expect(labels).rejects.toThrow('a.txt:2');
});

test('images alone have no layout', async () => {
  const index = indexOf({ 'a.png': '', 'notes.md': 'x' });
  expect(await plainLayout(index)).toBeUndefined();
  expect(await annotatedLayout(index)).toBeUndefined();
});

const object = (name: string, box: readonly number[], difficult = 0) =>
  `<object><name>${name}</name><difficult>${difficult}</difficult><bndbox><xmin>${box[0]}</xmin><ymin>${box[1]}</ymin>` +
  `<xmax>${box[2]}</xmax><ymax>${box[3]}</ymax></bndbox></object>`;
const VOC = {
  'JPEGImages/a.jpg': '',
  'Annotations/a.xml': `<annotation>${object('dog', [11, 11, 31, 21])}${object('cat', [1, 1, 5, 5], 1)}</annotation>`,
  'JPEGImages/b.jpg': '',
  'Annotations/b.xml': `<annotation>${object('cat', [1, 1, 101, 51])}</annotation>`,
};

test('VOC: boxes count from 1, difficult objects are left out, lists give the splits', async () => {
  const lists = { 'ImageSets/Main/train.txt': 'a\n', 'ImageSets/Main/val.txt': 'b 1\n' };
  const layout = (await annotatedLayout(indexOf({ ...VOC, ...lists })))!;
  expect(layout).toMatchObject({
    names: ['cat', 'dog'],
    train: ['JPEGImages/a.jpg'],
    val: ['JPEGImages/b.jpg'],
    notes: [],
  });
  const { labels } = await layout.labelsOf('JPEGImages/a.jpg', SIZE);
  expect([...labels].map((value) => +value.toFixed(3))).toEqual([1, 0.2, 0.3, 0.2, 0.2]);
});

test('VOC: a file that is no annotation is named and left out', async () => {
  const index = indexOf({ ...VOC, 'Annotations/b.xml': '<annotation><object>' });
  const { train, warnings } = (await annotatedLayout(index))!;
  expect(train).toEqual(['JPEGImages/a.jpg']);
  expect(warnings?.join()).toContain("Annotations/b.xml: can't be read as XML");
});
