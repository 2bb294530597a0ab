import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openDataset } from '@froyolo/data/node';
import { DEMO_CLASSES } from '@froyolo/shapes';
import { generateShapes } from '@froyolo/shapes/node';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { packDataset } from './dataset.js';
import { unpack } from './unpack.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'froyolo-pack-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const shapes = (name: string) =>
  generateShapes({ out: join(folder, name), classes: DEMO_CLASSES, train: 5, val: 2, imgsz: 64 });

test('what is unpacked is the same dataset: images in their order, labels, names', async () => {
  const yaml = await shapes('a');
  const archive = await packDataset(yaml);
  await unpack(archive.open(), join(folder, 'b'));
  for (const split of ['train', 'val'] as const) {
    const [before, after] = [
      await openDataset(yaml, split),
      await openDataset(join(folder, 'b/data.yaml'), split),
    ];
    expect(after.names).toEqual(before.names);
    expect(after.images.map(({ labels, width }) => [labels, width])).toEqual(
      before.images.map(({ labels, width }) => [labels, width]),
    );
    const bytes = (paths: readonly { readonly path: string }[]) =>
      paths.map(({ path }) => readFileSync(path));
    expect(bytes(after.images)).toEqual(bytes(before.images));
  }
});

test('a dataset has one name, wherever it lies and whenever it was written; a changed label is another', async () => {
  const first = await packDataset(await shapes('a'));
  cpSync(join(folder, 'a'), join(folder, 'c'), { recursive: true });
  const yaml = join(folder, 'c/data.yaml');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace(/^path: .*$/m, 'path: .'));
  utimesSync(join(folder, 'c/images/train/train-00000.jpg'), 1, 1);
  const moved = await packDataset(join(folder, 'c/data.yaml'));
  expect([moved.sha256, moved.bytes]).toEqual([first.sha256, first.bytes]);
  writeFileSync(join(folder, 'c/labels/train/train-00000.txt'), '0 0.5 0.5 0.1 0.1\n');
  expect((await packDataset(join(folder, 'c/data.yaml'))).sha256).not.toBe(first.sha256);
});

test('a listed image that is missing is missing for a worker too', async () => {
  const yaml = await shapes('a');
  mkdirSync(join(folder, 'away'));
  writeFileSync(join(folder, 'a/list.txt'), './images/train/train-00000.jpg\n./images/train/none.jpg\n');
  writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('images/train', 'list.txt'));
  await unpack((await packDataset(yaml)).open(), join(folder, 'b'));
  const { images, warnings } = await openDataset(join(folder, 'b/data.yaml'), 'train');
  expect([images.length, warnings.length]).toEqual([1, 1]);
  renameSync(join(folder, 'b'), join(folder, 'away/b'));
});

const archiveOf = (...headers: Partial<Header>[]) => {
  const archive = pack();
  for (const header of headers)
    archive.entry({ name: 'x', ...header }, header.type === undefined ? 'text' : '');
  archive.finalize();
  return Readable.from(archive);
};

/** Where an archive's absolute path would land; of this process alone. */
const OUTSIDE = `froyolo-outside-${process.pid}.txt`;

test.each([
  ['a path upward', { name: '../outside.txt' }],
  ['a path upward within', { name: 'images/../../outside.txt' }],
  ['an absolute path', { name: join(tmpdir(), OUTSIDE) }],
  ['a drive', { name: 'C:/outside.txt' }],
  ['a backslash', { name: '..\\outside.txt' }],
  ['a hidden file', { name: 'images/.ssh' }],
  ['a link', { name: 'link', type: 'symlink' as const, linkname: '/etc/passwd' }],
  ['a hard link', { name: 'link', type: 'link' as const, linkname: '../x' }],
  ['a device', { name: 'null', type: 'character-device' as const }],
])('%s is refused', async (_, header) => {
  await expect(unpack(archiveOf({ name: 'good.txt' }, header), join(folder, 'b'))).rejects.toThrow(
    /the archive holds/,
  );
  expect([existsSync(join(folder, 'outside.txt')), existsSync(join(tmpdir(), OUTSIDE))]).toEqual([
    false,
    false,
  ]);
});

test('a file that comes twice, an archive that is cut', async () => {
  await expect(unpack(archiveOf({ name: 'a' }, { name: 'a' }), join(folder, 'b'))).rejects.toThrow(
    'it comes twice',
  );
  const whole: Uint8Array[] = [];
  for await (const chunk of archiveOf({ name: 'a' })) whole.push(chunk);
  const cut = Readable.from([Buffer.concat(whole).subarray(0, 514)]);
  await expect(unpack(cut, join(folder, 'c'))).rejects.toThrow('the archive is damaged');
});
