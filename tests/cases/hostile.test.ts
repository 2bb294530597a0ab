/** Small files made to hang, overflow or fill the memory: errors with the file's name, at once. */
import { join } from 'node:path';
import { ConfigError, DataError, parseHyp } from '@froyolo/data';
import { convertDataset, loadDatasetConfig } from '@froyolo/data/node';
import { expect, test } from 'vitest';
import { annotation, caseFolder, coco, PICTURE, voc, vocObject } from './case-folder.js';

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${'abcdefgh'[i]}`).join(',')}]`),
].join('\n');

test.each([
  ['lists in lists on a line', '- '.repeat(50_000)],
  ['lists in lists by indentation', Array.from({ length: 5000 }, (_, i) => `${' '.repeat(i)}-`).join('\n')],
  ['maps in maps', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['brackets', '['.repeat(50_000)],
  ['braces over lines', '{a:\n'.repeat(20_000)],
  ['explicit keys', '? '.repeat(50_000)],
  ['aliases that unfold', bomb],
  ['very many aliases', `x: &x images\ntrain: [${'*x,'.repeat(120)}]\nnames: [a]`],
  ['a list that contains itself', 'train: &a [*a]\nnames: [a]'],
  ['an alias of nothing', 'train: *x\nnames: [a]'],
  ['two megabytes', `train: ${'x'.repeat(2 ** 21)}`],
])('YAML with %s', async (_, yaml) => {
  const root = await caseFolder({ 'data.yaml': yaml });
  const file = join(root, 'data.yaml');
  await expect(loadDatasetConfig(file)).rejects.toThrow(ConfigError);
  await expect(loadDatasetConfig(file)).rejects.toThrow(file);
  expect(() => parseHyp(yaml, 'hyp.yaml')).toThrow(ConfigError);
});

test.each([
  ['deep XML', 'a.xml', `<annotation>${'<a>'.repeat(100_000)}`],
  ['deep JSON', 'a.json', `{"images":${'['.repeat(100_000)}`],
  [
    'deep fields',
    'a.json',
    coco({ annotations: [annotation({ bbox: 1 })] }).replace(
      '"bbox":1',
      `"bbox":${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    ),
  ],
  ['a name with a zero byte', 'a.json', coco({ images: [{ id: 1, file_name: 'a\0b.jpg' }] })],
  ['an address for a name', 'a.json', coco({ images: [{ id: 1, file_name: 'http://127.0.0.1/x.jpg' }] })],
  ['a device for a name', 'a.json', coco({ images: [{ id: 1, file_name: '../../../../dev/zero' }] })],
  ['no images', 'a.json', coco({ images: [] })],
])('annotations with %s', async (_, name, text) => {
  const root = await caseFolder({ [name]: text, 'a.jpg': PICTURE });
  const convert = () =>
    convertDataset({ source: name.endsWith('json') ? join(root, name) : root, out: join(root, 'out') });
  await expect(convert()).rejects.toThrow(DataError);
  await expect(convert()).rejects.toThrow(name);
});

test.each([['..'], ['.'], ['a/b'], ['\u001b]0;owned\u0007'], ['__proto__'], ['constructor']])(
  'a class called %j is written and read back as it is',
  async (name) => {
    const objects = voc(vocObject(name.replaceAll('\u001b', 'E').replaceAll('\u0007', 'B')));
    const root = await caseFolder({ 'a.xml': objects, 'a.jpg': PICTURE });
    const { dataYaml, names } = await convertDataset({ source: root, out: join(root, 'out') });
    expect((await loadDatasetConfig(dataYaml)).names).toEqual(names);
  },
);
