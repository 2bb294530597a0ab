import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { makeDataset, putFile } from '../fixtures/dataset-folder.js';
import { syntheticImage } from '../fixtures/pictures.js';
import { checkDataset } from './check.js';
import { openDataset } from './dataset.js';
import { saveImage } from './image-file.js';

async function oddDataset() {
  const { root } = await makeDataset(6);
  const label = (name: string, text: string) => writeFile(join(root, `labels/train/${name}.txt`), text);
  await label('img0', '0 0.5 0.5 0.4 0.3\n0 0.5 0.5 0.4 0.3\n1 0.9 0.5 0.4 0.2\n');
  await label('img1', '0 0.5 0.5 0.4 0.3\n7 0.5 0.5 0.1 0.1\n0 1.1 0.5 0.4 0.2\n');
  await label('img2', '1 0.5 0.5 0.001 0.3\n1 0.2 0.2 0 0.1\n');
  await rm(join(root, 'labels/train/img3.txt'));
  await label('orphan', '0 0.5 0.5 0.1 0.1\n');
  await writeFile(join(root, 'images/train/img4.jpg'), 'no image');
  await putFile(join(root, 'images/val/copy.jpg'), await readFile(join(root, 'images/train/img5.jpg')));
  await putFile(join(root, 'labels/val/copy.txt'), '1 0.5 0.5 0.4 0.3\n');
  await putFile(join(root, 'data.yaml'), 'train: images/train\nval: images/val\nnames: [a, b, c]\n');
  return root;
}

test('every finding has its place; errors come first', async () => {
  const { findings, splits, classes } = await checkDataset(await oddDataset(), { imgsz: 320 });
  expect(
    findings.map(({ severity, kind, file, line }) => [severity, kind, line ? `${file}:${line}` : file]),
  ).toEqual([
    ['error', 'bad-image', 'images/train/img4.jpg'],
    ['error', 'bad-label', 'labels/train/img1.txt:2'],
    ['error', 'bad-label', 'labels/train/img1.txt:3'],
    ['error', 'duplicate-across-splits', 'images/train/img5.jpg'],
    ['warning', 'class-without-objects', 'data.yaml'],
    ['warning', 'empty-box', 'labels/train/img2.txt:2'],
    ['warning', 'out-of-bounds', 'labels/train/img0.txt:3'],
    ['warning', 'repeated-row', 'labels/train/img0.txt:2'],
    ['warning', 'tiny-box', 'labels/train/img2.txt:1'],
    ['note', 'label-without-image', 'labels/train/orphan.txt'],
    ['note', 'missing-labels', 'images/train/img3.jpg'],
  ]);
  // Of those that can be read, training leaves img1 out.
  expect(splits.train).toEqual({ images: 6, usable: 4, unlabeled: 1, objects: 7 });
  expect(classes.map(({ name, objects }) => [name, objects.train, objects.val])).toEqual([
    ['a', 3, 0],
    ['b', 4, 1],
    ['c', 0, 0],
  ]);
});

test('a split that is not there is said once with its file', async () => {
  const root = await oddDataset();
  await putFile(join(root, 'data.yaml'), 'train: images/train\nval: images/none\nnames: [a, b, c]\n');
  const { findings } = await checkDataset(root);
  const missing = findings.filter(({ kind }) => kind === 'bad-split');
  expect(missing.map(({ file, message }) => [file, message])).toEqual([
    ['data.yaml', expect.stringMatching(/^"val": .*none: no such file or folder/)],
  ]);
});

test('a cleaned copy has nothing to complain about', async () => {
  const root = await oddDataset();
  const { fixed = '' } = await checkDataset(join(root, 'data.yaml'), { fix: join(root, 'fixed') });
  expect((await checkDataset(fixed)).findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  const { images, warnings } = await openDataset(fixed, 'train');
  expect([images.length, warnings]).toEqual([4, []]);
  expect([...(images[0]?.labels ?? [])].map((value) => +value.toFixed(3))).toEqual([
    0, 0.5, 0.5, 0.4, 0.3, 1, 0.85, 0.5, 0.3, 0.2,
  ]);
});

test('pictures that look alike are found, also across sizes', async () => {
  const { root } = await makeDataset(1);
  await saveImage(syntheticImage(60, 50, 0), join(root, 'images/val/small.png'));
  await saveImage(syntheticImage(200, 160, 9), join(root, 'images/val/other.png'));
  await putFile(join(root, 'data.yaml'), 'train: images/train\nval: images/val\nnames: [a, b]\n');
  const { findings } = await checkDataset(join(root, 'data.yaml'));
  const near = findings.filter(({ kind }) => kind.startsWith('near'));
  expect(near.map(({ kind, file }) => [kind, file])).toEqual([
    ['near-duplicate-across-splits', 'images/train/img0.jpg'],
  ]);
});

test('a zip archive as Roboflow writes it; one without a dataset says what to do', async () => {
  const { root, images } = await makeDataset(1);
  const text = (value: string) => new TextEncoder().encode(value);
  const image = new Uint8Array(await readFile(images[0] ?? ''));
  const yaml = 'train: ../train/images\nval: ../valid/images\nnc: 2\nnames: [a, b]\n';
  const files = ['train', 'valid'].map((split, i) => ({
    [`${split}/images/${i}.jpg`]: image,
    [`${split}/labels/${i}.txt`]: text('0 0.5 0.5 0.4 0.3\n'),
  }));
  await writeFile(join(root, 'a.zip'), zipSync(Object.assign({ 'data.yaml': text(yaml) }, ...files)));
  const { splits, findings } = await checkDataset(join(root, 'a.zip'));
  expect(splits.val).toEqual({ images: 1, usable: 1, unlabeled: 0, objects: 1 });
  expect(findings[0]).toMatchObject({ kind: 'duplicate-across-splits', file: 'train/images/0.jpg' });
  await writeFile(join(root, 'b.zip'), zipSync({ 'a.xml': text('<annotation/>') }));
  await expect(checkDataset(join(root, 'b.zip'))).rejects.toThrow('b.zip: no dataset YAML in it');
  await writeFile(join(root, 'c.zip'), 'PK');
  await expect(checkDataset(join(root, 'c.zip'))).rejects.toThrow("c.zip: can't be read as a zip archive");
});
