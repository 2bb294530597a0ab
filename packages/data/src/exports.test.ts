/** Exports of labeling tools as each lays them out, on a disk and in a page: `a`, 100x50 pixels, has a dog, `b` a cat. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { annotatedLayout } from './browser/annotated-layout.js';
import { FileIndex } from './browser/file-index.js';
import { plainLayout, yamlLayout } from './browser/yolo-layout.js';
import { putFile } from './fixtures/dataset-folder.js';
import { convertDataset } from './node/convert.js';
import { openDataset } from './node/dataset.js';
import { encodeImage } from './node/image-file.js';

const SIZE = { width: 100, height: 50 };
const DOG = '1 0.5 0.5 0.2 0.4\n';
const CAT = '0 0.25 0.5 0.1 0.2\n';
const BOXES = { a: [1, 0.5, 0.5, 0.2, 0.4], b: [0, 0.25, 0.5, 0.1, 0.2] };

type Files = Readonly<Record<string, string>>;

/** A COCO file. @param a @param b how it names the pictures */
function coco(a: string, b: string, more: object = {}): string {
  const image = (id: number, file_name: string) => ({ id, file_name, ...SIZE });
  const box = (image_id: number, category_id: number, bbox: readonly number[]) => ({
    ...{ id: image_id, image_id, category_id, bbox, area: 1, iscrowd: 0, segmentation: [] },
    attributes: { occluded: false },
  });
  return JSON.stringify({
    images: [image(1, a), image(2, b)],
    annotations: [box(1, 2, [40, 15, 20, 20]), box(2, 1, [20, 20, 10, 10])],
    categories: [
      { id: 1, name: 'cat', supercategory: '' },
      { id: 2, name: 'dog', supercategory: '' },
    ],
    ...more,
  });
}

/** A VOC annotation whose box is given by its corners, counted from 1. */
const voc = (filename: string, name: string, [x1, y1, x2, y2]: readonly number[], more = '') =>
  `<annotation><folder></folder><filename>${filename}</filename><size><width>100</width><height>50</height><depth>3</depth></size>` +
  `<object><name>${name}</name><occluded>0</occluded><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox>${more}</object></annotation>`;
const VOC_A = (filename: string, more = '') => voc(filename, 'dog', [41, 16, 61, 36], more);
const VOC_B = (filename: string, more = '') => voc(filename, 'cat', [21, 21, 31, 31], more);

const ATTRIBUTES = '<attributes><attribute><name>color</name><value>red</value></attribute></attributes>';
const TASK = '3f8a1b2c-';

const EXPORTS: readonly (readonly [string, Files])[] = [
  [
    'CVAT, YOLO 1.1',
    {
      'obj.data': 'classes = 2\ntrain = data/train.txt\nnames = data/obj.names\nbackup = backup/\n',
      'obj.names': 'cat\ndog\n',
      'train.txt': 'data/obj_train_data/a.png\n',
      'valid.txt': 'data/obj_valid_data/b.png\n',
      'obj_train_data/a.png': '',
      'obj_train_data/a.txt': DOG,
      'obj_valid_data/b.png': '',
      'obj_valid_data/b.txt': CAT,
    },
  ],
  [
    'CVAT, COCO 1.0',
    {
      'annotations/instances_default.json': coco('a.png', 'b.png', { licenses: [], info: {} }),
      'images/default/a.png': '',
      'images/default/b.png': '',
    },
  ],
  [
    'CVAT, Pascal VOC 1.1',
    {
      'Annotations/a.xml': VOC_A('a.png', ATTRIBUTES),
      'Annotations/b.xml': VOC_B('b.png', ATTRIBUTES),
      'ImageSets/Main/default.txt': 'a\nb\n',
      'JPEGImages/a.png': '',
      'JPEGImages/b.png': '',
      'labelmap.txt': '# label:color_rgb:parts:actions\ncat:1,2,3::\ndog:4,5,6::\n',
    },
  ],
  [
    'Label Studio, YOLO',
    {
      'classes.txt': 'cat\ndog\n',
      'notes.json': '{"categories": [{"id": 0, "name": "cat"}], "info": {"year": 2026}}',
      [`images/${TASK}a.png`]: '',
      'images/9c8b7a6d-b.png': '',
      [`labels/${TASK}a.txt`]: DOG,
      'labels/9c8b7a6d-b.txt': CAT,
    },
  ],
  [
    'Label Studio, YOLO, with the pictures as they were before the upload',
    {
      'notes.json': '{"categories": [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}]}',
      'photos/a.png': '',
      'photos/b.png': '',
      [`labels/${TASK}a.txt`]: DOG,
      'labels/9c8b7a6d-b.txt': CAT,
    },
  ],
  [
    'Label Studio, COCO',
    {
      'result.json': coco(`images\\${TASK}a.png`, 'images/9c8b7a6d-b.png'),
      [`images/${TASK}a.png`]: '',
      'images/9c8b7a6d-b.png': '',
    },
  ],
  [
    'Label Studio, COCO, with the pictures as they were before the upload',
    {
      'result.json': coco(
        `../../label-studio/data/media/upload/1/${TASK}a.png`,
        'https://labels.example/data/upload/1/9c8b7a6d-b.png?token=1',
      ),
      'photos/a.png': '',
      'photos/b.png': '',
    },
  ],
  [
    'Label Studio, Pascal VOC, with the pictures as they were before the upload',
    {
      [`Annotations/${TASK}a.xml`]: VOC_A(`${TASK}a`),
      'Annotations/9c8b7a6d-b.xml': VOC_B('9c8b7a6d-b.png'),
      'images/a.png': '',
      'images/b.png': '',
    },
  ],
  [
    'Roboflow, COCO',
    {
      'README.roboflow.txt': 'exported\n',
      'train/_annotations.coco.json': coco('a_png.rf.12ab.png', 'b_png.rf.34cd.png'),
      'train/a_png.rf.12ab.png': '',
      'train/b_png.rf.34cd.png': '',
    },
  ],
  [
    'Roboflow, Pascal VOC',
    {
      'README.dataset.txt': 'exported\n',
      'train/a_png.rf.12ab.png': '',
      'train/a_png.rf.12ab.xml': VOC_A('a_png.rf.12ab.png'),
      'valid/b_png.rf.34cd.png': '',
      'valid/b_png.rf.34cd.xml': VOC_B('b_png.rf.34cd.png'),
    },
  ],
  [
    'Roboflow, YOLO Darknet',
    {
      'README.roboflow.txt': 'exported\n',
      'train/_darknet.labels': 'cat\ndog\n',
      'train/a_png.rf.12ab.png': '',
      'train/a_png.rf.12ab.txt': DOG,
      'valid/_darknet.labels': 'cat\ndog\n',
      'valid/b_png.rf.34cd.png': '',
      'valid/b_png.rf.34cd.txt': CAT,
    },
  ],
  [
    'makesense, YOLO: labels alone',
    { 'a.txt': DOG, 'b.txt': CAT, 'labels.txt': 'cat\ndog\n', 'photos/a.png': '', 'photos/b.png': '' },
  ],
  [
    'makesense, Pascal VOC: annotations alone',
    { 'a.xml': VOC_A('a.png'), 'b.xml': VOC_B('b.png'), 'photos/a.png': '', 'photos/b.png': '' },
  ],
  [
    'makesense, COCO',
    {
      'labels_my-project-name_2026-01-02-03-04-05.json': coco('a.png', 'b.png', {
        info: { description: 'my-project-name' },
      }),
      'photos/a.png': '',
      'photos/b.png': '',
    },
  ],
];

const WITH_YAML: readonly (readonly [string, Files])[] = [
  [
    'Roboflow, YOLO',
    {
      'data.yaml': "train: ../train/images\nval: ../valid/images\nnc: 2\nnames: ['cat', 'dog']\n",
      'train/images/a_png.rf.12ab.png': '',
      'train/labels/a_png.rf.12ab.txt': DOG,
      'valid/images/b_png.rf.34cd.png': '',
      'valid/labels/b_png.rf.34cd.txt': CAT,
    },
  ],
  [
    'CVAT, Ultralytics YOLO',
    {
      'data.yaml': 'path: .\ntrain: train.txt\nval: validation.txt\nnames:\n  0: cat\n  1: dog\n',
      'train.txt': 'data/images/train/a.png\n',
      'validation.txt': 'data/images/validation/b.png\n',
      'images/train/a.png': '',
      'labels/train/a.txt': DOG,
      'images/validation/b.png': '',
      'labels/validation/b.txt': CAT,
    },
  ],
];

/** The files in a new folder, pictures drawn. */
async function folderOf(files: Files): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'froyolo-export-'));
  const picture = await encodeImage({ ...SIZE, data: new Uint8Array(3 * 100 * 50) }, 'png');
  for (const [path, text] of Object.entries(files))
    await putFile(join(root, path), path.endsWith('.png') ? picture : text);
  return root;
}

const indexOf = (files: Files) =>
  new FileIndex(Object.entries(files).map(([path, text]) => ({ path, blob: new Blob([text]) })));

/** The picture that a path is of: tools put something before or behind its name. */
const pictureOf = (path: string) => (/(?:^|[/-])([ab])[._]/.exec(path)?.[1] === 'a' ? 'a' : 'b');
const numbersIn = (row: string) => row.trim().split(' ').map(Number);
const rounded = (values: Iterable<number>) => [...values].map((value) => +value.toFixed(5));

test.each(EXPORTS)('converted: %s', async (_, files) => {
  const source = await folderOf(files);
  const out = join(source, 'out');
  const { names, warnings, leftOut } = await convertDataset({ source, out });
  expect({ names, warnings, leftOut }).toEqual({ names: ['cat', 'dog'], warnings: [], leftOut: [] });
  const found: Record<string, number[]> = {};
  const written = await readdir(join(out, 'labels'), { recursive: true });
  for (const file of written.filter((name) => name.endsWith('.txt')))
    found[pictureOf(file)] = numbersIn(await readFile(join(out, 'labels', file), 'utf8'));
  expect(found).toEqual(BOXES);
});

test.each(EXPORTS)('opened in a page: %s', async (_, files) => {
  const index = indexOf(files);
  const layout = (await annotatedLayout(index)) ?? (await plainLayout(index));
  expect({ names: layout?.names, warnings: layout?.warnings ?? [] }).toEqual({
    names: ['cat', 'dog'],
    warnings: [],
  });
  const found: Record<string, number[]> = {};
  for (const path of new Set([...(layout?.train ?? []), ...(layout?.val ?? [])]))
    found[pictureOf(path)] = rounded((await layout?.labelsOf(path, SIZE))?.labels ?? []);
  expect(found).toEqual(BOXES);
});

test.each(WITH_YAML)('a dataset YAML: %s', async (_, files) => {
  const root = await folderOf(files);
  const index = indexOf(files);
  const layout = await yamlLayout(index, 'data.yaml');
  for (const [split, name] of [
    ['train', 'a'],
    ['val', 'b'],
  ] as const) {
    const { images, names } = await openDataset(join(root, 'data.yaml'), split, { cacheLabels: false });
    expect(names).toEqual(['cat', 'dog']);
    expect(images.map(({ path, labels }) => [pictureOf(path), rounded(labels)])).toEqual([
      [name, BOXES[name]],
    ]);
    const [path = ''] = layout[split];
    expect(rounded((await layout.labelsOf(path, SIZE)).labels)).toEqual(BOXES[name]);
  }
  const converted = convertDataset({ source: root, out: join(root, 'out') });
  await expect(converted).rejects.toThrow("is a dataset in YOLO's layout already");
});

test('labels alone as a zip, the pictures in a folder: other classes are left out, polygons stay', async () => {
  const { zipSync, strToU8 } = await import('fflate');
  const root = await folderOf({ 'photos/a.png': '', 'photos/b.png': '' });
  const polygon = '0.1 0.1 0.2 0.1 0.2 0.3';
  const zip = join(root, 'labels.zip');
  await putFile(
    zip,
    zipSync({
      'a.txt': strToU8(`1 ${polygon}\n${DOG}${DOG}`),
      'b.txt': strToU8(CAT),
      'classes.txt': strToU8('cat\ndog'),
    }),
  );
  const out = join(root, 'out');
  const asked = { source: zip, images: join(root, 'photos'), out, classes: ['dog'] };
  const { warnings, leftOut, splits } = await convertDataset(asked);
  expect(await readFile(join(out, 'labels/train/a.txt'), 'utf8')).toBe(`0 ${polygon}\n0${DOG.slice(1)}`);
  expect(leftOut).toEqual(['1 object of a class that is not asked for']);
  expect(warnings).toEqual([
    `${join(zip, 'a.txt')}:3: is a repeated row: removed`,
    `${join(zip, 'b.txt')}:1: class "cat" is not in the list; left out`,
  ]);
  expect(splits.train).toEqual({ images: 2, objects: 2 });
});

test('a label file that is wrong costs its picture, with file and line', async () => {
  const source = await folderOf({ 'a.png': '', 'a.txt': `${DOG}1 2 3\n`, 'b.png': '', 'b.txt': CAT });
  const { warnings, leftOut } = await convertDataset({ source, out: join(source, 'out') });
  expect(leftOut).toEqual(["1 annotation file that can't be read"]);
  expect(warnings).toEqual([expect.stringContaining(`${join(source, 'a.txt')}:2: 3 columns`)]);
});
