/** Pascal VOC annotations as people's tools write them. */
import { lstat, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { convertDataset, openDataset } from '@froyolo/data/node';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { BOX_ROW, caseFolder, linesIn, PICTURE, picture, voc, vocObject } from './case-folder.js';

async function convert(root: string, options: object = {}) {
  const result = await convertDataset({ source: root, out: join(root, 'out'), ...options });
  return { ...result, labels: (name = 'a') => linesIn(root, 'out/labels/train', `${name}.txt`) };
}

const one = (xml: string | Uint8Array) =>
  caseFolder({ 'Annotations/a.xml': xml, 'JPEGImages/a.jpg': PICTURE });

test('voc-charref: character references are decoded, also in the dataset YAML that is written', async () => {
  const root = await one(
    voc(vocObject('&#29483;'), vocObject('caf&#xE9;'), vocObject('a &amp; b &lt;c&gt;')),
  );
  const { names, dataYaml } = await convert(root);
  expect(names).toEqual(['a & b <c>', 'café', '猫']);
  expect((await openDataset(dataYaml, 'train')).names).toEqual(names);
});

test('what an object has in place of a box is said; so is an entity that a name keeps', async () => {
  const box = '<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>';
  const object = (inner: string) => `<object><name>cat</name>${inner}</object>`;
  const root = await one(
    voc(vocObject('&who;'), object(box + box), object('<robndbox><cx>5</cx></robndbox>'), object('')),
  );
  const { names, warnings } = await convert(root);
  expect(names).toEqual(['&who;']);
  expect(warnings).toEqual([
    expect.stringMatching(/object 1: its <name> holds &who;, which XML doesn't know: it stays as it is$/),
    expect.stringMatching(/object 2: cat: it has 2 <bndbox> elements; left out$/),
    expect.stringMatching(/object 3: cat: its box is rotated \(<robndbox>\); left out$/),
    expect.stringMatching(/object 4: cat: its <bndbox> is missing; left out$/),
  ]);
});

test.each<[string, string[]]>([
  ['img 1\n', ['img 1']],
  ['img 1 1\r\n', ['img 1']],
  ['img 1.jpg\n', ['img 1']],
])(
  'spaces: a line that is the name of an image is that image, then may come a column: %j',
  async (list, found) => {
    const root = await caseFolder({
      'ImageSets/Main/train.txt': list,
      'Annotations/img 1.xml': voc(vocObject('cat')),
      'JPEGImages/img 1.jpg': PICTURE,
    });
    const { labels, warnings } = await convert(root);
    expect(warnings).toEqual([]);
    for (const name of found) expect(await labels(name)).toEqual([`0 ${BOX_ROW}`]);
  },
);

test('accents: names that a Mac takes apart are those of annotations, lists and labels', async () => {
  const [apart, whole] = ['cafe\u0301', 'caf\u00e9'];
  const root = await caseFolder({
    'ImageSets/Main/train.txt': `${whole}\n`,
    [`Annotations/${whole}.xml`]: voc(vocObject('cat')),
    [`JPEGImages/${apart}.jpg`]: PICTURE,
    [`yolo/images/${apart}.jpg`]: PICTURE,
    [`yolo/labels/${whole}.txt`]: `0 ${BOX_ROW}\n`,
    'yolo/data.yaml': 'path: .\ntrain: images\nnames: [cat]\n',
  });
  const { counts } = await openDataset(join(root, 'yolo/data.yaml'), 'train');
  expect(counts.missing).toBe(0);
  await rm(join(root, 'yolo'), { recursive: true });
  expect(await (await convert(root)).labels(apart)).toEqual([`0 ${BOX_ROW}`]);
});

test('orphan: hidden files are ignored, an XML file without a picture is left out, so is a listed name', async () => {
  const root = await caseFolder({
    'Annotations/._a.xml': '\0\0\0\0',
    'Annotations/a.xml': voc(vocObject('cat')),
    'Annotations/b.xml': voc(vocObject('cat')).replace('a.jpg', 'b.jpg'),
    'JPEGImages/a.jpg': PICTURE,
    'JPEGImages/c.jpg': PICTURE,
  });
  const { warnings, leftOut } = await convert(root);
  expect(leftOut).toEqual(['1 image that is not there', '1 image without an annotation']);
  expect(warnings.join('\n')).toContain('b.xml: there is no image called b; left out');
});

test.each([
  ['beside the images', 'a.xml', 'a.jpg'],
  ['in folders of other names', 'annotations/a.xml', 'images/a.jpg'],
  ['under a folder for all', 'data/xmls/a.xml', 'data/img/a.jpg'],
  ['with the extension in capitals', 'Annotations/a.XML', 'JPEGImages/a.JPG'],
  ['named by the file alone', 'Annotations/0001.xml', 'JPEGImages/a.jpg'],
])('flat: annotations are found %s', async (_, xml, image) => {
  const root = await caseFolder({ [xml]: voc(vocObject('cat')), [image]: PICTURE });
  expect(await (await convert(root)).labels()).toEqual([`0 ${BOX_ROW}`]);
});

test('the splits of a Roboflow export are its folders, also where names are shared', async () => {
  const folders = ['train', 'valid', 'test'];
  const files = folders.flatMap((folder) => [
    [`${folder}/a.xml`, voc(vocObject(folder))] as const,
    [`${folder}/a.jpg`, PICTURE] as const,
  ]);
  const root = await caseFolder(Object.fromEntries(files));
  expect((await convert(root)).splits).toEqual({
    train: { images: 1, objects: 1 },
    val: { images: 1, objects: 1 },
    test: { images: 1, objects: 1 },
  });
  expect(await linesIn(root, 'out/labels/val/a.txt')).toEqual([`2 ${BOX_ROW}`]);
});

test.each<[string, string, string]>([
  [
    'polygon',
    '<object><name>cat</name><polygon><x1>1</x1></polygon></object>',
    'cat: its <bndbox> is missing',
  ],
  ['empty-xmin', vocObject('cat', ['', '', 193, 145]), 'lacks a number for one of xmin'],
  ['words for numbers', vocObject('cat', ['left', 1, 193, 145]), 'lacks a number'],
  ['elements in a name', '<object><name>a<b>c</b></name></object>', 'its <name> holds no plain text'],
  ['no name', vocObject(' '), 'its <name> is empty'],
  ['an empty box', vocObject('cat', [50, 50, 50, 60]), 'is empty'],
  ['two boxes', '<object><name>cat</name><bndbox/><bndbox/></object>', 'it has 2 <bndbox> elements'],
])('%s: one odd object is left out with a warning', async (_, odd, warning) => {
  const { warnings, labels } = await convert(await one(voc(odd, vocObject('cat'))));
  expect(warnings).toEqual([expect.stringMatching(new RegExp(`${warning}.*left out`))]);
  expect(await labels()).toEqual([`0 ${BOX_ROW}`]);
});

test('names in the encoding that the file declares; those of another one are left out, not garbled', async () => {
  const xml = (declaration: string) =>
    Buffer.from(`${declaration}${voc(vocObject('caf\xe9'), vocObject('cat'))}`, 'latin1');
  const declared = await one(xml('<?xml version="1.0" encoding="ISO-8859-1"?>'));
  expect((await convert(declared)).names).toEqual(['café', 'cat']);
  const { names, warnings } = await convert(await one(xml('')));
  expect([names, warnings]).toEqual([['cat'], [expect.stringContaining('save it as UTF-8')]]);
});

test('an XML file that is cut is left out in words', async () => {
  const root = await caseFolder({
    'a.xml': voc(vocObject('cat')).slice(0, -60),
    'b.xml': voc(vocObject('dog')).replace('a.jpg', 'b.jpg'),
    'a.jpg': PICTURE,
    'b.jpg': PICTURE,
  });
  const { warnings } = await convert(root);
  expect(warnings.join('\n')).toMatch(
    /a\.xml: can't be read as XML: it ends in the middle of its elements; left/,
  );
});

test('swapped: a minimum above its maximum is put in order and said', async () => {
  const { warnings, labels } = await convert(await one(voc(vocObject('cat', [193, 145, 81, 61]))));
  expect(warnings).toEqual([expect.stringContaining('exchanged')]);
  expect(await labels()).toEqual([`0 ${BOX_ROW}`]);
});

test('classes: the list sets the order; others are left out; nothing left is an error', async () => {
  const root = await one(voc(vocObject('cat'), vocObject('dog')));
  const { names, labels } = await convert(root, { classes: ['dog', 'cat'] });
  expect(names).toEqual(['dog', 'cat']);
  expect(await labels()).toEqual([`1 ${BOX_ROW}`, `0 ${BOX_ROW}`]);
  await expect(convert(root, { classes: ['bird'], existOk: true })).rejects.toThrow(
    'no object is of the classes bird; there are cat, dog',
  );
});

test('symlinked images are copied or linked as the files they lead to', async () => {
  const root = await one(voc(vocObject('cat')));
  await symlink('a.jpg', join(root, 'JPEGImages/b.jpg'));
  const linked = await caseFolder({ 'Annotations/b.xml': voc(vocObject('cat')) });
  await symlink(join(root, 'JPEGImages'), join(linked, 'JPEGImages'));
  await convert(linked);
  const [name] = await readdir(join(linked, 'out/images/train'));
  expect((await lstat(join(linked, 'out/images/train', name ?? ''))).isFile()).toBe(true);
});

test('a damaged picture or XML file is left out; so is a picture that was turned since', async () => {
  const whole = await picture();
  const tall = await picture(240, 320);
  const root = await caseFolder({
    'a.xml': voc(vocObject('cat')),
    'a.jpg': PICTURE,
    'b.xml': voc(vocObject('cat')).replace('a.jpg', 'b.jpg'),
    'b.jpg': whole.subarray(0, whole.length / 2),
    'c.xml': '<annotation><object>',
    'c.jpg': PICTURE,
    'd.xml': voc(vocObject('cat', [1, 1, 310, 60])).replace('a.jpg', 'd.jpg'),
    'd.jpg': tall,
  });
  const { leftOut, splits } = await convert(root);
  expect(leftOut).toEqual([
    "1 annotation file that can't be read",
    '1 image without an annotation',
    "2 images that can't be used",
  ]);
  expect(splits.train).toEqual({ images: 1, objects: 1 });
});

test('a zip archive is read as a folder is', async () => {
  const image = await picture();
  const zip = zipSync({ 'voc/a.jpg': image, 'voc/a.xml': new TextEncoder().encode(voc(vocObject('cat'))) });
  const root = await caseFolder({ 'data.zip': zip });
  const result = await convertDataset({ source: join(root, 'data.zip'), out: join(root, 'out') });
  expect(result.splits.train).toEqual({ images: 1, objects: 1 });
  expect(await linesIn(root, 'out/labels/train/a.txt')).toEqual([`0 ${BOX_ROW}`]);
});

test('entities that a document defines are not unfolded', async () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>${voc(vocObject('&b;'))}`;
  expect((await convert(await one(bomb))).names).toEqual(['&b;']);
});
