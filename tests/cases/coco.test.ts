/** COCO annotations as people's tools write them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataset } from '@froyolo/data/node';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { annotation, BOX, BOX_ROW, caseFolder, coco, linesIn, PICTURE, picture } from './case-folder.js';
import { convert, convertFile } from './convert-coco.js';

test('coco-size-mismatch: boxes are fractions of the size that the file states, and both sizes are said', async () => {
  const { result, labels } = await convertFile(
    coco({
      images: [{ id: 1, file_name: 'a.jpg', width: 640, height: 480 }],
      annotations: [annotation({ bbox: [160, 120, 150, 110] })],
    }),
  );
  expect(await labels()).toEqual(['0 0.367188 0.364583 0.234375 0.229167']);
  expect(result.warnings).toEqual([
    expect.stringMatching(/a\.jpg: the annotations state 640x480, the image has 320x240/),
  ]);
});

test('an image that was saved in another format later is found by its name, which is said; one that another entry names is not', async () => {
  const entry = (id: number, file_name: string) => ({ id, file_name, width: 320, height: 240 });
  const { result, labels } = await convertFile(
    coco({
      images: [entry(1, 'a.png'), entry(2, 'sub/b'), entry(3, 'c.bmp'), entry(4, 'c.jpg')],
      annotations: [1, 2, 3].map((image_id) => annotation({ id: image_id, image_id })),
    }),
    { 'a.jpg': PICTURE, 'sub/b.jpg': PICTURE, 'c.jpg': PICTURE },
  );
  expect([await labels(), await labels('b'), await labels('c')]).toEqual([
    [`0 ${BOX_ROW}`],
    [`0 ${BOX_ROW}`],
    [],
  ]);
  expect(result.warnings).toEqual([
    expect.stringMatching(/ann\.json: c\.bmp: there is no such image; left out$/),
    expect.stringMatching(/"file_name" has are used: a\.jpg for a\.png and 1 more$/),
  ]);
});

test.each([
  'https://example.org/img/a.jpg?size=1#x',
  '/data/local-files/?d=img%2Fa.jpg',
  '/data/upload/1/a.jpg',
])('an image that is named by an address is found: %s', async (name) => {
  for (const key of ['file_name', 'path']) {
    const images = [{ id: 1, [key]: name, width: 320, height: 240 }];
    const { labels } = await convertFile(coco({ images }));
    expect(await labels()).toEqual([`0 ${BOX_ROW}`]);
  }
});

test('a stated size that no box fits is not believed', async () => {
  const images = [{ id: 1, file_name: 'a.jpg', width: 100, height: 100 }];
  const { labels } = await convertFile(coco({ images }));
  expect(await labels()).toEqual([`0 ${BOX_ROW}`]);
});

test('a picture turned by its EXIF orientation: boxes of the stored pixels are turned with it', async () => {
  const turned = await sharp(await picture())
    .withMetadata({ orientation: 6 })
    .jpeg()
    .toBuffer();
  // Stored 320x240, shown 240x320 after a quarter turn clockwise: x' = 240 - y, y' = x.
  const { labels, result } = await convertFile(coco({}), { 'a.jpg': new Uint8Array(turned) });
  expect(await labels()).toEqual(['0 0.575000 0.425000 0.350000 0.350000']);
  expect(result.warnings).toEqual([expect.stringContaining('turned as its EXIF orientation says')]);
  const upright = await convertFile(
    coco({ images: [{ id: 1, file_name: 'a.jpg', width: 240, height: 320 }] }),
    { 'a.jpg': new Uint8Array(turned) },
  );
  expect(await upright.labels()).toEqual(['0 0.566667 0.318750 0.466667 0.262500']);
});

test('coco-categories-differ: classes are matched by name', async () => {
  const file = (names: string[], id: number, image: string) =>
    coco({
      images: [{ id: 1, file_name: image, width: 320, height: 240 }],
      categories: names.map((name, i) => ({ id: i, name })),
      annotations: [annotation({ category_id: id })],
    });
  const root = await caseFolder({
    'train/_annotations.coco.json': file(['A', 'B', 'C'], 1, 't.jpg'),
    'train/t.jpg': PICTURE,
    'valid/_annotations.coco.json': file(['A', 'C', 'B'], 2, 'v.jpg'),
    'valid/v.jpg': PICTURE,
  });
  const { names, warnings } = await convert(root);
  expect(names).toEqual(['A', 'B', 'C']);
  expect(await linesIn(root, 'out/labels/train/t.txt')).toEqual([`1 ${BOX_ROW}`]);
  expect(await linesIn(root, 'out/labels/val/v.txt')).toEqual([`1 ${BOX_ROW}`]);
  expect(warnings.join('\n')).toMatch(/category "B" has the id 2, in .* 1: matched by name/);
});

test('coco-iscrowd-masks: crowds are counted; nothing but crowds is an error that names the flag; CVAT layout is found', async () => {
  const crowd = annotation({ id: 2, iscrowd: 1, segmentation: { size: [240, 320], counts: [0, 9, 76791] } });
  const files = {
    'images/a.jpg': PICTURE,
    'annotations/instances_default.json': coco({ annotations: [annotation(), crowd] }),
  };
  const some = await caseFolder(files);
  const { warnings, leftOut, splits } = await convert(some);
  expect(warnings).toEqual(['1 object marked crowd left out']);
  expect(leftOut).toEqual(['1 object marked crowd']);
  expect(splits.train).toEqual({ images: 1, objects: 1 });
  const all = await caseFolder({
    ...files,
    'annotations/instances_default.json': coco({ annotations: [crowd] }),
  });
  await expect(convert(all)).rejects.toThrow(
    /no object can be used; left out: 1 object marked crowd .*--keep-crowds/,
  );
  await convert(all, all, { keepCrowds: true });
  expect(await linesIn(all, 'out/labels/train/a.txt')).toEqual([`0 ${BOX_ROW}`]);
});

const POLYGON = [[80, 60, 192, 60, 192, 144]];

test.each<[string, string, string[]]>([
  ['bbox-empty', coco({ annotations: [annotation(), annotation({ id: 2, bbox: [] })] }), ['bbox [] is not']],
  [
    'bbox-null',
    coco({ annotations: [annotation(), annotation({ id: 2, bbox: null })] }),
    ['bbox null is not'],
  ],
  ['iscrowd-null', coco({ annotations: [annotation({ iscrowd: null })] }), []],
  ['iscrowd-bool', coco({ annotations: [annotation({ iscrowd: false })] }), []],
  ['category-id-string', coco({ annotations: [annotation({ category_id: '1' })] }), []],
  [
    'category-id-string-both',
    coco({ annotations: [annotation({ category_id: '1' })], categories: [{ id: '1', name: 'cat' }] }),
    [],
  ],
  [
    'image-id-string',
    coco({ images: [{ id: 'x1', file_name: 'a.jpg' }], annotations: [annotation({ image_id: 'x1' })] }),
    [],
  ],
  ['bbox of texts', coco({ annotations: [annotation({ bbox: BOX.map(String) })] }), []],
  [
    'polygon-without-bbox',
    coco({ annotations: [{ image_id: 1, category_id: 1, segmentation: POLYGON }] }),
    [],
  ],
  ['bbox of zeros', coco({ annotations: [annotation({ bbox: [0, 0, 0, 0], segmentation: POLYGON })] }), []],
  [
    'polygon of pairs',
    coco({
      annotations: [
        {
          image_id: 1,
          category_id: 1,
          segmentation: [
            [
              [80, 60],
              [192, 60],
              [192, 144],
            ],
          ],
        },
      ],
    }),
    [],
  ],
  [
    'fractions',
    coco({ annotations: [annotation({ bbox: [0.25, 0.25, 0.35, 0.35] })] }),
    ['taken as fractions'],
  ],
  ['bom', `\ufeff${coco({})}`, []],
  ['NaN, as Python writes', coco({}).replace('"iscrowd":0', '"iscrowd":0,"area":NaN'), []],
  ['backslash', coco({ images: [{ id: 1, file_name: 'images\\a.jpg', width: 320, height: 240 }] }), []],
  ['a path of another machine', coco({ images: [{ id: 1, file_name: '/home/x/data/a.jpg' }] }), []],
  ['escaped spaces', coco({ images: [{ id: 1, file_name: '%61.jpg' }] }), []],
  [
    'one-image-missing',
    coco({
      images: [
        { id: 1, file_name: 'a.jpg' },
        { id: 2, file_name: 'b.jpg' },
      ],
    }),
    ['b.jpg: there is no such image; left out'],
  ],
  [
    'orphan',
    coco({ annotations: [annotation(), annotation({ image_id: 99 })] }),
    ['its image 99 is not listed'],
  ],
  [
    'unknown category',
    coco({ annotations: [annotation(), annotation({ category_id: 5 })] }),
    ['its category 5 is not listed'],
  ],
  [
    'a path that leaves the folder',
    coco({
      images: [
        { id: 1, file_name: 'a.jpg' },
        { id: 2, file_name: '../../../etc/passwd' },
      ],
    }),
    ['there is no such image'],
  ],
  ['negative width', coco({ annotations: [annotation({ bbox: [192, 60, -112, 84] })] }), ['exchanged']],
])('coco-strict, %s: one odd entry never refuses the rest', async (_, text, warnings) => {
  const { result, labels } = await convertFile(text);
  expect(result.warnings).toEqual(warnings.map((part) => expect.stringContaining(part)));
  expect(await labels()).toEqual([`0 ${BOX_ROW}`]);
});

test('category-name-number: names are texts', async () => {
  const { result } = await convertFile(coco({ categories: [{ id: 1, name: 7 }] }));
  expect(result.names).toEqual(['7']);
  expect((await openDataset(result.dataYaml, 'train')).names).toEqual(['7']);
});

test('accents: names that a Mac takes apart are those of the annotations', async () => {
  const [apart, whole] = ['cafe\u0301', 'caf\u00e9'];
  const { labels } = await convertFile(coco({ images: [{ id: 1, file_name: `${whole}.jpg` }] }), {
    [`${apart}.jpg`]: PICTURE,
  });
  expect(await labels(apart)).toEqual([`0 ${BOX_ROW}`]);
});

test('same-name-in-subfolders: images get names of their own', async () => {
  const images = ['cam1', 'cam2'].map((folder, i) => ({
    id: i + 1,
    file_name: `${folder}/0001.jpg`,
    width: 320,
    height: 240,
  }));
  const { root, labels } = await convertFile(coco({ images }), {
    'cam1/0001.jpg': PICTURE,
    'cam2/0001.jpg': PICTURE,
  });
  expect(await readdir(join(root, 'out/images/train'))).toEqual(['cam1_0001.jpg', 'cam2_0001.jpg']);
  expect(await labels('cam1_0001')).toEqual([`0 ${BOX_ROW}`]);
  expect(await labels('cam2_0001')).toEqual([]);
});

test('an image in another folder of the same kind is not taken for a missing one', async () => {
  const images = [
    { id: 1, file_name: 'cam1/0001.jpg' },
    { id: 2, file_name: 'a.jpg' },
  ];
  const { result } = await convertFile(coco({ images, annotations: [annotation({ image_id: 2 })] }), {
    'cam2/0001.jpg': PICTURE,
    'a.jpg': PICTURE,
  });
  expect(result.warnings.join('\n')).toContain('cam1/0001.jpg: there is no such image');
});

test('boxes that are two corners are named', async () => {
  const { result } = await convertFile(
    coco({
      annotations: [annotation({ bbox: [200, 100, 310, 230] }), annotation({ bbox: [80, 60, 319, 239] })],
    }),
  );
  expect(result.warnings.join('\n')).toMatch(/ann\.json: 2 boxes leave .* fit as \[x1, y1, x2, y2\]/);
});

test('classes that differ in spelling alone, or are asked for and not there, are said; one that is named twice is an error', async () => {
  const categories = ['cat', 'Cat ', 'dog'].map((name, i) => ({ id: i + 1, name }));
  const annotations = [1, 2].map((category_id) => annotation({ category_id }));
  const { result, root } = await convertFile(coco({ categories, annotations }));
  expect(result.warnings).toEqual([
    expect.stringContaining('the classes "cat" and "Cat" differ in capitals'),
  ]);
  const asked = await convert(root, join(root, 'ann.json'), { existOk: true, classes: ['cat', 'dog'] });
  expect(asked.warnings.join('\n')).toContain('no object is of the class "dog"');
  await expect(
    convert(root, join(root, 'ann.json'), { existOk: true, classes: ['cat', 'cat'] }),
  ).rejects.toThrow('named twice');
});

test('duplicate-image-id: objects are given to neither of two images', async () => {
  const twice = [
    { id: 1, file_name: 'a.jpg' },
    { id: 1, file_name: 'images/a2.jpg' },
    { id: 2, file_name: 'b.jpg' },
  ];
  const { result } = await convertFile(
    coco({ images: twice, annotations: [annotation(), annotation({ image_id: 2 })] }),
    {
      'a.jpg': PICTURE,
      'b.jpg': PICTURE,
      'images/a2.jpg': PICTURE,
    },
  );
  expect(result.splits.train).toEqual({ images: 1, objects: 1 });
  expect(result.leftOut).toContain('2 images that are described twice');
});
