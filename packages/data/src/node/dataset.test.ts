import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { ConfigError, DatasetError } from '../errors.js';
import bitmaps from '../fixtures/bmp.json' with { type: 'json' };
import { makeDataset, putFile } from '../fixtures/dataset-folder.js';
import { syntheticImage } from '../fixtures/pictures.js';
import { hypPresets } from '../hyp.js';
import { loadDatasetConfig, openDataset } from './dataset.js';
import { decodeImage, imageSize, saveImage } from './image-file.js';
import { createTrainLoader } from './loader.js';

test('opens a folder, a list of entries and a text file alike', async () => {
  const { root, yaml, images } = await makeDataset(5);
  const folder = await openDataset(yaml, 'train');
  expect(folder.images.map(({ path }) => path)).toEqual(images);
  expect(folder.names).toEqual(['a', 'b']);
  expect(folder.warnings).toEqual([]);
  expect(folder.counts).toEqual({ missing: 0, empty: 0, corrupt: 0 });
  expect(folder.images[1]).toMatchObject({ width: 70, height: 65 });
  expect(Array.from(folder.images[1].labels)).toEqual(
    [1, 0.5, 0.5, 0.4, 0.3, 1, 0.3, 0.3, 0.2, 0.2].map(Math.fround),
  );
  await putFile(join(root, 'list.txt'), './images/train/img3.jpg\nimages/train/img0.jpg\n\n# note\n');
  await putFile(
    join(root, 'other.yaml'),
    'train: [list.txt, images/train/img4.jpg, images/train/img0.jpg]\nnames: [a, b]\n',
  );
  const listed = await openDataset(join(root, 'other.yaml'), 'train');
  expect(listed.images.map(({ path }) => path)).toEqual([images[3], images[0], images[4]]);
});

test('path starts from the YAML, or else from the folder around its folder, as for the files of YOLOv5', async () => {
  const { root } = await makeDataset(1);
  const file = join(root, 'yolov5/data/own.yaml');
  const write = (path: string) => putFile(file, `path: ${path}\ntrain: images/train\nnames: [a, b]\n`);
  await write('../..');
  expect((await loadDatasetConfig(file)).path).toBe(root);
  await write('../images');
  expect((await loadDatasetConfig(file)).path).toBe(join(root, 'images'));
  // What is nowhere is told where it should be.
  await write('../nowhere');
  expect((await loadDatasetConfig(file)).path).toBe(join(root, 'yolov5/nowhere'));
});

test('a path of very many folders in a list is an image that is missing, at once', async () => {
  const { root } = await makeDataset(1);
  await putFile(join(root, 'list.txt'), `${'a/'.repeat(100_000)}0.jpg\nimages/train/img0.jpg\n`);
  const listed = await openDataset({ train: ['list.txt'], val: [], test: [], names: ['a', 'b'] }, 'train', {
    root,
    cacheLabels: false,
  });
  expect(listed.images.map(({ path }) => path)).toEqual([join(root, 'images/train/img0.jpg')]);
  expect(listed.counts.corrupt).toBe(1);
}, 20_000);

test('every bad file is named, skipped, and the rest is kept', async () => {
  const { root, yaml, images } = await makeDataset(6);
  const whole = await readFile(images[0]);
  await writeFile(images[0], whole.subarray(0, whole.length / 2));
  await writeFile(images[1], 'not an image');
  await saveImage(syntheticImage(8, 40), images[2]);
  await writeFile(join(root, 'labels/train/img3.txt'), '0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n');
  await writeFile(join(root, 'labels/train/img4.txt'), '');
  await rm(join(root, 'labels/train/img5.txt'));
  const { images: kept, warnings, counts } = await openDataset(yaml, 'train');
  expect(kept.map(({ path }) => path)).toEqual([images[4], images[5]]);
  expect(counts).toEqual({ missing: 1, empty: 1, corrupt: 4 });
  expect(warnings).toHaveLength(5);
  expect(warnings[0]).toContain(images[0]);
  expect(warnings[1]).toContain(images[1]);
  expect(warnings[2]).toContain('8x40 is too small');
  expect(warnings[3]).toContain('img3.txt:2: class 7 is not one of the 2 classes');
  expect(warnings[4]).toContain('no labels found');
});

test('the label cache is used, follows changes, and survives damage', async () => {
  const { root, yaml } = await makeDataset(3);
  const cache = join(root, 'labels/train.train.froyolo-cache');
  const fresh = await openDataset(yaml, 'train');
  const written = (await stat(cache)).mtimeMs;
  expect(await openDataset(yaml, 'train')).toEqual(fresh);
  expect((await stat(cache)).mtimeMs).toBe(written);
  const whole = await readFile(cache, 'utf8');
  for (const damaged of [whole.slice(0, 100), whole.replace('0.5', '0.4')]) {
    await writeFile(cache, damaged);
    const warnings = [expect.stringContaining(`${cache}: the label cache is made again`)];
    expect(await openDataset(yaml, 'train')).toEqual({ ...fresh, warnings });
    expect(await openDataset(yaml, 'train')).toEqual(fresh);
  }
  await truncate(cache, 2 ** 29 + 1);
  const { warnings } = await openDataset(yaml, 'train');
  expect(warnings).toEqual([expect.stringMatching(/the label cache is made again: it has 512 MiB/)]);
  expect(JSON.parse(await readFile(cache, 'utf8'))).toMatchObject({ format: 'froyolo-labels' });
  await writeFile(join(root, 'labels/train/img1.txt'), '0 0.5 0.5 0.25 0.125\n');
  const changed = await openDataset(yaml, 'train');
  expect(Array.from(changed.images[1].labels)).toEqual([0, 0.5, 0.5, 0.25, 0.125]);
  expect((await readdir(join(root, 'labels'))).sort()).toEqual(['train', 'train.train.froyolo-cache']);
});

test.each([
  ['a.jpg', 'x', 'is an image; a dataset YAML is a text'],
  ['data.yaml', 'PK\u0003\u0004', 'is a zip archive: unpack it'],
  ['data.yaml', 'a\0b', 'is no text'],
  [
    'coco.json',
    '{"images": [], "categories": [{"name": "a"}]}',
    'is no dataset YAML; VOC and COCO annotations are converted first',
  ],
])('%s that holds %j is no dataset YAML, and named as what it is', async (name, text, message) => {
  const { root } = await makeDataset(1);
  const file = join(root, name);
  await writeFile(file, text);
  await expect(loadDatasetConfig(file)).rejects.toThrow(`${file}: ${message}`);
});

test('a cache that cannot be written is only a warning', async () => {
  const { root, yaml } = await makeDataset(2);
  await mkdir(join(root, 'labels/train.train.froyolo-cache'));
  const { images, warnings } = await openDataset(yaml, 'train');
  expect(images).toHaveLength(2);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain('labels are not cached');
});

test('one class for all', async () => {
  const { yaml } = await makeDataset(2);
  const { images, names } = await openDataset(yaml, 'train', { singleCls: true });
  expect(names).toEqual(['item']);
  expect(images.every(({ labels }) => labels[0] === 0 && labels[5] === 0)).toBe(true);
});

test('what cannot be opened says what to do', async () => {
  const { root, yaml } = await makeDataset(1);
  await expect(openDataset(yaml, 'test')).rejects.toThrow('no "test" entry');
  await expect(openDataset(join(root, 'none.yaml'), 'train')).rejects.toThrow(ConfigError);
  const missing = join(root, 'missing.yaml');
  await putFile(missing, 'train: nowhere\nnames: [a]\ndownload: https://example.org/data.zip\n');
  await expect(openDataset(missing, 'train')).rejects.toThrow(DatasetError);
  await expect(openDataset(missing, 'train')).rejects.toThrow('which is never run: https://example.org');
});

test('images: orientation is applied, gray and alpha become RGB', async () => {
  const { root } = await makeDataset(1);
  const { width, height, data } = syntheticImage(40, 20);
  const raw = { raw: { width, height, channels: 3 as const } };
  const turned = join(root, 'turned.png');
  await sharp(data, raw).withMetadata({ orientation: 6 }).png().toFile(turned);
  expect(await imageSize(turned)).toEqual({ width: 20, height: 40, orientation: 6 });
  const upright = await decodeImage(turned);
  expect([upright.width, upright.height]).toEqual([20, 40]);
  // Orientation 6 is shown after a quarter turn clockwise: the lower left corner comes to the upper left.
  expect(upright.data.subarray(0, 3)).toEqual(data.subarray(19 * 40 * 3, 19 * 40 * 3 + 3));
  const gray = await sharp(data, raw).greyscale().toColourspace('b-w').png().toBuffer();
  expect((await decodeImage(gray)).data).toHaveLength(40 * 20 * 3);
  const alpha = await sharp(data, raw).ensureAlpha(0).png().toBuffer();
  expect((await decodeImage(alpha)).data).toEqual(data);
});

test('bitmaps are read, also under another name; a format that cannot be read is named', async () => {
  const { root, yaml } = await makeDataset(1);
  const [bmp, misnamed, raw] = ['a.bmp', 'b.jpg', 'c.dng'].map((name) => join(root, 'images/train', name));
  const bytes = Buffer.from(bitmaps['24 bits'].bmp, 'base64');
  for (const path of [bmp, misnamed]) await putFile(path, bytes);
  expect(await imageSize(misnamed)).toMatchObject({ width: 7, height: 5 });
  expect((await decodeImage(bmp)).data).toEqual(
    new Uint8Array(Buffer.from(bitmaps['24 bits'].rgb, 'base64')),
  );
  await putFile(raw, 'II*');
  const { warnings } = await openDataset(yaml, 'train');
  expect(warnings).toEqual([
    expect.stringContaining('a.bmp: 7x5 is too small'),
    expect.stringContaining('b.jpg: 7x5 is too small'),
    expect.stringContaining("c.dng: DNG can't be read; convert it to PNG or JPEG"),
  ]);
});

test('polygons come with their boxes, from the cache too; copy-paste without any is a warning', async () => {
  const { root, yaml } = await makeDataset(2);
  const warningsOf = async () => {
    const dataset = await openDataset(yaml, 'train');
    const hyp = { ...hypPresets['scratch-low'], copy_paste: 0.5 };
    const loader = await createTrainLoader(dataset, { hyp, workers: 0, imgsz: 64 });
    await loader.close();
    return { dataset, warnings: loader.warnings };
  };
  expect((await warningsOf()).warnings).toEqual([
    expect.stringMatching(/copy_paste is 0.5 and has no effect/),
  ]);
  await putFile(join(root, 'labels/train/img1.txt'), '0 0.1 0.2 0.5 0.2 0.3 0.8\n1 0.5 0.5 0.2 0.2\n');
  const { dataset, warnings } = await warningsOf();
  expect(warnings).toEqual([]);
  const [plain, polygon] = dataset.images;
  expect(plain.segments).toBeUndefined();
  expect(polygon.segments).toEqual([Float32Array.of(0.1, 0.2, 0.5, 0.2, 0.3, 0.8), undefined]);
  expect(polygon.labels.slice(0, 5)).toEqual(Float32Array.of(0, 0.3, 0.5, 0.4, 0.6));
  expect(await openDataset(yaml, 'train')).toEqual(dataset);
});
