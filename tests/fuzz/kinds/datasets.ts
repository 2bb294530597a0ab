import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesOfZip } from '@froyolo/data/browser';
import {
  checkDataset,
  convertDataset,
  encodeImage,
  loadDatasetConfig,
  openDataset,
} from '@froyolo/data/node';
import { zipSync } from 'fflate';
import { type FuzzKind, text } from '../kind.js';

const image = () => encodeImage({ width: 32, height: 32, data: new Uint8Array(3072).fill(99) }, 'jpg');

async function withImage(folder: string): Promise<void> {
  await writeFile(join(folder, '0.jpg'), await image());
}

const datasetYaml: FuzzKind = {
  name: 'dataset YAML',
  file: 'damaged.yaml',
  seeds: async () => [
    text('path: .\ntrain: 0.jpg\nval: [0.jpg]\nnames:\n  0: a\n  1: b\n'),
    text('train: [0.jpg, .]\nval: .\ntest:\nnc: 2\nnames: [a, "b c"]\ndownload: https://x.y/z.zip\n'),
  ],
  tokens: ['- ', ': ', '  ', '!!python/object', '&a [*a]', '? ', '|\n', '/dev/zero', 'é: &x'],
  async run(folder) {
    await withImage(folder);
    const yaml = join(folder, 'damaged.yaml');
    await loadDatasetConfig(yaml);
    for (const split of ['train', 'val'] as const) await openDataset(yaml, split, { cacheLabels: false });
  },
};

const labels: FuzzKind = {
  name: 'label file',
  file: '0.txt',
  seeds: async () => [
    text('0 0.5 0.5 0.2 0.3\n1 0.25 0.25 0.1 0.1\n'),
    text('0 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\r\n1 0.5 0.5 0.2 0.2\r\n'),
  ],
  async run(folder) {
    await withImage(folder);
    await writeFile(join(folder, 'data.yaml'), 'train: 0.jpg\nval: 0.jpg\nnames: [a, b]\n');
    await checkDataset(join(folder, 'data.yaml'));
    await openDataset(join(folder, 'data.yaml'), 'train', { cacheLabels: false });
  },
};

const voc: FuzzKind = {
  name: 'VOC XML',
  file: '0.xml',
  seeds: async () => [
    text(
      '<annotation><filename>0.jpg</filename><size><width>32</width><height>32</height></size><object><name>cat</name><difficult>0</difficult><bndbox><xmin>3</xmin><ymin>4</ymin><xmax>20</xmax><ymax>30</ymax></bndbox></object><object><name>a &amp; b &#29483;</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>',
    ),
  ],
  tokens: [
    '<a>',
    '</object>',
    '<object>',
    '&#x110000;',
    '<!DOCTYPE a [<!ENTITY b "c">]>',
    '&b;',
    '<![CDATA[',
    '<!--',
  ],
  async run(folder) {
    await withImage(folder);
    await convertDataset({ source: folder, out: join(folder, 'out') });
  },
};

const COCO = {
  images: [
    { id: 1, file_name: '0.jpg', width: 32, height: 32 },
    { id: 2, file_name: '1.jpg' },
  ],
  annotations: [
    {
      id: 1,
      image_id: 1,
      category_id: 3,
      bbox: [2, 3, 10, 12],
      iscrowd: 0,
      segmentation: [[1, 2, 3, 4, 5, 6]],
    },
    { id: 2, image_id: 1, category_id: 7, segmentation: { size: [32, 32], counts: [40, 3, 29, 3, 949] } },
  ],
  categories: [
    { id: 3, name: 'cat' },
    { id: 7, name: 'dog', supercategory: 'animal' },
  ],
};

const coco: FuzzKind = {
  name: 'COCO JSON',
  file: 'damaged.json',
  seeds: async () => [text(JSON.stringify(COCO)), text(JSON.stringify(COCO, undefined, 1))],
  tokens: ['{"a":1}', '[[[[', ',', ':', '"id"', 'Infinity', '"counts":"ab"'],
  async run(folder) {
    await withImage(folder);
    await convertDataset({ source: join(folder, 'damaged.json'), out: join(folder, 'out') });
  },
};

const zip: FuzzKind = {
  name: 'zip archive',
  file: 'damaged.zip',
  seeds: async () => [
    zipSync({
      'data.yaml': text('train: ../train/images\nval: ../train/images\nnames: [a]\n'),
      'train/images/0.jpg': await image(),
      'train/labels/0.txt': text('0 0.5 0.5 0.2 0.3\n'),
    }),
  ],
  async run(folder) {
    await checkDataset(join(folder, 'damaged.zip'));
  },
};

const zipInPage: FuzzKind = {
  ...zip,
  name: 'zip archive in the page',
  async run(_folder, bytes) {
    const files = await filesOfZip(new Blob([bytes.slice()]), 'damaged.zip');
    await Promise.all(files.map(({ blob }) => blob.text()));
  },
};

const list: FuzzKind = {
  name: 'list of images',
  file: 'damaged.txt',
  seeds: async () => [text('./0.jpg\n0.jpg\n# more\n'), text('\ufeff.\\0.jpg\r\n0.jpg\r\n')],
  async run(folder) {
    await withImage(folder);
    const config = { train: ['damaged.txt'], val: [], test: [], names: ['a'] };
    await openDataset(config, 'train', { root: folder, cacheLabels: false });
  },
};

const names: FuzzKind = {
  name: 'class names',
  file: 'damaged.yaml',
  seeds: async () => [text('train: 0.jpg\nval: 0.jpg\nnames: [a, "..", "a/b", "\\e[2J", 02146, 1.50, ~x]\n')],
  tokens: ['"', "'", ', ', 'null', '0x1F', '\u202e'],
  async run(folder) {
    await withImage(folder);
    await writeFile(join(folder, '0.txt'), '0 0.5 0.5 0.2 0.3\n');
    await checkDataset(join(folder, 'damaged.yaml'), { fix: join(folder, 'fixed') });
  },
};

export const datasetKinds: readonly FuzzKind[] = [
  datasetYaml,
  labels,
  list,
  voc,
  coco,
  zip,
  zipInPage,
  names,
];
