/** Datasets in YOLO's layout as people have them: what was found is what is said. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeImages } from '@froyolo/data';
import { decodeImage, openDataset } from '@froyolo/data/node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { caseFolder, PICTURE, picture } from './case-folder.js';

const ROW = '0 0.5 0.5 0.35 0.35\n';
const YAML = 'train: images/train\nval: images/val\nnames: [thing]\n';

/** A dataset of one labeled image, other files besides. */
const dataset = (files: Parameters<typeof caseFolder>[0]) =>
  caseFolder({
    'images/train/a.jpg': PICTURE,
    'labels/train/a.txt': ROW,
    'images/val/a.jpg': PICTURE,
    'labels/val/a.txt': ROW,
    'data.yaml': YAML,
    ...files,
  });
const open = (root: string, yaml = 'data.yaml', split: 'train' | 'val' = 'train') =>
  openDataset(join(root, yaml), split);

test('labels-partly-missing: images with and without labels are counted and told', async () => {
  const images = Array.from({ length: 7 }, (_, i) => [`images/train/${i}.jpg`, PICTURE] as const);
  const root = await dataset({ ...Object.fromEntries(images), 'labels/train/0.txt': '' });
  expect(describeImages(await open(root))).toBe(
    '8 images (1 with labels, 6 without a label file, 1 with an empty label file)',
  );
});

test.each<[string, string | Uint8Array]>([
  ['labels/train/b.TXT', ROW],
  ['labels/train/b.txt', ROW.replace('\n', '\r')],
  ['labels/train/b.txt', `${ROW.trim()}\r0 0.2 0.2 0.1 0.1\r`],
  ['labels/train/b.txt', `\ufeff${ROW}`],
  ['labels/train/b.txt', Buffer.from(`\ufeff${ROW}`, 'utf16le')],
  ['labels/train/b.txt', Buffer.from(ROW, 'utf16le')],
])('label files of any spelling, line ends and encoding are read: %s', async (path, text) => {
  const { images, counts } = await open(await dataset({ 'images/train/b.jpg': PICTURE, [path]: text }));
  expect(counts).toEqual({ missing: 0, empty: 0, corrupt: 0 });
  expect([...(images[1]?.labels.slice(0, 5) ?? [])]).toEqual([0, 0.5, 0.5, 0.35, 0.35].map(Math.fround));
});

test('names-numeric: class names are the text that stands in the YAML', async () => {
  const root = await dataset({
    'list.yaml': 'train: images/train\nnames: [02146, 1.50, 0x1F, yes, "7", 1e3, .5]\n',
    'map.yaml': 'train: images/train\nnames:\n  0: 02146\n  1: ~tilde\n  2: 2001-01-01\n',
    'null.yaml': 'train: images/train\nnames: [ok, null, n]\n',
  });
  expect((await open(root, 'list.yaml')).names).toEqual(['02146', '1.50', '0x1F', 'yes', '7', '1e3', '.5']);
  expect((await open(root, 'map.yaml')).names).toEqual(['02146', '~tilde', '2001-01-01']);
  await expect(open(root, 'null.yaml')).rejects.toThrow(
    'null.yaml:2: the name of class 1 is null; write a text',
  );
});

test.each([
  ['train: 5\nnames: [a]\n', 'data.yaml:1: "train" is not as expected: it must be a folder'],
  [
    'train: images/train\nnc: "1"\nnames: [a]\n',
    'data.yaml:2: "nc" is not as expected: it must be a whole number',
  ],
  [
    'train: images/train\npath: 5\nnames: [a]\n',
    'data.yaml:2: "path" is not as expected: it must be a folder',
  ],
  ['train: images/train\nnames: [a]\n---\nb: 1\n', 'data.yaml:3: a second document begins'],
])('a YAML that is not as expected says what it must be: %j', async (yaml, message) => {
  await expect(open(await dataset({ 'data.yaml': yaml }))).rejects.toThrow(message);
});

test('classes counted from 1 are named as such', async () => {
  const root = await dataset({
    'data.yaml': 'train: images/train\nnames: [a, b]\n',
    'labels/train/a.txt': ROW.replace('0', '1'),
    'images/train/b.jpg': PICTURE,
    'labels/train/b.txt': ROW.replace('0', '2'),
  });
  const { warnings } = await open(root);
  expect(warnings[0]).toMatch(/count classes from 1 to 2: no label has class 0/);
});

test('png-corrupt: a PNG with damaged bytes is left out at the scan', async () => {
  const png = await picture(320, 240, 1, 'png');
  const bad = png.slice();
  bad.fill(0, bad.length / 2, bad.length / 2 + 40);
  const root = await dataset({
    'images/train/b.png': bad,
    'images/train/c.png': png,
    'images/train/d.png': png.subarray(0, -20),
  });
  const { images, warnings } = await open(root);
  expect(images).toHaveLength(2);
  expect(warnings).toEqual([
    expect.stringMatching(
      /b\.png: .*the PNG is damaged: its IDAT chunk at byte \d+ has another checksum \(skipped\)/,
    ),
    expect.stringMatching(/d\.png: .*the PNG is cut short \(skipped\)/),
  ]);
});

test('symlinked-subfolder: links are followed, circles end, broken ones are told', async () => {
  const root = await dataset({ 'elsewhere/e.jpg': PICTURE, 'labels/train/cam1/e.txt': ROW });
  await symlink(join(root, 'elsewhere'), join(root, 'images/train/cam1'));
  await symlink(join(root, 'images/train'), join(root, 'images/train/loop'));
  await symlink(join(root, 'gone.jpg'), join(root, 'images/train/broken.jpg'));
  const { images, warnings } = await open(root);
  expect(images.map(({ path }) => path.slice(root.length + 1))).toEqual([
    'images/train/a.jpg',
    'images/train/cam1/e.jpg',
  ]);
  expect(warnings).toEqual([expect.stringContaining("broken.jpg: can't be read as an image: no such file")]);
});

test('yaml-paths: what Roboflow and Windows write', async () => {
  const roboflow = ['train', 'valid'].flatMap((split) => [
    [`${split}/images/a.jpg`, PICTURE] as const,
    [`${split}/labels/a.txt`, ROW] as const,
  ]);
  const root = await dataset({
    ...Object.fromEntries(roboflow),
    'robo.yaml': 'train: ../train/images\nval: ../valid/images\nnames: [thing]\n',
    'plain.yaml': 'train: images\\train\nnames: [thing]\n',
    'list.yaml': 'train: train.txt\nnames: [thing]\n',
    'train.txt': '.\\images\\train\\a.jpg\r\n',
    'quoted.yaml': 'train: "images\\train"\nnames: [thing]\n',
  });
  for (const yaml of ['robo.yaml', 'plain.yaml', 'list.yaml']) {
    const { images, counts } = await open(root, yaml);
    expect([images.length, counts.missing]).toEqual([1, 0]);
  }
  await expect(open(root, 'quoted.yaml')).rejects.toThrow('use forward slashes or single quotes');
});

test('image-formats: samples that OpenCV refuses are named, CMYK is as it computes it', async () => {
  const raw = { width: 20, height: 20, channels: 1 as const, depth: 'float' as const };
  const float = await sharp(
    Float32Array.from({ length: 400 }, (_, i) => i / 400),
    { raw },
  )
    .toColourspace('b-w')
    .tiff({ compression: 'none' })
    .toBuffer();
  const root = await dataset({ 'images/train/f32.tif': new Uint8Array(float) });
  const { depth } = await sharp(float).metadata();
  if (depth === 'float')
    expect((await open(root)).warnings[0]).toMatch(
      /f32\.tif: .*samples of type float can't be read; convert it to 8 or 16 bits/,
    );
  const cmyk = await readFile(join(import.meta.dirname, 'files/cmyk.jpg'));
  const { data } = await decodeImage(new Uint8Array(cmyk));
  expect([...data.slice(0, 3)]).toEqual([201, 101, 51]);
});

const run = promisify(execFile);
const hasFifo = process.platform !== 'win32';

test.skipIf(!hasFifo)('pipes, devices, SVG and huge images are refused, the rest is kept', async () => {
  const huge = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const root = await dataset({
    'images/train/svg.jpg': '<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>',
    'images/train/huge.png': new Uint8Array(huge),
    'images/train/f.jpg': PICTURE,
  });
  await run('mkfifo', [join(root, 'images/train/pipe.jpg'), join(root, 'labels/train/f.txt')]);
  await symlink('/dev/zero', join(root, 'images/train/zero.jpg'));
  const { images, warnings } = await open(root);
  expect(images).toHaveLength(1);
  expect(warnings.join('\n')).toMatch(/f\.txt: can't be read: it is a pipe/);
  expect(warnings.join('\n')).toMatch(/huge\.png: .*9000x9000 has 81 million pixels; at most 67 million/);
  expect(warnings.join('\n')).toMatch(/pipe\.jpg: .*it is a pipe, a socket or a device/);
  expect(warnings.join('\n')).toMatch(/svg\.jpg: .*SVG and XML can't be read/);
  expect(warnings.join('\n')).toMatch(/zero\.jpg: .*device/);
});

test.skipIf(!hasFifo)(
  'entries of a dataset YAML that are pipes, devices or folders of nothing name YAML and entry',
  async () => {
    const root = await dataset({});
    await run('mkfifo', [join(root, 'list.txt')]);
    await mkdir(join(root, 'empty'));
    for (const [entry, reason] of [
      ['list.txt', 'it is a pipe'],
      ['/dev/zero', 'not a folder'],
      ['nope', 'no such file'],
      ['empty', 'no images found'],
    ]) {
      await writeFile(join(root, 'odd.yaml'), `train: ${entry}\nnames: [thing]\n`);
      await expect(open(root, 'odd.yaml')).rejects.toThrow(reason);
      await expect(open(root, 'odd.yaml')).rejects.toThrow(`odd.yaml: `);
    }
  },
);

test('a polygon of very many points is used or named', async () => {
  const points = (count: number) => `0 ${'0.25 0.75 '.repeat(count)}0.5 0.5\n`;
  const root = await dataset({
    'labels/train/a.txt': points(90_000),
    'images/train/b.jpg': PICTURE,
    'labels/train/b.txt': points(130_000),
  });
  const { images, warnings } = await open(root);
  expect(images).toHaveLength(1);
  expect(warnings).toEqual([expect.stringMatching(/b\.txt:1: a polygon of 130001 points; at most 100000/)]);
});
