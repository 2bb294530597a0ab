import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parseDatasetYaml } from '../dataset-yaml.js';
import { KNOWN_DATASETS } from '../known-datasets.js';
import { fetchDataset } from './fetch-dataset.js';

const ADDRESS = 'https://example.org/cells.zip';
const roots: string[] = [];
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'froyolo-fetch-'));
  roots.push(root);
});
afterAll(() => Promise.all(roots.map((folder) => rm(folder, { recursive: true }))));

const put = async (path: string, text = '') => {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
};
const yaml = (path: string, download = ADDRESS) =>
  put('cells.yaml', `${path}train: images/train\nval: images/val\nnames: [cell]\ndownload: ${download}\n`);
const files = (folder: string): Zippable => ({
  [`${folder}images/train/a.png`]: strToU8('new'),
  [`${folder}images/val/b.png`]: strToU8('new'),
  [`${folder}labels/train/a.txt`]: strToU8('0 .5 .5 .1 .1'),
});

/** Fetches with a server that answers with a zip; returns how many times it was asked. */
async function fetched(content: Zippable | Response, file = 'cells.yaml') {
  let asked = 0;
  const notes: string[] = [];
  const seen: number[] = [];
  await fetchDataset(join(root, file), {
    fetch: async () => {
      asked++;
      return content instanceof Response ? content : new Response(Uint8Array.from(zipSync(content)));
    },
    onNote: (text) => notes.push(text),
    onProgress: (_, received) => seen.push(received),
  });
  return { asked, notes, received: seen.at(-1) };
}

test.each([
  ['a folder of the name of path', 'path: sets/cells\n', 'cells/', 'sets/cells'],
  ['its only folder', 'path: sets/mine\n', 'cells-main/', 'sets/mine'],
  ['the root, without a path', '', '', '.'],
])('an archive with the dataset in %s', async (_, path, inside, place) => {
  await yaml(path);
  const { asked, notes, received } = await fetched(files(inside));
  expect(asked).toBe(1);
  expect(received).toBeGreaterThan(100);
  expect(notes).toEqual([`The dataset is in ${join(root, place)}`]);
  expect(await readFile(join(root, place, 'labels/train/a.txt'), 'utf8')).toBe('0 .5 .5 .1 .1');
  expect((await readdir(root, { recursive: true })).filter((name) => name.includes('froyolo'))).toEqual([]);
  expect((await fetched({})).asked).toBe(0);
});

test('files that are there stay as they are', async () => {
  await yaml('path: cells\n');
  await put('cells/images/train/a.png', 'old');
  await fetched(files('cells/'));
  expect(await readFile(join(root, 'cells/images/train/a.png'), 'utf8')).toBe('old');
  expect(existsSync(join(root, 'cells/images/val/b.png'))).toBe(true);
});

test.each(['bash data/get.sh', 'import os', 'https://example.org/data.tar.gz', 'file:///etc/data.zip'])(
  'what is no address of a zip archive is left alone: %s',
  async (download) => {
    await yaml('path: cells\n', download);
    expect((await fetched(files('cells/'))).asked).toBe(0);
  },
);

test.each([
  ['the server refuses', () => new Response('', { status: 404 }), 'the server answers 404'],
  ['it is no archive', () => new Response('<html>'), "can't be read as a zip archive"],
  ['it holds something else', () => ({ 'other/x.txt': strToU8('') }), 'lacks images/train or images/val'],
])('where %s, nothing is left, and what to do is said', async (_, content, reason) => {
  await yaml('path: sets/cells\n');
  const failure = await fetched(content()).catch((error: unknown) => error);
  expect(String(failure)).toContain(`can't be fetched from ${ADDRESS}`);
  expect(String(failure)).toContain(reason);
  expect(String(failure)).toContain(`unpack that archive to ${join(root, 'sets/cells')}`);
  expect(await readdir(join(root, 'sets'))).toEqual([]);
});

test('a signal stops the download', async () => {
  await yaml('path: cells\n');
  const signal = AbortSignal.abort(new Error('enough'));
  const stopped = fetchDataset(join(root, 'cells.yaml'), {
    signal,
    fetch: () => Promise.reject(new Error('aborted')),
  });
  await expect(stopped).rejects.toThrow('enough');
});

test('coco128.yaml is known', () => {
  const text = KNOWN_DATASETS['coco128.yaml'] ?? '';
  const { names, path, download } = parseDatasetYaml(text, 'coco128.yaml');
  expect([names.length, names[11], names[79], path]).toEqual([
    80,
    'stop sign',
    'toothbrush',
    'datasets/coco128',
  ]);
  expect(download).toMatch(/^https:.*coco128\.zip$/);
});

test('a dataset that is known by name is written, and fetched', async () => {
  const { asked, notes } = await fetched(
    { 'coco128/images/train2017/a.jpg': strToU8(''), 'coco128/labels/train2017/a.txt': strToU8('') },
    'coco128.yaml',
  );
  expect(asked).toBe(1);
  expect(notes[0]).toContain('is written');
  expect(existsSync(join(root, 'datasets/coco128/labels/train2017/a.txt'))).toBe(true);
});
